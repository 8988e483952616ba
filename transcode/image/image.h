/*
 * image: the parts of image_run().
 */
#ifndef SM_IMAGE_H
#define SM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/transcode.h"
#include "transcode/image/walk.h"

/* A source image in memory, unchanged. */
struct source {
	const unsigned char *p;
	size_t n;
	enum format format;
	struct walk walk;
};

/* Reads the whole file at fd, at most 256 MB, into src->p and src->n; the caller frees src->p.
 * Returns false with res set on failure. */
bool image_slurp(int fd, struct source *src, struct transcode_result *res)
    __attribute__((warn_unused_result));

/* Loads libvips so that forked children share it. Call it once, before the first fork. Returns
 * false when libvips cannot be initialised (logged). */
bool image_setup(const char *program) __attribute__((warn_unused_result));

/* Enters the cage in which images are decoded. Returns 0, or -1 with errno. */
int image_enter_cage(const struct transcode_request *req) __attribute__((warn_unused_result));

/* Enters the decoding cage and makes all targets of a still image. Returns as image_run(). */
int still_run(const struct transcode_request *req, const struct source *src, const int *out,
    struct transcode_result *res);

struct gif_source {
	int fd;        /* a GIF; no other process moves its position */
	unsigned turn; /* EXIF orientation still to be applied; 0: none */
};

/* Makes all targets of an animation by running gifsicle in a cage. The caller has set the upright
 * size of src in res. Returns as image_run(). */
int gif_run(const struct transcode_request *req, const struct gif_source *src, const int *out,
    struct transcode_result *res);

/* Writes an animated WebP as GIF to fd. Call it in a process of its own, because it enters the
 * decoding cage. Returns 0, or an exit status that is an enum transcode_status. */
int webp_to_gif(const struct transcode_request *req, const struct source *src, int fd);

/* Sets order[] to the order in which targets are made: the largest box first, and of equal boxes
 * the largest budget first, so that from one target to the next pixels and bytes only decrease. */
void target_order(const struct transcode_request *req, unsigned order[TRANSCODE_TARGETS]);

/* A still image that has been made. */
struct target_file {
	uint64_t bytes; /* 0: none */
	uint32_t width, height;
	int quality; /* of a JPEG; 0: lossless */
};

/* Returns the index of the file that suits the target best: of the files within box and budget the
 * one with the most pixels, then the best quality; when none fits the budget, the smallest. Returns
 * -1 when there is no file within the box. */
int target_pick(const struct transcode_target *t, const struct target_file *f, unsigned n);

enum { GIF_QUALITY_LEAST = 10 }; /* an animation's quality is its likeness in percent, 10 to 100 */

/* Tells whose fault it is that gifsicle ended with this wait status (not 0) and this output on
 * stderr. */
enum transcode_status gif_failure(int status, const char *diagnostics);

#endif
