/*
 * mend: adds what is missing at the end of an image file. Pure.
 *
 * Transfers and phones lose last bytes. A picture that has all its rows, and an animation that has
 * all of each frame, needs no more than an end mark. Whether all rows are there, the decoder says
 * of JPEG and PNG; in a GIF, which decoders fill up silently, the pixels are counted here.
 */
#ifndef SM_MEND_H
#define SM_MEND_H

#include "transcode/image/walk.h"

enum { MEND_ROOM = 16 }; /* most bytes that are added */

/* Completes the *n bytes at p, a file of format f of which w is the walk, and which is not whole. p
 * has room for MEND_ROOM bytes more. Returns false when a row or frame is missing, or may be, as
 * far as the file's structure tells; the bytes are then unchanged. */
bool mend(enum format f, unsigned char *p, size_t *n, const struct walk *w)
    __attribute__((warn_unused_result));

#endif
