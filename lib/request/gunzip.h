/*
 * gunzip: reads a body that came with Content-Encoding gzip (RFC 1952) or deflate (RFC 1950).
 */
#ifndef SM_GUNZIP_H
#define SM_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct gunzip_flow; /* a body that comes in pieces */

/* Takes what was unpacked. Returns false when it wants no more. */
struct gunzip_sink {
	bool (*take)(void *ctx, const void *p, size_t n);
	void *ctx;
};

enum gunzip_rc {
	GUNZIP_OK,
	GUNZIP_STOPPED, /* the sink wants no more */
	GUNZIP_BAD,     /* the bytes are not gzip or deflate */
	GUNZIP_NOMEM,
};

/* Returns the content of n bytes of gzip, one member or more, with a NUL behind it, in the arena,
 * and sets *outlen to its length. Returns NULL when they are not gzip, not whole, or would become
 * more than max bytes, and when memory is short, which arena_failed() tells. */
char *gunzip(struct arena *a, const char *p, size_t n, size_t max, size_t *outlen);

/* Begins a body, gzip of one member or more or deflate with its zlib header. The caller ends it
 * with gunzip_flow_free(). Returns NULL when memory is short. */
struct gunzip_flow *gunzip_flow_new(void) __attribute__((warn_unused_result));

/* Unpacks the next n bytes and gives what they become to the sink, a few KB at a time. After any
 * result but GUNZIP_OK only gunzip_flow_free() may follow. */
enum gunzip_rc gunzip_flow_add(struct gunzip_flow *f, const void *p, size_t n,
    const struct gunzip_sink *to) __attribute__((warn_unused_result));

/* Tells whether what was added is whole, as nothing at all is. */
bool gunzip_flow_whole(const struct gunzip_flow *f);

/* Frees *f, if it is not NULL, and sets it to NULL. */
void gunzip_flow_free(struct gunzip_flow **f);

#endif
