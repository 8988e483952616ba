/*
 * walk: reads what an image file says about itself, without a decoder.
 *
 * The functions are pure and work on bytes in memory; they never read outside, whatever the bytes
 * are. They decide what a decoder may see (savemms-media(7), Bombs).
 */
#ifndef SM_WALK_H
#define SM_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/media.h"

enum {
	WALK_SIDE = 16384,    /* longest side, pixels */
	WALK_FRAMES_MP = 250, /* canvas times frames, in millions of pixels */
};

struct walk {
	uint32_t width, height; /* of the canvas with every frame inside, as stored, not turned */
	uint32_t frames;        /* 1 for a still image; an APNG counts as its first frame */
	uint32_t ms;            /* duration of all frames */
	unsigned turn;          /* WebP: EXIF orientation 1..8; 0 when it has none */
	bool animated;          /* more than one frame */
	bool whole;             /* the walk reached the format's end mark */
	bool cut;               /* GIF: the file ends inside a block */
	size_t end;             /* not whole: where the first block begins that is not complete; of
	                           a JPEG, where its last scan's data begin */
	bool ready;   /* not whole: all rows or frames may be there, if only the decoder or
	                 what is at end agrees (mend.h) */
	bool palette; /* at most 256 colours by construction */
	bool alpha;   /* may have transparent pixels */
	bool plain;   /* JPEG: baseline, grey or YCbCr, with no byte of anything else */
};

/* Walks the n bytes at p as a file of format f (JPEG, PNG, GIF or WEBP) and fills *w, which it
 * zeroes first. Returns false when the header cannot be read or describes an empty image. */
bool walk(enum format f, const unsigned char *p, size_t n, struct walk *w)
    __attribute__((warn_unused_result));

/* Returns NULL when a decoder may have the image, else the name of the limit that it exceeds. */
const char *walk_over(const struct walk *w, uint64_t max_pixels, uint32_t max_frames)
    __attribute__((warn_unused_result));

/* The walkers that walk() calls, one for each format. */
bool walk_jpeg(const unsigned char *p, size_t n, struct walk *w);
bool walk_png(const unsigned char *p, size_t n, struct walk *w);
bool walk_gif(const unsigned char *p, size_t n, struct walk *w);
bool walk_webp(const unsigned char *p, size_t n, struct walk *w);

#endif
