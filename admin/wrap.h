/*
 * wrap: folds text into lines.
 */
#ifndef SM_WRAP_H
#define SM_WRAP_H

struct buf;

/* Appends text to b in lines that begin with lead and are at most width columns long, unless a
 * single word is longer. Several blanks between words become one. */
void wrap_text(struct buf *b, const char *lead, const char *text, unsigned width);

#endif
