/*
 * gunzip: reads a body that came with Content-Encoding gzip (RFC 1952).
 */
#ifndef SM_GUNZIP_H
#define SM_GUNZIP_H

#include <stddef.h>

struct arena;

/* Returns the content of n bytes of gzip, one member or more, with a NUL behind it, in the arena,
 * and sets *outlen to its length. Returns NULL when they are not gzip, not whole, or would become
 * more than max bytes, and when memory is short, which arena_failed() tells. */
char *gunzip(struct arena *a, const char *p, size_t n, size_t max, size_t *outlen);

#endif
