/* xmlscan: see xmlscan.h. A pure function. */
#include "request/xmlscan.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"

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

/* Does a reference begin at the & at p: &name; or &#9; or &#x9;? */
static bool
is_reference(const char *p, const char *end)
{
	const char *from = ++p, *set = ASCII_ALNUM "._-:";

	if (p < end && *p == '#') {
		from = ++p;
		set = ASCII_DIGITS;
		if (p < end && *p == 'x') {
			from = ++p;
			set = ASCII_HEX;
		}
	}
	while (p < end && *p != '\0' && strchr(set, *p) != NULL)
		p++;
	return p > from && p < end && *p == ';';
}

/* Moves past markup in which an & stands for itself. Returns false when s->p is at none. */
static bool
skip_literal(struct scan *s)
{
	if (starts(s, "<!--"))
		skip_past(s, "-->");
	else if (starts(s, "<![CDATA["))
		skip_past(s, "]]>");
	else if (starts(s, "<?"))
		skip_past(s, "?>");
	else
		return false;
	return true;
}

bool
xmlscan_mend(struct arena *a, const char *p, size_t n, char **out, size_t *len)
{
	struct scan s = { .p = p, .end = p + n };
	size_t bare = 0;
	char *w = NULL;

	*out = NULL;
	for (int round = 0; round < 2; round++) {
		for (s.p = p; s.p < s.end;) {
			const char *from = s.p;

			if (!skip_literal(&s))
				s.p++;
			if (w != NULL) {
				memcpy(w, from, (size_t)(s.p - from));
				w += s.p - from;
			}
			if (*from != '&' || is_reference(from, s.end))
				continue;
			bare++;
			if (w != NULL) {
				memcpy(w, "amp;", 4);
				w += 4;
			}
		}
		if (bare == 0)
			return true;
		if (w == NULL && (*out = w = arena_zalloc(a, n + 4 * bare + 1)) == NULL)
			return false;
	}
	*len = (size_t)(w - *out);
	return true;
}
