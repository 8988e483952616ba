/*
 * jpeg_rows: tells whether a JPEG that was cut has all its rows.
 */
#ifndef SM_JPEG_ROWS_H
#define SM_JPEG_ROWS_H

#include <stdbool.h>
#include <stddef.h>

/* Completes the *n bytes at p, a JPEG that mend() ended and from whose end it took zeros. Some of
 * them may be pixels: one or two, or all, but for the end mark's place; these are put back. If the
 * pixels take a part of many, then zeros stand for missing bytes. Call it in the cage: a decoder
 * reads the bytes. Returns false when pixels are missing. */
bool jpeg_rows(unsigned char *p, size_t *n, size_t zeros) __attribute__((warn_unused_result));

#endif
