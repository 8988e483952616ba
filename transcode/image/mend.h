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
 * far as the file's structure tells; the bytes are then unchanged. Sets *zeros to how many zeros at
 * the end of a JPEG's last scan it took for missing bytes; else to 0. */
bool mend(enum format f, unsigned char *p, size_t *n, const struct walk *w, size_t *zeros)
    __attribute__((warn_unused_result));

/* Puts zeros back into the JPEG of n bytes at p, which mend() completed: a scan is filled up with
 * ones (ITU-T T.81, F.1.2.3), but it may end in zeros where its codes fill the last byte, and that
 * of an even area often ends in many. Not more than mend() took away. Returns the new size. */
size_t mend_with_zeros(unsigned char *p, size_t n, size_t zeros)
    __attribute__((warn_unused_result));

#endif
