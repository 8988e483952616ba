/* text: see text.h. Pure functions. */
#include "model/text.h"

#include <string.h>

#include "base/arena.h"
#include "base/text/utf8.h"

bool
text_valid(const char *p, size_t n)
{
	while (n > 0) {
		size_t len = utf8_sequence(p, n);

		if (len == 0)
			return false;
		p += len;
		n -= len;
	}
	return true;
}

void
text_mend(char *s)
{
	for (size_t n = strlen(s), len; n > 0; s += len, n -= len) {
		len = utf8_sequence(s, n);
		if (len == 0)
			*s = '?';
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
		len = len > 0 ? len : 1;
	}
}

size_t
text_count(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

size_t
text_put(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

uint32_t
text_take(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fU >> len);

	for (size_t i = 1; i < len; i++)
		c = c << 6 | (p[i] & 0x3f);
	*s += len;
	return c;
}

size_t
text_within(const char *s, size_t n, size_t max)
{
	if (n <= max)
		return n;
	for (n = max; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

static bool
blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char *
text_trim(char *s)
{
	size_t n;

	while (blank((unsigned char)*s))
		s++;
	n = strlen(s);
	while (n > 0 && blank((unsigned char)s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

char *
text_subject(struct arena *a, const char *s, size_t max)
{
	char *out = arena_zalloc(a, strlen(s) + 2), *w = out;
	bool gap = false;
	size_t n = 0;

	if (out == NULL)
		return NULL;
	while (*s != '\0') {
		uint32_t c = text_take(&s);

		if (blank(c) || c == 0xa0) {
			gap = n > 0;
			continue;
		}
		if (c < 0x20 || (c > 0x7e && c < 0xa0) || c > 0xff)
			continue;
		if (n + gap + 1 > max)
			break;
		if (gap)
			*w++ = ' ';
		w += text_put(c, w);
		n += 1 + (size_t)gap;
		gap = false;
	}
	*w = '\0';
	return out;
}

char *
text_slide(struct arena *a, const char *s)
{
	char *out = arena_zalloc(a, strlen(s) + 1), *w = out;

	if (out == NULL)
		return NULL;
	for (; *s != '\0'; s++) {
		if (strncmp(s, "\\r\\n", 4) == 0) {
			*w++ = '\n';
			s += 3;
		} else if (*s == '\r') {
			*w++ = '\n'; /* forms send CR LF, which XML readers turn into LF */
			s += s[1] == '\n';
		} else if (strncmp(s, "\\r", 2) == 0 || strncmp(s, "\\n", 2) == 0) {
			*w++ = '\n';
			s += 1;
		} else if ((unsigned char)*s >= 0x20 || blank((unsigned char)*s)) {
			*w++ = *s;
		}
	}
	*w = '\0';
	return out;
}

size_t
text_breaks(const char *p, size_t n)
{
	size_t breaks = 0;

	for (size_t i = 0; i < n; i++)
		breaks += p[i] == '\n';
	return breaks;
}
