/*
 * plan: what an encode was asked for, as a name, and what it gave, as text, so that
 * the same bytes under the same plan are encoded once. Pure.
 */
#ifndef SM_PLAN_H
#define SM_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "media/transcode.h"
#include "model/template.h"

struct arena;
struct buf;

/* What became of one medium in all targets. */
struct plan_made {
	uint32_t width, height, ms;		/* of the source */
	unsigned ntargets;
	bool there[TRANSCODE_TARGETS];		/* something was made for the target */
	struct rendition r[TRANSCODE_TARGETS];	/* that; class is not set */
};

/* The SHA-256, in hex, over all that decides the result: the source's bytes, its
 * format, each target, and the version of the encoder's rules. */
void plan_name(const char *source, const struct transcode_request *req, char out[SHA256_HEX]);

/* The text form, and back: false for a text that is not one. */
void plan_encode(const struct plan_made *m, struct buf *out);
bool plan_decode(struct arena *a, const char *text, struct plan_made *m) __attribute__((warn_unused_result));

#endif
