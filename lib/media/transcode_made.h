/*
 * transcode_made: between the classes of a template and the targets of a request. Pure.
 */
#ifndef SM_TRANSCODE_MADE_H
#define SM_TRANSCODE_MADE_H

#include <stdint.h>

#include "media/transcode.h"
#include "model/error.h"
#include "model/settings.h"

/* Adds a target for each class that want gives bytes, smallest class first. Where it gives
 * none any, the largest class gets one byte, so that the medium is looked at all the same. */
void transcode_want(struct transcode_request *req, const struct settings *s,
    uint64_t want[CLASS_MAX]);

/* The target that transcode_want() made for class k, whose want is not 0. */
unsigned transcode_target(const uint64_t want[CLASS_MAX], unsigned k);

/* What a saveMMS answers when the transcoder's final status for a medium is this one; E_NONE:
 * nothing is wrong, or, of audio and video, it is the postback that tells (SPEC 3.3). A fault of
 * ours, and a status that no answer about a medium has, is E503. */
enum api_error transcode_error(enum transcode_status status, enum kind k);

#endif
