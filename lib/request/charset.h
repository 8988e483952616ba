/*
 * charset: an XML body turned into UTF-8 without its XML declaration.
 *
 * The encoding is the byte order mark's, else the XML declaration's, else
 * UTF-8. Known: UTF-8, US-ASCII, ISO-8859-1, ISO-8859-15, windows-1252, UTF-16
 * (either order). The conversion is ours, so no converter module named by a
 * stranger is ever loaded (SECURITY-FACTS 2.2).
 */
#ifndef SM_CHARSET_H
#define SM_CHARSET_H

#include <stddef.h>

struct arena;

/* The body as valid UTF-8 text with a NUL behind it, *outlen bytes. NULL, and a
 * short reason in *why, when the encoding is not known or the bytes are not
 * valid in it (E108), or memory is short (*why is NULL then). Line breaks of a
 * removed declaration are kept, so that line numbers stay true. */
char *charset_to_utf8(struct arena *a, const char *body, size_t n, size_t *outlen,
    const char **why);

#endif
