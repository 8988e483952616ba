/*
 * json: writes texts as JSON strings (RFC 8259), without allocating.
 */
#ifndef SM_JSON_H
#define SM_JSON_H

#include <stddef.h>

/* The most bytes that json_quote() writes for a text of n bytes, with quotation marks and NUL. */
#define JSON_ROOM(n) ((n)*6 + 3)

/* Writes the text as a JSON string, with its quotation marks and a NUL, to out, which has size
 * bytes (at least 3). What is not UTF-8 becomes U+FFFD. A text that does not fit is cut behind a
 * whole character. Returns the length without the NUL. */
size_t json_quote(char *out, size_t size, const char *text);

#endif
