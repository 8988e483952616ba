/* charset: see charset.h. Pure functions. */
#include "request/charset.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "model/text.h"

enum encoding {
	ENC_UTF8,
	ENC_ASCII,
	ENC_LATIN1,
	ENC_LATIN9,
	ENC_CP1252,
	ENC_UTF16,
	ENC_UTF16BE,
	ENC_UTF16LE,
	ENC_UNKNOWN
};

static const struct {
	const char *name;
	enum encoding enc;
} names[] = {
	{ "utf-8", ENC_UTF8 },
	{ "utf8", ENC_UTF8 },
	{ "us-ascii", ENC_ASCII },
	{ "ascii", ENC_ASCII },
	{ "iso-8859-1", ENC_LATIN1 },
	{ "latin1", ENC_LATIN1 },
	{ "iso_8859-1", ENC_LATIN1 },
	{ "iso-8859-15", ENC_LATIN9 },
	{ "latin9", ENC_LATIN9 },
	{ "windows-1252", ENC_CP1252 },
	{ "cp1252", ENC_CP1252 },
	{ "utf-16", ENC_UTF16 },
	{ "utf-16be", ENC_UTF16BE },
	{ "utf-16le", ENC_UTF16LE },
};

/* windows-1252 from 0x80 on; 0: not assigned (WHATWG and Unicode tables agree). */
static const uint16_t cp1252[32] = {
	0x20ac,
	0,
	0x201a,
	0x0192,
	0x201e,
	0x2026,
	0x2020,
	0x2021,
	0x02c6,
	0x2030,
	0x0160,
	0x2039,
	0x0152,
	0,
	0x017d,
	0,
	0,
	0x2018,
	0x2019,
	0x201c,
	0x201d,
	0x2022,
	0x2013,
	0x2014,
	0x02dc,
	0x2122,
	0x0161,
	0x203a,
	0x0153,
	0,
	0x017e,
	0x0178,
};

/* Where ISO-8859-15 differs from ISO-8859-1. */
static const struct {
	unsigned char from;
	uint16_t to;
} latin9[] = {
	{ 0xa4, 0x20ac },
	{ 0xa6, 0x0160 },
	{ 0xa8, 0x0161 },
	{ 0xb4, 0x017d },
	{ 0xb8, 0x017e },
	{ 0xbc, 0x0152 },
	{ 0xbd, 0x0153 },
	{ 0xbe, 0x0178 },
};

/* Returns the character that one byte stands for; 0 when it has none. */
static uint32_t
one_byte(enum encoding enc, unsigned char c)
{
	if (c < 0x80)
		return c;
	if (enc == ENC_ASCII)
		return 0;
	if (enc == ENC_CP1252 && c < 0xa0)
		return cp1252[c - 0x80];
	for (size_t i = 0; enc == ENC_LATIN9 && i < sizeof latin9 / sizeof latin9[0]; i++)
		if (latin9[i].from == c)
			return latin9[i].to;
	return c;
}

static char *
from_bytes(struct arena *a, enum encoding enc, const char *p, size_t n, size_t *outlen)
{
	char *out = arena_zalloc(a, n * 3 + 1), *w = out;

	for (size_t i = 0; out != NULL && i < n; i++) {
		uint32_t c = one_byte(enc, (unsigned char)p[i]);

		if (c == 0)
			return NULL;
		w += text_put(c, w);
	}
	*outlen = out != NULL ? (size_t)(w - out) : 0;
	return out;
}

static uint32_t
unit(const char *p, bool le)
{
	unsigned char x = (unsigned char)p[0], y = (unsigned char)p[1];

	return le ? (uint32_t)(y << 8 | x) : (uint32_t)(x << 8 | y);
}

static char *
from_utf16(struct arena *a, bool le, const char *p, size_t n, size_t *outlen)
{
	char *out = arena_zalloc(a, n / 2 * 3 + 1), *w = out;

	if (out == NULL || n % 2 != 0)
		return NULL;
	for (size_t i = 0; i < n; i += 2) {
		uint32_t c = unit(p + i, le), low;

		if (c >= 0xd800 && c < 0xdc00 && i + 4 <= n) {
			low = unit(p + i + 2, le);
			if (low < 0xdc00 || low > 0xdfff)
				return NULL;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (c == 0 || (c >= 0xd800 && c <= 0xdfff)) {
			return NULL;
		}
		w += text_put(c, w);
	}
	*outlen = (size_t)(w - out);
	return out;
}

/* Returns the length of the XML declaration at the start of n bytes at p; 0 when there is none. */
static size_t
declaration(const char *p, size_t n)
{
	const char *end;

	if (n < 6 || memcmp(p, "<?xml", 5) != 0 || strchr(" \t\r\n", p[5]) == NULL)
		return 0;
	end = memmem(p, n, "?>", 2);
	return end != NULL ? (size_t)(end - p) + 2 : 0;
}

/* Returns the encoding that an XML declaration of n bytes names, which is UTF-8 when it names
 * none. */
static enum encoding
declared(const char *p, size_t n)
{
	const char *at = memmem(p, n, "encoding", 8), *end = p + n, *close;
	char quote;

	if (at == NULL)
		return ENC_UTF8;
	for (at += 8; at < end && strchr(" \t\r\n=", *at) != NULL; at++)
		;
	if (at == end || (*at != '"' && *at != '\''))
		return ENC_UNKNOWN;
	quote = *at++;
	if ((close = memchr(at, quote, (size_t)(end - at))) == NULL)
		return ENC_UNKNOWN;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i].name) == (size_t)(close - at) &&
		    strncasecmp(names[i].name, at, (size_t)(close - at)) == 0)
			return names[i].enc;
	return ENC_UNKNOWN;
}

/* Blanks out an XML declaration, keeping its line breaks. */
static void
blank_out(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\n' && p[i] != '\r')
			p[i] = ' ';
}

/* Returns the encoding that the first bytes alone show, ENC_UNKNOWN when they show none, and
 * sets *skip to the length of the byte order mark. */
static enum encoding
by_mark(const char *p, size_t n, size_t *skip)
{
	*skip = 0;
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		*skip = 3;
		return ENC_UTF8;
	}
	if (n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0)) {
		*skip = 2;
		return p[0] == '\xff' ? ENC_UTF16LE : ENC_UTF16BE;
	}
	if (n >= 4 && p[0] == '<' && p[1] == '\0')
		return ENC_UTF16LE;
	if (n >= 4 && p[0] == '\0' && p[1] == '<')
		return ENC_UTF16BE;
	return ENC_UNKNOWN;
}

char *
charset_to_utf8(struct arena *a, const char *body, size_t n, size_t *outlen, const char **why)
{
	size_t skip, decl;
	enum encoding enc = by_mark(body, n, &skip);
	bool marked = enc != ENC_UNKNOWN;
	char *out;

	*why = "text is not valid in its encoding";
	body += skip;
	n -= skip;
	while (!marked && n > 0 && strchr(" \t\r\n", body[0]) != NULL && body[0] != '\0') {
		body++; /* a production client sends blank lines first */
		n--;
	}
	if (!marked && (enc = declared(body, declaration(body, n))) == ENC_UNKNOWN) {
		*why = "unknown encoding";
		return NULL;
	}
	if (enc == ENC_UTF8)
		out = text_valid(body, n) ? arena_memdup(a, body, *outlen = n) : NULL;
	else if (enc == ENC_UTF16BE || enc == ENC_UTF16LE)
		out = from_utf16(a, enc == ENC_UTF16LE, body, n, outlen);
	else if (enc == ENC_UTF16)
		out = NULL; /* declared in bytes that are not UTF-16 */
	else
		out = from_bytes(a, enc, body, n, outlen);
	if (out == NULL || !text_valid(out, *outlen)) {
		if (arena_failed(a))
			*why = NULL;
		return NULL;
	}
	if ((decl = declaration(out, *outlen)) > 0)
		blank_out(out, decl);
	return out;
}
