/*
 * charset: turns what strangers send in any of the known charsets into UTF-8.
 *
 * Known are UTF-8, US-ASCII, UTF-16 in either order, ISO-8859-1 to -16, windows-1250 to -1258 and
 * -874, KOI8-R and -U, Shift_JIS, EUC-JP, GB18030 with GBK and GB2312, Big5 and EUC-KR, under their
 * usual names: see savemms-api(7), Requests. A stranger's name is looked up in this list and never
 * handed to iconv(3), which might load any converter for it. iconv opens a file of the C library
 * (gconv) when a charset other than UTF-8 is first used.
 */
#ifndef SM_CHARSET_H
#define SM_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { CHARSET_NAME = 64 }; /* bytes of a charset parameter that are looked at, with its NUL */

/* A text as it arrived. */
struct charset_in {
	const char *p;
	size_t n;
	const char *named; /* the charset of its Content-Type; "": none */
	bool decoded;      /* XML in a form field: its XML declaration does not count */
};

/* Returns an XML text as valid UTF-8 with a NUL behind it, in the arena's memory, and sets *outlen
 * to its length in bytes. A byte order mark decides the charset, else named does, else the XML
 * declaration does; without any, it is UTF-8. UTF-16 that is named for a text of 8-bit bytes is
 * UTF-8. The XML declaration is blanked out, so that line numbers stay true. Returns NULL with a
 * short reason in *why when the charset is unknown or the bytes are not valid in it (E108), or NULL
 * with *why NULL when memory is short or this machine has no converter for the charset (E503). */
char *charset_xml_to_utf8(struct arena *a, const struct charset_in *in, size_t *outlen,
    const char **why);

/* Does the same for the name or value of a form field, of which nothing is removed. */
char *charset_text_to_utf8(struct arena *a, const struct charset_in *in, size_t *outlen,
    const char **why);

/* Tells whether this machine has converters for other charsets than UTF-8. */
bool charset_ready(void);

#endif
