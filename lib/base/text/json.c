/* json: see json.h */
#include "base/text/json.h"

#include <stdio.h>
#include <string.h>

#include "base/text/utf8.h"

enum { ONE = 8 }; /* room for one character as JSON writes it, with its NUL */

/* Writes the first character of the n bytes at p as it stands in a JSON string to out, with a NUL.
 * Returns how many bytes of p that took. */
static size_t
one_character(char out[ONE], const char *p, size_t n)
{
	unsigned char c = (unsigned char)p[0];
	size_t len = utf8_sequence(p, n);

	if (len == 0)
		(void)snprintf(out, ONE, "\\ufffd");
	else if (c == '"' || c == '\\')
		(void)snprintf(out, ONE, "\\%c", c);
	else if (c < 0x20 || c == 0x7f)
		(void)snprintf(out, ONE, "\\u%04x", c);
	else
		(void)snprintf(out, ONE, "%.*s", (int)len, p);
	return len > 0 ? len : 1;
}

size_t
json_quote(char *out, size_t size, const char *text)
{
	size_t n = strlen(text), at = 0;
	char one[ONE];

	out[at++] = '"';
	while (n > 0) {
		size_t took = one_character(one, text, n), len = strlen(one);

		if (at + len + 2 > size)
			break;
		memcpy(out + at, one, len);
		at += len;
		text += took;
		n -= took;
	}
	out[at++] = '"';
	out[at] = '\0';
	return at;
}
