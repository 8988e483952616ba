/* data_url: see data_url.h */
#include "request/data_url.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/crypt.h"

static const char scheme[] = "data:", base64[] = ";base64";

bool
data_url_is(const char *url)
{
	return strncasecmp(url, scheme, sizeof scheme - 1) == 0;
}

/* Replaces each %XX by its byte, in place, and ends it with a NUL. Returns the length, or -1 if a %
 * has no digits. */
static long
unescape(char *text)
{
	long n = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p != '%') {
			text[n++] = *p;
			continue;
		}
		if (ascii_hex_value(p[1]) < 0 || ascii_hex_value(p[2]) < 0)
			return -1;
		text[n++] = (char)(ascii_hex_value(p[1]) * 16 + ascii_hex_value(p[2]));
		p += 2;
	}
	text[n] = '\0';
	return n;
}

/* Returns the media type that n characters name. */
static const char *
type_of(struct arena *a, const char *text, size_t n)
{
	if (n == 0)
		return "text/plain;charset=US-ASCII";
	return text[0] == ';' ? arena_printf(a, "text/plain%.*s", (int)n, text) :
				arena_memdup(a, text, n);
}

bool
data_url_read(struct arena *a, const char *url, struct data_url *out)
{
	const char *head = url + sizeof scheme - 1, *comma = strchr(head, ',');
	size_t n = comma != NULL ? (size_t)(comma - head) : 0, tail = sizeof base64 - 1;
	bool coded = n >= tail && strncasecmp(head + n - tail, base64, tail) == 0;
	char *text;
	long len;

	if (comma == NULL || !data_url_is(url))
		return false;
	out->type = type_of(a, head, coded ? n - tail : n);
	text = arena_strdup(a, comma + 1);
	if (text == NULL || out->type == NULL || (len = unescape(text)) < 0)
		return false;
	out->bytes = (unsigned char *)text;
	out->n = (size_t)len;
	if (!coded)
		return true;
	if (strlen(text) != out->n || (out->bytes = arena_zalloc(a, out->n + 1)) == NULL)
		return false;
	len = crypt_unbase64(text, out->bytes, out->n + 1);
	out->n = len > 0 ? (size_t)len : 0;
	return len >= 0;
}
