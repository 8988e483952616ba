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

/* A source image in memory. */
struct source {
	const unsigned char *p;
	size_t n;
	enum format format;
	bool mended;  /* its end was missing and was added (mend.h); else it is unchanged */
	size_t zeros; /* at its end, that were taken for missing bytes (mend.h) */
	struct walk walk;
};

/* Reads the whole file at fd, at most 256 MB, into src->p and src->n, with MEND_ROOM bytes to spare
 * behind it; the caller frees src->p. Returns false with res set on failure. */
bool image_slurp(int fd, struct source *src, struct transcode_result *res)
    __attribute__((warn_unused_result));

/* Loads libvips so that forked children share it. Call it once, before the first fork. Returns
 * false when libvips cannot be initialised (logged). */
bool image_setup(const char *program) __attribute__((warn_unused_result));

/* Enters the cage in which images are decoded. Returns 0, or -1 with errno. */
int image_enter_cage(const struct transcode_request *req) __attribute__((warn_unused_result));

struct gif_source {
	int fd;        /* a GIF; no other process moves its position */
	unsigned turn; /* EXIF orientation still to be applied; 0: none */
};

/* A still image that has been made. */
struct target_file {
	uint64_t bytes; /* 0: none */
	uint32_t width, height;
	int quality; /* of a JPEG; 0: lossless */
};

enum { GIF_QUALITY_LEAST = 10 }; /* an animation's quality is its likeness in percent, 10 to 100 */

#endif
