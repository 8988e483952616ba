/*
 * text: counts and cleans what callers write (savemms-api(7), Texts). Text is UTF-8
 * here; a character is a Unicode scalar value.
 */
#ifndef SM_TEXT_H
#define SM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Returns true if the n bytes are UTF-8 as RFC 3629 defines it (no overlong forms, no
 * surrogates, nothing above U+10FFFF) and hold no NUL. */
bool text_valid(const char *p, size_t n);

/* Returns the number of characters of a valid UTF-8 string. */
size_t text_count(const char *s);

/* Writes c as UTF-8 to out, which has at least 4 bytes. Returns the number of bytes written. */
size_t text_put(uint32_t c, char *out);

/* Returns the character at *s, which is valid UTF-8 and not at its end, and moves *s past it. */
uint32_t text_take(const char **s);

/* Returns how many of the n bytes at s, which are valid UTF-8, are whole characters within max
 * bytes. */
size_t text_within(const char *s, size_t n, size_t max);

/* Removes the blanks (space, tab, CR, LF) at both ends in place. Returns the new start. */
char *text_trim(char *s);

/* Turns bytes from outside into valid text, in place: bytes that are not UTF-8 (such as a
 * character that was cut off) become '?', controls become blanks. */
void text_mend(char *s);

/* Makes a SUBJECT in memory of the arena: printable ISO-8859-1 only, one space for each run of
 * blanks, at most max characters. Returns NULL when memory is short. */
char *text_subject(struct arena *a, const char *s, size_t max);

/* Makes a TEXT in memory of the arena: CR LF, CR and the written sequences \r, \n and \r\n each
 * become one LF; other C0 controls but tab are left out. Returns NULL when memory is short. */
char *text_slide(struct arena *a, const char *s);

/* Returns the number of line breaks (LF) among n bytes. On the wire, a text is longer by so many
 * bytes, because lines end with CR LF there (RFC 2046, 4.1.1). */
size_t text_breaks(const char *p, size_t n);

#endif
