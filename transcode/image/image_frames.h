/*
 * image_frames: reads the frames of a GIF and converts an animated WebP to GIF, with libvips.
 */
#ifndef SM_IMAGE_FRAMES_H
#define SM_IMAGE_FRAMES_H

#include "transcode/image/image.h"

/* Writes an animated WebP as GIF to fd. Call it in a process of its own, because it enters the
 * decoding cage. Returns 0, or an exit status that is an enum transcode_status. */
int webp_to_gif(const struct transcode_request *req, const struct source *src, int fd);

#endif
