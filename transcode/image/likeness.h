/*
 * likeness: measures how much a reduced animation looks like the original.
 *
 * The measure is SSIM (Wang, Bovik, Sheikh and Simoncelli 2004) as the filter of that name in
 * ffmpeg computes it, over the brightness and, with a third of the weight, the colour of a few
 * frames, each scaled to the size of the first animation. Separate processes decode the frames, in
 * the decoding cage.
 */
#ifndef SM_LIKENESS_H
#define SM_LIKENESS_H

#include <stddef.h>
#include <stdint.h>

#include "media/transcode.h"
#include "transcode/image/walk.h"

enum { LIKENESS_FRAMES = 6 }; /* most frames compared */

struct likeness {
	const struct transcode_request *req;
	uint32_t width, height, pages; /* of the original animation */
	unsigned frames;               /* number of frames compared */
	size_t plane;                  /* bytes of one frame's brightness and colour */
	unsigned char *map;            /* shared with the processes; NULL: not started */
};

/* Starts with the original, the GIF in the file fd from which w was walked. Returns 0; -1 with
 * errno when there is no memory or no process; 1 when the GIF cannot be decoded. The caller ends *l
 * with likeness_end() in each case. */
int likeness_begin(struct likeness *l, const struct transcode_request *req, int fd,
    const struct walk *w) __attribute__((warn_unused_result));

/* Compares the GIF in fd, which has the same frames but maybe fewer pixels, with the original.
 * Returns 0 and sets *score to 1 for the same look, less for a different one; else returns as
 * likeness_begin(). */
int likeness_of(const struct likeness *l, int fd, double *score)
    __attribute__((warn_unused_result));

/* Frees what likeness_begin() took; it may be called without it if *l is zero. */
void likeness_end(struct likeness *l);

#endif
