/*
 * background: makes the background of an image template from any still image, by means of the
 * caged transcoder.
 */
#ifndef SM_BACKGROUND_H
#define SM_BACKGROUND_H

#include "media/transcode.h"
#include "model/image_template.h"
#include "personal/image_tools.h"

/* Fits the image in the open file source, which stays the caller's, to image-background-kb and
 * IMAGE_SIDE_MAX, as a JPEG, and stores it as a blob. Sets sha, bytes, width and height of *it.
 * The caller holds blob_shared(). If check is set, the template must pass image_template_check()
 * before anything is stored. Returns false on failure and tells people in why what is wrong. */
bool background_make(const struct image_tools *tools, int source, bool check,
    struct image_template *it, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

#endif
