/* xmlscan: see xmlscan.h. A pure function. */
#include "request/xmlscan.h"

#include <stdbool.h>
#include <string.h>

struct scan {
	const char *p, *end;
	size_t elements, depth;
};

static bool
starts(const struct scan *s, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(s->end - s->p) >= n && memcmp(s->p, word, n) == 0;
}

/* Moves past the next word, or to the end when there is none (the parser will name the fault). */
static void
skip_past(struct scan *s, const char *word)
{
	const char *at = memmem(s->p, (size_t)(s->end - s->p), word, strlen(word));

	s->p = at != NULL ? at + strlen(word) : s->end;
}

/* Moves past a start, end or empty tag; s->p is at its '<'. Returns a reason to refuse it, or
 * NULL. */
static const char *
tag(struct scan *s)
{
	const char *from = s->p;
	bool closing = s->p + 1 < s->end && s->p[1] == '/';
	size_t attributes = 0;
	char quote = 0;

	for (; s->p < s->end && (quote != 0 || *s->p != '>'); s->p++) {
		if (s->p - from > XMLSCAN_TAG)
			return "a tag is too long";
		if (quote != 0)
			quote = *s->p == quote ? 0 : quote;
		else if (*s->p == '"' || *s->p == '\'')
			quote = *s->p;
		else if (*s->p == '=')
			attributes++;
	}
	if (attributes > XMLSCAN_ATTRIBUTES)
		return "too many attributes";
	if (s->p == s->end)
		return NULL; /* unclosed: the parser will say so */
	if (closing)
		s->depth -= s->depth > 0;
	else if (++s->elements > XMLSCAN_ELEMENTS)
		return "too many elements";
	else if (s->depth == XMLSCAN_DEPTH)
		return "elements are nested too deeply";
	else
		s->depth += s->p[-1] != '/';
	s->p++;
	return NULL;
}

static const char *
markup(struct scan *s)
{
	if (starts(s, "<!--")) {
		s->p += 4;
		skip_past(s, "-->");
	} else if (starts(s, "<![CDATA[")) {
		skip_past(s, "]]>");
	} else if (starts(s, "<!")) {
		return "a document type is not allowed";
	} else if (starts(s, "<?")) {
		skip_past(s, "?>");
	} else {
		return tag(s);
	}
	return NULL;
}

const char *
xmlscan(const char *p, size_t n, unsigned *line)
{
	struct scan s = { .p = p, .end = p + n };
	const char *why = memchr(p, '\0', n) != NULL ? "a NUL byte is not allowed" : NULL;

	while (why == NULL && (s.p = memchr(s.p, '<', (size_t)(s.end - s.p))) != NULL)
		if ((why = markup(&s)) == NULL && s.p == s.end)
			break;
	*line = 1;
	for (const char *c = p; why != NULL && s.p != NULL && c < s.p; c++)
		*line += *c == '\n';
	return why;
}
