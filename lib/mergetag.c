/* mergetag: see mergetag.h */
#include "mergetag.h"

#include <string.h>

static bool
letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/* Reads a tag that begins at r->p. A default without its closing brace ends the
 * search for all that follows: there is no brace there either. */
static bool
read_tag(struct mergetag_reader *r, struct mergetag_piece *out)
{
	const char *s = r->p + 2, *close;

	if (r->unclosed || r->p[0] != '{' || r->p[1] != '$' || !letter(*s))
		return false;
	out->name = s;
	while (letter(*s) || (*s >= '0' && *s <= '9'))
		s++;
	out->namelen = (size_t)(s - out->name);
	out->def = "";
	out->deflen = 0;
	close = s;
	if (*s == '|') {
		out->def = s + 1;
		if ((close = strchr(out->def, '}')) == NULL) {
			r->unclosed = true;
			return false;
		}
		out->deflen = (size_t)(close - out->def);
	}
	if (*close != '}')
		return false;
	out->n = (size_t)(close + 1 - r->p);
	return true;
}

void
mergetag_start(struct mergetag_reader *r, const char *text)
{
	r->p = text;
	r->unclosed = false;
}

bool
mergetag_next(struct mergetag_reader *r, struct mergetag_piece *out)
{
	const char *next;

	if (*r->p == '\0')
		return false;
	out->p = r->p;
	out->tag = read_tag(r, out);
	if (!out->tag) {
		next = strchr(r->p + 1, '{');
		out->n = next != NULL ? (size_t)(next - r->p) : strlen(r->p);
	}
	r->p += out->n;
	return true;
}
