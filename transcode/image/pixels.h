/*
 * pixels: decoded images, and what is done with them; libvips behind it.
 */
#ifndef SM_PIXELS_H
#define SM_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transcode/image/image.h"

struct pixels; /* 8 bits, sRGB or grey, upright, opaque, all in memory */

/* Bytes of a file in memory; ends with encoded_free(). */
struct encoded {
	void *p; /* NULL: none */
	size_t n;
	uint32_t width, height;
	int quality; /* of a JPEG; 0: nothing was lost */
	enum format format;
	bool lent; /* p is another's */
};

/* Decodes the whole source to at most box pixels a side. *turned: do width and
 * height change places to be upright? NULL when the source cannot be decoded
 * completely. The caller's; ends with pixels_drop(). */
struct pixels *pixels_decode(const struct source *src, uint32_t box, bool *turned)
    __attribute__((warn_unused_result));

/* The image with no side longer than box: another reference when it is that
 * already, else a smaller copy. NULL on failure. */
struct pixels *pixels_within(struct pixels *im, uint32_t box) __attribute__((warn_unused_result));

/* Makes it 8 bits, sRGB or grey, with white behind what is transparent. 0, or -1 with the image as
 * far as it came. */
int pixels_plain(struct pixels **im) __attribute__((warn_unused_result));

/* Gives the image back and sets it to NULL; takes NULL. */
void pixels_drop(struct pixels **im);
/* In pixels, as it lies in memory. */
uint32_t pixels_width(const struct pixels *im);
uint32_t pixels_height(const struct pixels *im);

/* Baseline JPEG, 4:2:0, optimised, JFIF header, nothing else. 0 or -1. */
int pixels_jpeg(struct pixels *im, int quality, struct encoded *e)
    __attribute__((warn_unused_result));

/* PNG of exactly these colours. 0 or -1. */
int pixels_png(struct pixels *im, struct encoded *e) __attribute__((warn_unused_result));

void encoded_free(struct encoded *e);

/* The best JPEG of an image that was drawn, or of a smaller copy, within the budget
 * (image_search.h), or the smallest when none fits: 0 and in *best the file; -1 when encoding
 * failed. *best is empty when it is called (still.c). */
int pixels_fit_jpeg(struct pixels *im, uint64_t budget, struct encoded *best)
    __attribute__((warn_unused_result));

/* An image of width x height pixels whose 3 bytes each lie at rgb, which must stay until
 * pixels_drop(). NULL on failure. */
struct pixels *pixels_of_rgb(const void *rgb, uint32_t width, uint32_t height)
    __attribute__((warn_unused_result));

/* Writes the image so to rgb, which has room for width x height of 3 bytes. 0 or -1. */
int pixels_to_rgb(struct pixels *im, void *rgb) __attribute__((warn_unused_result));

/* All frames of a GIF, to be taken from it in their order; *pages: how many. NULL when it
 * cannot be opened. Ends with pixels_drop(). */
struct pixels *pixels_animation(const struct source *src, uint32_t *pages)
    __attribute__((warn_unused_result));

/* Writes frame n of all, as it is seen on white, scaled to width x height pixels, to rgb, which
 * has room for 3 bytes of each. 0, or -1 when it cannot be decoded. */
int pixels_frame(struct pixels *all, uint32_t n, uint32_t width, uint32_t height, void *rgb)
    __attribute__((warn_unused_result));

/* What went wrong last, on one line, cut to size; forgets it. Whose fault that is: TS_BROKEN when
 * the system refused something (glib's complaints: no thread), TS_LIMIT when the memory the
 * image may have was not enough, else the usual. */
enum transcode_status pixels_error(enum transcode_status usual, char *out, size_t size);

#endif
