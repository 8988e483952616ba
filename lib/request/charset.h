/*
 * charset: turns an XML body into UTF-8 without its XML declaration.
 *
 * The byte order mark decides the encoding, else the XML declaration does; without either, it is
 * UTF-8. Known encodings are UTF-8, US-ASCII, ISO-8859-1, ISO-8859-15, windows-1252 and UTF-16
 * (either order); see savemms-api(7), Requests. The conversion is built in, so that a stranger can
 * never name a converter module to load.
 */
#ifndef SM_CHARSET_H
#define SM_CHARSET_H

#include <stddef.h>

struct arena;

/* Returns the body as valid UTF-8 with a NUL behind it, in the arena's memory, and sets *outlen
 * to its length in bytes. A removed declaration leaves its line breaks, so that line numbers
 * stay true. Returns NULL with a short reason in *why when the encoding is unknown or the bytes
 * are not valid in it (E108), or NULL with *why NULL when memory is short. */
char *charset_to_utf8(struct arena *a, const char *body, size_t n, size_t *outlen,
    const char **why);

#endif
