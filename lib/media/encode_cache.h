/*
 * encode_cache: names an encode by what it was asked for, and keeps its result as text, so that the
 * same bytes under the same plan are encoded once. Pure.
 */
#ifndef SM_ENCODE_CACHE_H
#define SM_ENCODE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/transcode.h"
#include "model/template.h"

struct arena;
struct buf;

/* The result of one medium in all targets. */
struct encode_cache_made {
	uint32_t width, height, ms; /* of the source */
	unsigned ntargets;
	bool there[TRANSCODE_TARGETS];         /* something was made for the target */
	struct rendition r[TRANSCODE_TARGETS]; /* what was made; class is not set */
};

/* Sets out to the SHA-256, in hex, over all that decides the result: source, which is the
 * SHA-256 of the source's bytes in hex, the format, each target, and the version of the
 * encoder's rules. */
void encode_cache_key(const char *source, const struct transcode_request *req,
    char out[SHA256_HEX]);

/* Write a result as text and read it back. The caller of encode_cache_write() checks buf_ok().
 * Reading returns false for a text that is not such a record, or when memory is short. */
void encode_cache_write(const struct encode_cache_made *m, struct buf *out);
bool encode_cache_read(struct arena *a, const char *text, struct encode_cache_made *m)
    __attribute__((warn_unused_result));

#endif
