/*
 * background: makes the background of an image template from any still image, by means of the
 * caged transcoder.
 */
#ifndef SM_BACKGROUND_H
#define SM_BACKGROUND_H

#include "media/transcode.h"
#include "model/image_template.h"
#include "personal/image_tools.h"

/* The open file with an image, which stays the caller's. */
struct background_source {
	int fd;
	bool check;
};

/* Fits the image of source to image-background-kb and
 * IMAGE_SIDE_MAX, as a JPEG, and stores it as a blob. Sets sha, bytes, width and height of *it. If
 * check is set, the template must pass image_template_check() before anything is stored. Takes
 * blob_shared() only when the image is decoded, and returns it in *lock, which the caller closes
 * after naming the blob: a decode takes seconds, in which a delete would wait for the lock, and all
 * saves behind it. Returns false on failure, with *lock -1, and tells people in why what is wrong.
 */
bool background_make(const struct image_tools *tools, const struct background_source *source,
    struct image_template *it, int *lock, char why[TRANSCODE_WHY])
    __attribute__((warn_unused_result));

#endif
