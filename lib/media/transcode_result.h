/*
 * transcode_result: checks what comes over the transcoder's socket. Pure functions.
 */
#ifndef SM_TRANSCODE_RESULT_H
#define SM_TRANSCODE_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "media/transcode.h"

/* Returns NULL when this request can be worked on, else what is wrong with it. It must have the
 * right version, a format that is image, audio or video (none for TRANSCODE_IDENTIFY),
 * 1..TRANSCODE_TARGETS targets (none for TRANSCODE_PROBE and TRANSCODE_IDENTIFY) with budgets that
 * are not 0 and do not fall, and boxes and limits that are not 0. */
const char *transcode_request_bad(const struct transcode_request *req)
    __attribute__((warn_unused_result));

/* Makes a final answer safe to use, whoever wrote it. n is how many bytes came, and size[i] is
 * the real size of target i's file. Sets out[].bytes from size[]. An answer that contradicts
 * itself becomes TS_BROKEN, with a reason in why. */
void transcode_result_check(struct transcode_result *res, size_t n,
    const struct transcode_request *req, const uint64_t *size);

/* Sets *res to an answer of our own: zero but for version, status and why. */
void transcode_result_set(struct transcode_result *res, enum transcode_status status,
    const char *why);

#endif
