/*
 * utf8: where a character of UTF-8 ends.
 */
#ifndef SM_UTF8_H
#define SM_UTF8_H

#include <stddef.h>

/* Returns the length of the UTF-8 sequence at the start of the n bytes at p (n at least 1), as RFC
 * 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. Returns 0 if there is
 * none, also for a NUL. */
size_t utf8_sequence(const char *p, size_t n);

#endif
