/*
 * pixels: decoded images, and what is done with them; libvips behind it.
 */
#ifndef SM_PIXELS_H
#define SM_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transcode/image.h"

struct pixels;		/* 8 bits, sRGB or grey, upright, opaque, all in memory */

/* Bytes of a file in memory; ends with encoded_free(). */
struct encoded {
	void *p;	/* NULL: none */
	size_t n;
	uint32_t width, height;
	int quality;
	enum format format;
};

/* Decodes the whole source to at most box pixels a side. *turned: do width and
 * height change places to be upright? NULL when the source cannot be decoded
 * completely. The caller's; ends with pixels_drop(). */
struct pixels *pixels_decode(const struct source *src, uint32_t box, bool *turned)
    __attribute__((warn_unused_result));

/* The image with no side longer than box: another reference when it is that
 * already, else a smaller copy. NULL on failure. */
struct pixels *pixels_within(struct pixels *im, uint32_t box) __attribute__((warn_unused_result));

void pixels_drop(struct pixels **im);
uint32_t pixels_width(const struct pixels *im);
uint32_t pixels_height(const struct pixels *im);

/* Baseline JPEG, 4:2:0, optimised, JFIF header, nothing else. 0 or -1. */
int pixels_jpeg(struct pixels *im, int quality, struct encoded *e) __attribute__((warn_unused_result));

/* PNG of exactly these colours. 0 or -1. */
int pixels_png(struct pixels *im, struct encoded *e) __attribute__((warn_unused_result));

void encoded_free(struct encoded *e);

/* What went wrong last, on one line, cut to size; forgets it. */
void pixels_error(char *out, size_t size);

#endif
