/* mime_read: see mime_read.h */
#include "request/mime_read.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Copies the value of a parameter, which begins at s, to out, cut to size - 1 bytes, and sets *len
 * to its whole length. Returns its end, or NULL when a quote is not closed. */
static const char *
parameter_value(const char *s, const char *end, char *out, size_t size, size_t *len)
{
	bool quoted = s < end && *s == '"';
	size_t n = 0;

	for (s += quoted; s < end && strchr(quoted ? "\"" : "; \t", *s) == NULL; s++) {
		/* no other backslash is taken for a quote: browsers sent C:\FILE as it was */
		if (quoted && *s == '\\' && end - s > 1 && (s[1] == '"' || s[1] == '\\'))
			s++;
		if (n + 1 < size)
			out[n] = *s;
		n++;
	}
	out[n < size ? n : size - 1] = '\0';
	*len = n;
	if (quoted)
		return s < end && *s == '"' ? s + 1 : NULL;
	return s;
}

bool
mime_parameter(const char *value, size_t n, const char *name, char *out, size_t size)
{
	const char *s = value, *end = value + n;
	size_t len = strlen(name), got;

	while ((s = memchr(s, ';', (size_t)(end - s))) != NULL) {
		const char *eq, *at;

		for (s++; s < end && blank(*s); s++)
			;
		at = s;
		for (eq = s; eq < end && *eq != '=' && *eq != ';'; eq++)
			;
		s = eq;
		if (eq == end || *eq == ';')
			continue;
		if ((s = parameter_value(eq + 1, end, out, size, &got)) == NULL)
			return false;
		if ((size_t)(eq - at) == len && strncasecmp(at, name, len) == 0)
			return got < size || eq[1] != '"';
	}
	return false;
}

/* Returns the end of the field that begins at p, including its folded lines. */
static const char *
field_end(const char *p, const char *end)
{
	const char *nl = p;

	while ((nl = memchr(nl, '\n', (size_t)(end - nl))) != NULL) {
		nl++;
		if (nl == end || !blank(*nl))
			return nl;
	}
	return end;
}

/* Copies a value without the blanks and line breaks around it; each run of them inside becomes
 * one blank. Returns false when it does not fit. */
static bool
copy_value(const char *p, const char *end, char *out, size_t size)
{
	size_t w = 0;
	bool gap = false;

	for (; p < end; p++) {
		if (blank(*p) || *p == '\r' || *p == '\n') {
			gap = w > 0;
			continue;
		}
		if (w + gap + 1 >= size)
			return false;
		if (gap)
			out[w++] = ' ';
		gap = false;
		out[w++] = *p;
	}
	out[w] = '\0';
	return true;
}

bool
mime_field(const struct mime_part *part, const char *name, char *out, size_t size)
{
	const char *p = part->head, *end = p + part->nhead, *next;
	size_t len = strlen(name);

	for (; p < end; p = next) {
		next = field_end(p, end);
		if ((size_t)(next - p) > len && p[len] == ':' && strncasecmp(p, name, len) == 0)
			return copy_value(p + len + 1, next, out, size);
	}
	return false;
}

bool
mime_is(const char *content_type, const char *type)
{
	size_t n = strlen(type);

	while (blank(*content_type))
		content_type++;
	return strncasecmp(content_type, type, n) == 0 &&
	    (content_type[n] == '\0' || content_type[n] == ';' || blank(content_type[n]));
}

bool
mime_split(const char *p, size_t n, struct mime_part *out)
{
	const char *gap;

	/* a part without header lines begins with the blank one */
	if (n >= 2 && memcmp(p, "\r\n", 2) == 0) {
		*out = (struct mime_part){ .head = p, .nhead = 0, .body = p + 2, .nbody = n - 2 };
		return true;
	}
	if ((gap = memmem(p, n, "\r\n\r\n", 4)) == NULL)
		return false;
	*out = (struct mime_part){ .head = p,
		.nhead = (size_t)(gap - p) + 2,
		.body = gap + 4,
		.nbody = n - (size_t)(gap - p) - 4 };
	return true;
}

/* Does the boundary end at p, with the end of its line or with the two dashes of the last one?
 * Otherwise it is another, longer boundary that begins like this one. */
static bool
boundary_ends(const char *p, const char *end)
{
	if (end - p >= 2 && memcmp(p, "--", 2) == 0)
		return true;
	while (p < end && blank(*p))
		p++;
	return end - p >= 2 && memcmp(p, "\r\n", 2) == 0;
}

static const char *
find_boundary(const struct mime_parts *r, const char *from)
{
	const char *at = from;

	while ((at = memmem(at, (size_t)(r->end - at), r->mark, r->len)) != NULL &&
	    !boundary_ends(at + r->len, r->end))
		at += r->len;
	return at;
}

bool
mime_open(struct mime_parts *r, const char *content_type, const char *p, size_t n)
{
	char boundary[MIME_BOUNDARY + 1];

	if (!mime_parameter(content_type, strlen(content_type), "boundary", boundary,
		sizeof boundary) ||
	    boundary[0] == '\0')
		return false;
	r->len = (size_t)snprintf(r->mark, sizeof r->mark, "\r\n--%s", boundary);
	r->p = p;
	r->end = p + n;
	/* the first boundary may stand at the very start, without a line break */
	if (n >= r->len - 2 && memcmp(p, r->mark + 2, r->len - 2) == 0 &&
	    boundary_ends(p + r->len - 2, r->end))
		r->p = p + r->len - 2;
	else if ((r->p = find_boundary(r, p)) != NULL)
		r->p += r->len;
	return r->p != NULL;
}

int
mime_next(struct mime_parts *r, struct mime_part *out)
{
	const char *p = r->p, *next;

	if (r->end - p >= 2 && memcmp(p, "--", 2) == 0)
		return 0;
	while (p < r->end && blank(*p))
		p++;
	/* where a part is empty, the line break of one boundary also begins the next */
	if (r->end - p < 2 || memcmp(p, "\r\n", 2) != 0 || (next = find_boundary(r, p)) == NULL)
		return -1;
	p += 2;
	r->p = next + r->len;
	return next >= p && mime_split(p, (size_t)(next - p), out) ? 1 : -1;
}
