/*
 * transcode_result: judging what comes over the socket; pure functions.
 */
#ifndef SM_TRANSCODE_RESULT_H
#define SM_TRANSCODE_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "media/transcode.h"

/* Is this request one that can be worked on: version, a format that is image,
 * audio or video, 1..TRANSCODE_TARGETS targets with budgets that are not 0 and do
 * not fall, boxes and limits that are not 0? NULL, or what is wrong. */
const char *transcode_request_bad(const struct transcode_request *req)
    __attribute__((warn_unused_result));

/* Makes a final answer safe to use, whoever wrote it. n is how many bytes came,
 * size[i] the real size of target i's file. Sets out[].bytes from size[]; an
 * answer that contradicts itself becomes TS_BROKEN with a why. */
void transcode_result_check(struct transcode_result *res, size_t n,
    const struct transcode_request *req, const uint64_t *size);

/* An answer of our own: zero but for status and why. */
void transcode_result_set(struct transcode_result *res, enum transcode_status status,
    const char *why);

#endif
