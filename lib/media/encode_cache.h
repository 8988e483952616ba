/*
 * encode_cache: what an encode was asked for, as a name, and what it gave, as text, so that
 * the same bytes under the same plan are encoded once. Pure.
 */
#ifndef SM_ENCODE_CACHE_H
#define SM_ENCODE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/transcode.h"
#include "model/template.h"

struct arena;
struct buf;

/* What became of one medium in all targets. */
struct encode_cache_made {
	uint32_t width, height, ms; /* of the source */
	unsigned ntargets;
	bool there[TRANSCODE_TARGETS];         /* something was made for the target */
	struct rendition r[TRANSCODE_TARGETS]; /* that; class is not set */
};

/* The SHA-256, in hex, over all that decides the result: the source's bytes, its
 * format, each target, and the version of the encoder's rules. */
void encode_cache_key(const char *source, const struct transcode_request *req,
    char out[SHA256_HEX]);

/* The text form, and back: false for a text that is not one. */
void encode_cache_write(const struct encode_cache_made *m, struct buf *out);
bool encode_cache_read(struct arena *a, const char *text, struct encode_cache_made *m)
    __attribute__((warn_unused_result));

#endif
