/* param: reads the fields of a request's form and query. See console.h. */
#include "cgi/console/console.h"

#include <string.h>

#include "model/text.h"

/* Returns valid UTF-8 without a NUL, with line breaks as LF, and "" for anything else. */
static const char *
text_of(struct console *c, const struct pair *p)
{
	char *copy, *w;

	if (p == NULL || memchr(p->value, '\0', p->len) != NULL || !text_valid(p->value, p->len) ||
	    (copy = w = arena_memdup(c->arena, p->value, p->len)) == NULL)
		return "";
	for (const char *r = p->value; *r != '\0'; r++)
		if (r[0] != '\r')
			*w++ = *r;
		else if (r[1] != '\n')
			*w++ = '\n';
	*w = '\0';
	return copy;
}

const char *
console_field(struct console *c, const char *name)
{
	return text_of(c, pairs_find(&c->form, name));
}

const char *
console_query(struct console *c, const char *name)
{
	return text_of(c, pairs_find(&c->query, name));
}

const struct pair *
console_pair(struct console *c, const char *name)
{
	return pairs_find(&c->form, name);
}
