/* charset: see charset.h. This is the only file that includes iconv.h. */
#include "request/charset.h"

#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/log.h"
#include "model/text.h"

#define UTF8 "UTF-8"
#define UTF16 "UTF-16" /* the order of its bytes is still to be found out */
#define UTF16BE "UTF-16BE"
#define UTF16LE "UTF-16LE"

/* A name without everything but small letters and digits, and the converter for it. The names are
 * those of IANA and of the WHATWG's Encoding Standard that are in use. Where the latter reads a
 * charset as its extension by Microsoft or others, so does this. No charset here is stateful, so
 * that '<' and '&' are always what they seem to be. */
static const struct {
	const char *name, *converter;
} names[] = {
	{ "utf8", UTF8 },
	{ "usascii", "US-ASCII" },
	{ "ascii", "US-ASCII" },
	{ "utf16", UTF16 },
	{ "utf16be", UTF16BE },
	{ "utf16le", UTF16LE },
	{ "ucs2", UTF16 },
	{ "iso10646ucs2", UTF16 },
	{ "iso88591", "ISO-8859-1" },
	{ "latin1", "ISO-8859-1" },
	{ "iso88592", "ISO-8859-2" },
	{ "latin2", "ISO-8859-2" },
	{ "iso88593", "ISO-8859-3" },
	{ "iso88594", "ISO-8859-4" },
	{ "iso88595", "ISO-8859-5" },
	{ "iso88596", "ISO-8859-6" },
	{ "iso88597", "ISO-8859-7" },
	{ "iso88598", "ISO-8859-8" },
	{ "iso88598i", "ISO-8859-8" },
	{ "iso88599", "ISO-8859-9" },
	{ "latin5", "ISO-8859-9" },
	{ "iso885910", "ISO-8859-10" },
	{ "iso885911", "CP874" },
	{ "tis620", "CP874" },
	{ "iso885913", "ISO-8859-13" },
	{ "iso885914", "ISO-8859-14" },
	{ "iso885915", "ISO-8859-15" },
	{ "latin9", "ISO-8859-15" },
	{ "iso885916", "ISO-8859-16" },
	{ "windows874", "CP874" },
	{ "windows1250", "CP1250" },
	{ "cp1250", "CP1250" },
	{ "windows1251", "CP1251" },
	{ "cp1251", "CP1251" },
	{ "windows1252", "CP1252" },
	{ "cp1252", "CP1252" },
	{ "windows1253", "CP1253" },
	{ "cp1253", "CP1253" },
	{ "windows1254", "CP1254" },
	{ "cp1254", "CP1254" },
	{ "windows1255", "CP1255" },
	{ "cp1255", "CP1255" },
	{ "windows1256", "CP1256" },
	{ "cp1256", "CP1256" },
	{ "windows1257", "CP1257" },
	{ "cp1257", "CP1257" },
	{ "windows1258", "CP1258" },
	{ "cp1258", "CP1258" },
	{ "koi8r", "KOI8-R" },
	{ "koi8u", "KOI8-U" },
	{ "shiftjis", "CP932" }, /* iconv's SHIFT_JIS turns a backslash into a yen sign */
	{ "sjis", "CP932" },
	{ "xsjis", "CP932" },
	{ "windows31j", "CP932" },
	{ "cp932", "CP932" },
	{ "eucjp", "EUC-JP" },
	{ "xeucjp", "EUC-JP" },
	{ "gb18030", "GB18030" },
	{ "gbk", "GB18030" },
	{ "cp936", "GB18030" },
	{ "gb2312", "GB18030" },
	{ "euccn", "GB18030" },
	{ "big5", "BIG5-HKSCS" },
	{ "big5hkscs", "BIG5-HKSCS" },
	{ "cp950", "BIG5-HKSCS" },
	{ "euckr", "CP949" },
	{ "cp949", "CP949" },
	{ "ksc56011987", "CP949" },
};

/* Returns the converter for a name of n bytes, or NULL if the name is not known. */
static const char *
find(const char *name, size_t n)
{
	char key[CHARSET_NAME];
	size_t len = 0;

	for (size_t i = 0; i < n && len + 1 < sizeof key; i++)
		if (name[i] != '\0' && strchr(ASCII_ALNUM, name[i]) != NULL)
			key[len++] = ascii_lower(name[i]);
	key[len] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i].name, key) == 0)
			return names[i].converter;
	return NULL;
}

/* Runs a converter over all of the text. Returns the end of what it wrote, or NULL when the text
 * is not valid. */
static char *
run(iconv_t cd, const char *p, size_t n, char *out, size_t room)
{
	char *in = (char *)(uintptr_t)p; /* POSIX forgot a const: iconv only reads there */

	if (iconv(cd, &in, &n, &out, &room) == (size_t)-1 || n > 0 ||
	    iconv(cd, NULL, NULL, &out, &room) == (size_t)-1)
		return NULL;
	return out;
}

/* Is the text in ASCII, which means the same in every charset here but UTF-16? */
static bool
plain(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] == '\0' || (unsigned char)p[i] > 0x7f)
			return false;
	return true;
}

/* Tells whether the converter is that of UTF-16, in either order of bytes or in one to be found. */
static bool
is_utf16(const char *converter)
{
	return strncmp(converter, UTF16, strlen(UTF16)) == 0;
}

/* Returns the text of *in as the functions of charset.h do. */
static char *
convert(struct arena *a, const char *converter, const struct charset_in *in, size_t *outlen,
    const char **why)
{
	enum {
		GROWTH = 3,
		ROOM = 16
	}; /* no character here takes more than three times its bytes */
	char *out, *end;
	iconv_t cd;

	const char *p = in->p;
	size_t n = in->n;

	*why = NULL;
	*outlen = n;
	if (!is_utf16(converter) && plain(p, n))
		return arena_memdup(a, p, n);
	if (strcmp(converter, UTF8) == 0) {
		if (text_valid(p, n))
			return arena_memdup(a, p, n);
		*why = "text is not valid in its encoding";
		return NULL;
	}
	if (n > (SIZE_MAX - ROOM - 1) / GROWTH ||
	    (out = arena_zalloc(a, n * GROWTH + ROOM + 1)) == NULL)
		return NULL;
	if ((cd = iconv_open(UTF8, converter)) == (iconv_t)-1) {
		log_error("this machine cannot read %s: %m", converter);
		return NULL;
	}
	end = run(cd, p, n, out, n * GROWTH + ROOM);
	(void)iconv_close(cd);
	if (end == NULL || !text_valid(out, (size_t)(end - out))) {
		*why = "text is not valid in its encoding";
		return NULL;
	}
	*outlen = (size_t)(end - out);
	return out;
}

bool
charset_ready(void)
{
	iconv_t cd = iconv_open(UTF8,
	    "CP1252"); /* in a file; those of Latin 1 and UTF-16 are not */

	if (cd == (iconv_t)-1)
		return false;
	(void)iconv_close(cd);
	return true;
}

static size_t
blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
		i++;
	return i;
}

/* Returns the length of the XML declaration at the start of n bytes at p; 0 when there is none. */
static size_t
declaration(const char *p, size_t n)
{
	const char *end;

	if (n < 6 || memcmp(p, "<?xml", 5) != 0 || blanks(p + 5, 1) == 0)
		return 0;
	end = memmem(p, n, "?>", 2);
	return end != NULL ? (size_t)(end - p) + 2 : 0;
}

/* Returns the converter for what an XML declaration of n bytes names: UTF-8 when it names nothing,
 * NULL for an unknown name. */
static const char *
declared(const char *p, size_t n)
{
	const char *at = memmem(p, n, "encoding", 8), *end = p + n, *close;
	char quote;

	if (at == NULL)
		return UTF8;
	for (at += 8; at < end && (blanks(at, 1) == 1 || *at == '='); at++)
		;
	if (at == end || (*at != '"' && *at != '\''))
		return NULL;
	quote = *at++;
	close = memchr(at, quote, (size_t)(end - at));
	return close != NULL ? find(at, (size_t)(close - at)) : NULL;
}

/* Returns the converter that a byte order mark asks for and sets *skip to its length; NULL when
 * there is none. */
static const char *
by_mark(const char *p, size_t n, size_t *skip)
{
	*skip = 0;
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		*skip = 3;
		return UTF8;
	}
	if (n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0)) {
		*skip = 2;
		return p[0] == '\xff' ? UTF16LE : UTF16BE;
	}
	return NULL;
}

/* Returns the order of bytes in which XML begins with '<', or NULL when it is not UTF-16. */
static const char *
by_first_character(const char *p, size_t n)
{
	if (n < 4)
		return NULL;
	return p[0] == '<' && p[1] == '\0' ? UTF16LE : p[0] == '\0' && p[1] == '<' ? UTF16BE : NULL;
}

/* Returns the converter to use where a name gave this one: some call every text UTF-16. A text in
 * UTF-16 without any ASCII character, which would have a zero byte, comes with a mark. */
static const char *
settle(const char *converter, const char *p, size_t n)
{
	if (!is_utf16(converter))
		return converter;
	if (memchr(p, '\0', n) == NULL)
		return UTF8;
	if (strcmp(converter, UTF16) != 0)
		return converter;
	converter = by_first_character(p, n);
	return converter != NULL ? converter : UTF16BE; /* RFC 2781, 4.3 */
}

static char *
unknown(const char **why)
{
	*why = "unknown encoding";
	return NULL;
}

char *
charset_xml_to_utf8(struct arena *a, const struct charset_in *in, size_t *outlen, const char **why)
{
	size_t skip, gap = blanks(in->p, in->n), decl;
	const char *converter = by_mark(in->p, in->n, &skip);
	struct charset_in rest = { .p = in->p + skip, .n = in->n - skip };
	char *out;

	if (converter == NULL) {
		/* a production client sends blank lines before the declaration */
		if (in->named[0] != '\0')
			converter = find(in->named, strlen(in->named));
		else if ((converter = by_first_character(in->p, in->n)) == NULL)
			converter = in->decoded ?
			    UTF8 :
			    declared(in->p + gap, declaration(in->p + gap, in->n - gap));
		if (converter == NULL)
			return unknown(why);
		converter = settle(converter, in->p, in->n);
	}
	if ((out = convert(a, converter, &rest, outlen, why)) == NULL)
		return NULL;
	gap = blanks(out, *outlen);
	decl = declaration(out + gap, *outlen - gap);
	for (size_t i = gap; i < gap + decl; i++)
		if (out[i] != '\n' && out[i] != '\r')
			out[i] = ' ';
	return out;
}

char *
charset_text_to_utf8(struct arena *a, const struct charset_in *in, size_t *outlen, const char **why)
{
	const char *converter = in->named[0] != '\0' ? find(in->named, strlen(in->named)) : UTF8;
	struct charset_in rest = *in;
	const char *mark;
	size_t skip;

	if (converter == NULL)
		return unknown(why);
	mark = is_utf16(converter) ? by_mark(in->p, in->n, &skip) : NULL;
	if (mark != NULL) {
		converter = mark;
		rest.p += skip;
		rest.n -= skip;
	} else {
		converter = settle(converter, in->p, in->n);
	}
	return convert(a, converter, &rest, outlen, why);
}
