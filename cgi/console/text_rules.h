/*
 * text_rules: the console's decisions about texts and paths. The functions are pure.
 */
#ifndef SM_TEXT_RULES_H
#define SM_TEXT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONSOLE_SIZE = 24, CONSOLE_DATE = 24 };

/* Tells whether the path matches the pattern. In the pattern, a # stands for a number from 1,
 * and a final * for a name without a slash. Sets *id to the number (0 when there is none) and
 * *name to the name, which points into path ("" when there is none). */
bool console_match(const char *pattern, const char *path, uint64_t *id, const char **name);

/* Writes the relative URL of the console's first page into out, for a page at path (below
 * /console, "/..."): "./" for "/x", "../" for "/x/y", and so on. Returns false when it does not
 * fit. */
bool console_root(const char *path, char *out, size_t size);

/* Tells whether the browser may be sent to next after signing in: it must be a path below the
 * console, with a query at most. */
bool console_next_ok(const char *next);

/* Copies the value of a cookie out of a Cookie header. Returns false when the cookie is not
 * there or its value does not fit. */
bool console_cookie(const char *header, const char *name, char *out, size_t size);

/* Tells whether a form that changes something may come from this origin. site is the header
 * Sec-Fetch-Site, origin is Origin and host is Host; each is NULL when it was not sent.
 * Sec-Fetch-Site decides when it was sent. Else an Origin that was sent must name this host;
 * "null" passes, because our own referrer policy produces it. (In any case the form's token must
 * also be right.) */
bool console_same_site(const char *site, const char *origin, const char *host);

/* Writes a size as "512 bytes", "3.4 KB" or "12 MB". The units are multiples of 1024, as in the
 * limits. */
void console_size(uint64_t bytes, char out[CONSOLE_SIZE]);

/* Writes a time, in microseconds since 1970, as "2026-11-25 02:30 UTC". */
void console_date(int64_t us, char out[CONSOLE_DATE]);

/* Tells whether text contains word, ignoring the case of ASCII letters. Every text contains "". */
bool console_holds(const char *text, const char *word);

#endif
