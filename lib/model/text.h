/*
 * text: what callers write, counted and cleaned (SPEC 3.2). Text is UTF-8 here;
 * a character is a Unicode scalar value.
 */
#ifndef SM_TEXT_H
#define SM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Is it UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing
 * above U+10FFFF, and no NUL? */
bool text_valid(const char *p, size_t n);

/* Characters of valid UTF-8. */
size_t text_count(const char *s);

/* Appends c as UTF-8 to out (4 bytes at least); the bytes written. */
size_t text_put(uint32_t c, char *out);

/* Reads the character at *s, which is valid UTF-8 and not at its end, and moves
 * *s behind it. */
uint32_t text_take(const char **s);

/* Cuts the blanks (space, tab, CR, LF) off both ends, in place; the new start. */
char *text_trim(char *s);

/* Makes text of what others said, in place: what is not UTF-8 (a character cut off, too)
 * becomes '?', controls become blanks. */
void text_mend(char *s);

/* SUBJECT: printable ISO-8859-1 only, runs of blanks as one space, at most max
 * characters. NULL when memory is short. */
char *text_subject(struct arena *a, const char *s, size_t max);

/* TEXT: a line break is LF: CR LF, CR, and the two-character sequences \r, \n and
 * \r\n become one; other C0 controls but tab go. NULL when memory is short. */
char *text_slide(struct arena *a, const char *s);

/* The line breaks (LF) among n bytes. Text travels with CR LF (RFC 2046, 4.1.1): so many bytes
 * longer. */
size_t text_breaks(const char *p, size_t n);

#endif
