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

/* An image in memory as it came. */
struct source {
	const unsigned char *p;
	size_t n;
	enum format format;
	struct walk walk;
};

/* Reads the whole file at fd, at most 256 MB, into src's p and n; the caller frees p.
 * False with res set. */
bool image_slurp(int fd, struct source *src, struct transcode_result *res)
    __attribute__((warn_unused_result));

/* Loads libvips so that forked children have it; once, before the first fork.
 * False when it cannot be initialised (logged). */
bool image_setup(const char *program) __attribute__((warn_unused_result));

/* Enters the cage in which images are decoded. 0, or -1 with errno. */
int image_enter_cage(const struct transcode_request *req) __attribute__((warn_unused_result));

/* A still image: enters the decoding cage, makes all targets. As image_run(). */
int still_run(const struct transcode_request *req, const struct source *src, const int *out,
    struct transcode_result *res);

struct gif_source {
	int fd;        /* a GIF, whose position nobody else moves */
	unsigned turn; /* EXIF orientation that is still to be applied, 0: none */
};

/* An animation: runs gifsicle in a cage. res holds the size of src upright. As
 * image_run(). */
int gif_run(const struct transcode_request *req, const struct gif_source *src, const int *out,
    struct transcode_result *res);

/* Writes an animated WebP as GIF to fd; for a process of its own, which enters
 * the decoding cage here. 0, or an exit status of enum transcode_status. */
int webp_to_gif(const struct transcode_request *req, const struct source *src, int fd);

/* The order in which targets are made: largest box first, of equal boxes the
 * largest budget first, so that pixels only get fewer and files only smaller. */
void target_order(const struct transcode_request *req, unsigned order[TRANSCODE_TARGETS]);

/* A still image that was made. */
struct target_file {
	uint64_t bytes; /* 0: none */
	uint32_t width, height;
	int quality; /* of a JPEG; 0: nothing was lost */
};

/* Which of n files is the best for a target: of those within box and budget the one with most
 * pixels, then of the best quality; when none fits the budget the smallest. -1 when there is none.
 */
int target_pick(const struct transcode_target *t, const struct target_file *f, unsigned n);

enum { GIF_QUALITY_LEAST = 10 }; /* an animation's quality is its likeness in percent, 10 to 100 */

/* Whose fault it is that gifsicle ended with this wait status, not 0, and these words. */
enum transcode_status gif_failure(int status, const char *diagnostics);

#endif
