/*
 * transcode_made: makes requests of settings, maps the classes of a template to the targets of a
 * request, and says what an answer means. Pure.
 */
#ifndef SM_TRANSCODE_MADE_H
#define SM_TRANSCODE_MADE_H

#include <stdint.h>

#include "media/transcode.h"
#include "model/error.h"
#include "model/settings.h"

/* Sets *req up for a medium of format f, with the limits of the settings; the caller adds the
 * targets. */
void transcode_request_init(struct transcode_request *req, const struct settings *s, enum format f);
/* Does the same for reading the size and duration of audio or video, for which a caller of HTTP
 * waits: it may take as long as an image. */
void transcode_request_probe(struct transcode_request *req, const struct settings *s,
    enum format f);

/* Returns the target of class c, within budget bytes. */
struct transcode_target transcode_target_of(const struct class *c, uint64_t budget);

/* Adds a target to req for each class for which want holds bytes, smallest class first. Where it
 * holds none at all, the largest class gets one byte, so that the medium is still examined. */
void transcode_want(struct transcode_request *req, const struct settings *s,
    uint64_t want[CLASS_MAX]);

/* Returns the index of the target that transcode_want() made for class k, whose want is not 0. */
unsigned transcode_target(const uint64_t want[CLASS_MAX], unsigned k);

/* Returns what saveMMS answers when the transcoder's final status for a medium of kind k is this
 * one. E_NONE means that nothing is wrong or that, for audio and video, the postback will tell
 * (savemms-api(7), Media types). A fault of ours, and a status that no answer about a medium
 * has, is E503. */
enum api_error transcode_error(enum transcode_status status, enum kind k);

#endif
