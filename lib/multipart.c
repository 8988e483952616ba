/* multipart: the part of pairs.h that reads multipart/form-data (RFC 7578, RFC
 * 2046). A reader that never looks behind the body's end and refuses a body
 * without its closing boundary. */
#include "pairs.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "arena.h"

enum { BOUNDARY = 70 };		/* RFC 2046, 5.1.1 */

/* The value of parameter name in a header value, unquoted, into out. */
static bool
parameter(const char *s, size_t n, const char *name, char *out, size_t size)
{
	size_t len = strlen(name), w = 0;
	const char *end = s + n;

	while (s < end && (s = memchr(s, ';', (size_t)(end - s))) != NULL) {
		for (s++; s < end && (*s == ' ' || *s == '\t'); s++)
			;
		if ((size_t)(end - s) <= len || strncasecmp(s, name, len) != 0 || s[len] != '=')
			continue;
		s += len + 1;
		if (s < end && *s == '"') {
			for (s++; s < end && *s != '"' && w + 1 < size; s++)
				out[w++] = *s;
			if (s == end || *s != '"')
				return false;
		} else {
			for (; s < end && strchr("; \t", *s) == NULL && w + 1 < size; s++)
				out[w++] = *s;
		}
		out[w] = '\0';
		return true;
	}
	return false;
}

/* The name a part's header gives it. */
static bool
part_name(const char *p, const char *end, char *name, size_t size)
{
	static const char field[] = "content-disposition:";

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl != NULL ? nl : end;

		if ((size_t)(stop - p) > strlen(field) && strncasecmp(p, field, strlen(field)) == 0)
			return parameter(p, (size_t)(stop - p) - (stop[-1] == '\r'), "name", name, size);
		p = stop + 1;
	}
	return false;
}

static bool
add_part(struct arena *a, const char *p, const char *end, struct pairs *out)
{
	const char *blank = memmem(p, (size_t)(end - p), "\r\n\r\n", 4);
	struct pair *pr = &out->v[out->n];
	char name[256];

	if (blank == NULL || out->n == PAIRS_MAX)
		return false;
	if (!part_name(p, blank, name, sizeof name))
		return true;	/* a part without a name is nobody's field */
	blank += 4;
	pr->len = (size_t)(end - blank);
	pr->name = arena_strdup(a, name);
	pr->value = arena_memdup(a, blank, pr->len);
	out->n++;
	return pr->name != NULL && pr->value != NULL;
}

bool
pairs_from_multipart(struct arena *a, const char *content_type, const char *p, size_t n, struct pairs *out)
{
	char boundary[BOUNDARY + 1], mark[BOUNDARY + 5];
	const char *end = p + n, *next;
	size_t len;

	if (out->v == NULL && (out->v = arena_array(a, PAIRS_MAX, sizeof *out->v)) == NULL)
		return false;
	if (!parameter(content_type, strlen(content_type), "boundary", boundary, sizeof boundary) || boundary[0] == '\0')
		return false;
	len = (size_t)snprintf(mark, sizeof mark, "\r\n--%s", boundary);
	/* the first boundary may stand at the very start, without a line break */
	if (n >= len - 2 && memcmp(p, mark + 2, len - 2) == 0)
		p += len - 2;
	else if ((p = memmem(p, n, mark, len)) != NULL)
		p += len;
	while (p != NULL && end - p >= 2 && memcmp(p, "--", 2) != 0) {
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (end - p < 2 || memcmp(p, "\r\n", 2) != 0 || (next = memmem(p, (size_t)(end - p), mark, len)) == NULL)
			return false;
		/* a part begins behind its boundary's line break, kept for a part without headers */
		if (!add_part(a, p, next, out))
			return false;
		p = next + len;
	}
	return p != NULL && end - p >= 2;
}
