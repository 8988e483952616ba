/*
 * pixels: decoded images and the operations on them, on top of libvips.
 */
#ifndef SM_PIXELS_H
#define SM_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transcode/image/image.h"

struct pixels; /* 8 bits, sRGB or grey, upright, opaque, all in memory */

/* An encoded file in memory. Free it with pixels_encoded_free(). */
struct encoded {
	void *p; /* NULL: none */
	size_t n;
	uint32_t width, height;
	int quality; /* of a JPEG; 0: lossless */
	enum format format;
	bool lent; /* p belongs to another and is not freed */
};

/* Decodes the whole source to at most box pixels a side. Sets *turned when width and height change
 * places to make the image upright. The caller ends the result with pixels_drop(). Returns NULL
 * when the source cannot be decoded completely. */
struct pixels *pixels_decode(const struct source *src, uint32_t box, bool *turned)
    __attribute__((warn_unused_result));

/* Returns the image with no side longer than box: another reference to im when it is small enough
 * already, else a smaller copy; NULL on failure. The caller ends it with pixels_drop() and still
 * owns im. */
struct pixels *pixels_within(struct pixels *im, uint32_t box) __attribute__((warn_unused_result));

/* Converts the image to 8 bits, sRGB or grey, with white behind transparent pixels, and replaces
 * *im. Returns 0, or -1 with *im as far as the conversion came. */
int pixels_plain(struct pixels **im) __attribute__((warn_unused_result));

/* Drops one reference to the image and sets *im to NULL. *im may be NULL. */
void pixels_drop(struct pixels **im);
/* Return the size in pixels as the image lies in memory. */
uint32_t pixels_width(const struct pixels *im);
uint32_t pixels_height(const struct pixels *im);

/* Encodes a baseline JPEG (4:2:0, optimised, with a JFIF header and no other metadata) into *e,
 * which the caller frees. Returns 0 or -1. */
int pixels_jpeg(struct pixels *im, int quality, struct encoded *e)
    __attribute__((warn_unused_result));

/* Encodes a PNG with exactly these colours into *e, which the caller frees. Returns 0 or -1. */
int pixels_png(struct pixels *im, struct encoded *e) __attribute__((warn_unused_result));

/* Frees the bytes, unless they are lent, and empties *e. */
void pixels_encoded_free(struct encoded *e);

/* Makes the best JPEG within the budget of a drawn image, or of a smaller copy of it
 * (image_search.h); if none fits, the smallest. *best is empty on entry (still.c). Returns 0 with
 * the file in *best, which the caller frees, or -1 when encoding failed. */
int pixels_fit_jpeg(struct pixels *im, uint64_t budget, struct encoded *best)
    __attribute__((warn_unused_result));

/* Wraps width x height pixels of 3 bytes each at rgb, which must stay valid until pixels_drop().
 * Returns NULL on failure. */
struct pixels *pixels_of_rgb(const void *rgb, uint32_t width, uint32_t height)
    __attribute__((warn_unused_result));

/* Writes the image in that form to rgb, which has room for width x height pixels of 3 bytes.
 * Returns 0 or -1. */
int pixels_to_rgb(struct pixels *im, void *rgb) __attribute__((warn_unused_result));

/* Opens a GIF with all its frames, which must be taken in order, and sets *pages to their number.
 * The caller ends the result with pixels_drop(). Returns NULL when the GIF cannot be opened. */
struct pixels *pixels_animation(const struct source *src, uint32_t *pages)
    __attribute__((warn_unused_result));

/* Writes frame n of the animation all, on white and scaled to width x height pixels, to rgb, which
 * has room for 3 bytes a pixel. Returns 0, or -1 when the frame cannot be decoded. */
int pixels_frame(struct pixels *all, uint32_t n, uint32_t width, uint32_t height, void *rgb)
    __attribute__((warn_unused_result));

/* Copies the last libvips error to out, on one line and cut to size bytes, and clears it. Returns
 * whose fault the error is: TS_BROKEN when the system refused something (glib's complaints, for
 * example no thread), TS_LIMIT when the image needed more memory than it may have, else usual. */
enum transcode_status pixels_error(enum transcode_status usual, char *out, size_t size);

#endif
