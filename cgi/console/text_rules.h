/*
 * text_rules: what the console decides about texts and paths. Pure.
 */
#ifndef SM_TEXT_RULES_H
#define SM_TEXT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONSOLE_SIZE = 24, CONSOLE_DATE = 24 };

/* Does the path match the pattern, in which # stands for a number from 1 and * at its end
 * for a name (anything but a slash)? Its number in *id (0 without one), its name in *name
 * (within path; "" without one). */
bool console_match(const char *pattern, const char *path, uint64_t *id, const char **name);

/* From a page at path (below /console, "/..." ) to the console's first page: "./" for "/x",
 * "../" for "/x/y", and so on, into out; false when it does not fit. */
bool console_root(const char *path, char *out, size_t size);

/* Is it fit to go on to after signing in: a path below the console, with a query at most? */
bool console_next_ok(const char *next);

/* The value of a cookie in a Cookie header, into out; false when it is not there or does
 * not fit. */
bool console_cookie(const char *header, const char *name, char *out, size_t size);

/* May a form that changes something come from there? site is Sec-Fetch-Site, origin is
 * Origin, host is Host; NULL when not sent. Browsers that send the first are believed;
 * else an Origin must be this host, but for "null", which our own referrer policy makes of
 * it. (The token decides in any case.) */
bool console_same_site(const char *site, const char *origin, const char *host);

/* "512 bytes", "3.4 KB", "12 MB": units of 1024, as the limits are. */
void console_size(uint64_t bytes, char out[CONSOLE_SIZE]);

/* "2026-11-25 02:30 UTC". */
void console_date(int64_t us, char out[CONSOLE_DATE]);

/* Does text hold word, ASCII case aside? "" is in every text. */
bool console_holds(const char *text, const char *word);

#endif
