/*
 * background: the background of an image template made of any still image, by the caged
 * transcoder.
 */
#ifndef SM_BACKGROUND_H
#define SM_BACKGROUND_H

#include "media/transcode.h"
#include "model/image_template.h"
#include "personal/image_tools.h"

/* Fits the file open at source to image-background-kb and IMAGE_SIDE_MAX, as a JPEG, and
 * stores it as a blob: it->sha, bytes, width and height are set. The caller holds
 * blob_shared(). With check the template must pass image_template_check() before anything
 * is stored. False and in why what is wrong, for people. */
bool background_make(const struct image_tools *tools, int source, bool check,
    struct image_template *it, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

#endif
