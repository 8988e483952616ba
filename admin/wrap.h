/*
 * wrap: text folded into lines.
 */
#ifndef SM_WRAP_H
#define SM_WRAP_H

struct buf;

/* Appends text to b in lines that begin with lead and are at most width columns
 * long, unless one word is longer. Blanks between words become one. */
void wrap_text(struct buf *b, const char *lead, const char *text, unsigned width);

#endif
