/*
 * likeness: how much an animation that was made smaller looks like what it was made from.
 *
 * The measure is SSIM (Wang, Bovik, Sheikh and Simoncelli 2004) as ffmpeg's filter of that
 * name computes it, over brightness and, with a third of the weight, colour, of a few
 * frames, each brought to the size of the first animation. Decoding happens in processes of
 * their own, in the decoding cage.
 */
#ifndef SM_LIKENESS_H
#define SM_LIKENESS_H

#include <stddef.h>
#include <stdint.h>

#include "media/transcode.h"
#include "transcode/image/walk.h"

enum { LIKENESS_FRAMES = 6 }; /* most frames that are compared */

struct likeness {
	const struct transcode_request *req;
	uint32_t width, height, pages; /* of the animation compared with */
	unsigned frames;               /* that are compared */
	size_t plane;                  /* bytes of one frame's brightness and colour */
	unsigned char *map;            /* shared with the processes; NULL: not begun */
};

/* Starts with the GIF in the file fd, which w was walked from. 0, -1 with errno when memory or a
 * process could not be had; 1 when the GIF cannot be decoded. Ends with likeness_end(). */
int likeness_begin(struct likeness *l, const struct transcode_request *req, int fd,
    const struct walk *w) __attribute__((warn_unused_result));

/* 0 with *score, 1 for the same and less for what looks different; else as above. The GIF in
 * fd has the same frames, maybe fewer pixels. */
int likeness_of(const struct likeness *l, int fd, double *score)
    __attribute__((warn_unused_result));

/* Frees what likeness_begin() took; does nothing where it did not come to that. */
void likeness_end(struct likeness *l);

/* SSIM of two planes of width x height bytes. */
double likeness_ssim(const unsigned char *a, const unsigned char *b, uint32_t width,
    uint32_t height);

#endif
