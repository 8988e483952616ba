/* pairs: see pairs.h; multipart.c reads multipart bodies */
#include "request/pairs.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "request/charset.h"

/* Decodes n bytes of form encoding and sets *len to the result's length. Returns NULL when
 * memory is short. */
static char *
decode(struct arena *a, const char *p, size_t n, size_t *len)
{
	char *out = arena_zalloc(a, n + 1), *w = out;

	for (size_t i = 0; out != NULL && i < n; i++) {
		if (p[i] == '+') {
			*w++ = ' ';
		} else if (p[i] == '%' && n - i > 2 && ascii_hex_value(p[i + 1]) >= 0 &&
		    ascii_hex_value(p[i + 2]) >= 0) {
			*w++ = (char)(ascii_hex_value(p[i + 1]) << 4 | ascii_hex_value(p[i + 2]));
			i += 2;
		} else {
			*w++ = p[i];
		}
	}
	*len = out != NULL ? (size_t)(w - out) : 0;
	return out;
}

bool
pairs_from_form(struct arena *a, const char *p, size_t n, struct pairs *out)
{
	const char *end = p + n;

	if (out->v == NULL && (out->v = arena_array(a, PAIRS_MAX, sizeof *out->v)) == NULL)
		return false;
	while (p < end) {
		const char *amp = memchr(p, '&', (size_t)(end - p)), *eq;
		struct pair *pr = &out->v[out->n];
		size_t len;

		if (amp == NULL)
			amp = end;
		if (amp > p) {
			if (out->n == PAIRS_MAX)
				return false;
			eq = memchr(p, '=', (size_t)(amp - p));
			pr->name = decode(a, p, (size_t)((eq != NULL ? eq : amp) - p), &len);
			pr->value = decode(a, eq != NULL ? eq + 1 : amp,
			    eq != NULL ? (size_t)(amp - eq - 1) : 0, &pr->len);
			pr->charset = "";
			if (pr->name == NULL || pr->value == NULL)
				return false;
			out->n++;
		}
		p = amp + 1;
	}
	return true;
}

const struct pair *
pairs_find(const struct pairs *ps, const char *name)
{
	for (size_t i = 0; i < ps->n; i++)
		if (strcasecmp(ps->v[i].name, name) == 0)
			return &ps->v[i];
	return NULL;
}

bool
pairs_decode(struct arena *a, struct pairs *ps, const char *charset, const char **why)
{
	for (size_t i = 0; i < ps->n; i++) {
		struct pair *p = &ps->v[i];
		const char *own = p->charset[0] != '\0' ? p->charset : charset;
		const struct charset_in name = { p->name, strlen(p->name), charset, true };
		const struct charset_in value = { p->value, p->len, own, true };
		size_t len;

		if ((p->name = charset_text_to_utf8(a, &name, &len, why)) == NULL ||
		    (p->value = charset_text_to_utf8(a, &value, &p->len, why)) == NULL)
			return false;
	}
	return true;
}
