/* gunzip: see gunzip.h. This is the only file that includes zlib. */
#include "request/gunzip.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <zlib.h>

#include "base/arena.h"

enum { GZIP_ONLY = MAX_WBITS + 16 }; /* zlib.h: inflateInit2() */

static void *
allocate(void *ctx, unsigned n, unsigned size)
{
	return arena_array(ctx, n, size);
}

static void
leave_to_the_arena(void *ctx, void *p)
{
	(void)ctx;
	(void)p;
}

/* Inflates all members, up to the room there is. Returns true if the last one is whole. */
static bool
inflate_all(z_stream *z)
{
	int rc;

	do
		rc = inflate(z, Z_FINISH);
	while (rc == Z_STREAM_END && z->avail_in > 0 && inflateReset(z) == Z_OK);
	return rc == Z_STREAM_END && z->avail_in == 0;
}

char *
gunzip(struct arena *a, const char *p, size_t n, size_t max, size_t *outlen)
{
	z_stream z = { .zalloc = allocate, .zfree = leave_to_the_arena, .opaque = a };
	char *out = n <= UINT_MAX && max < UINT_MAX ? arena_zalloc(a, max + 1) : NULL;
	bool whole;

	if (out == NULL || inflateInit2(&z, GZIP_ONLY) != Z_OK)
		return NULL;
	z.next_in = (z_const Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)max;
	whole = inflate_all(&z);
	*outlen = max - z.avail_out;
	(void)inflateEnd(&z);
	return whole ? out : NULL;
}
