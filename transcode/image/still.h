/*
 * still: makes the renditions of one still image.
 */
#ifndef SM_STILL_H
#define SM_STILL_H

#include "transcode/image/image.h"

/* Enters the decoding cage and makes all targets of a still image. Zeros at the
 * end of src that prove to be its pixels are put back into it. Returns as image_run(). */
int still_run(const struct transcode_request *req, struct source *src, const int *out,
    struct transcode_result *res);

#endif
