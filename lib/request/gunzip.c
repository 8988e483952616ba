/* gunzip: see gunzip.h. This is the only file that includes zlib. */
#include "request/gunzip.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/arena.h"

enum {
	GZIP_ONLY = MAX_WBITS + 16, /* zlib.h: inflateInit2() */
	GZIP_OR_ZLIB = MAX_WBITS + 32,
	FLOW_PIECE = 16384, /* most bytes given to a sink at once */
};

struct gunzip_flow {
	z_stream z;
	bool within; /* what came does not end with the end of a member */
	unsigned char out[FLOW_PIECE];
};

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

struct gunzip_flow *
gunzip_flow_new(void)
{
	struct gunzip_flow *f = calloc(1, sizeof *f);

	if (f != NULL && inflateInit2(&f->z, GZIP_OR_ZLIB) != Z_OK) {
		free(f);
		return NULL;
	}
	return f;
}

/* Unpacks what fits into f->out of the bytes that wait. */
static enum gunzip_rc
unpack(struct gunzip_flow *f)
{
	int rc;

	if (!f->within && inflateReset(&f->z) != Z_OK)
		return GUNZIP_BAD;
	f->z.next_out = f->out;
	f->z.avail_out = sizeof f->out;
	rc = inflate(&f->z, Z_NO_FLUSH);
	f->within = rc != Z_STREAM_END;
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR) /* the last: nothing to do */
		return GUNZIP_OK;
	return rc == Z_MEM_ERROR ? GUNZIP_NOMEM : GUNZIP_BAD;
}

enum gunzip_rc
gunzip_flow_add(struct gunzip_flow *f, const void *p, size_t n, const struct gunzip_sink *to)
{
	enum gunzip_rc rc = n <= UINT_MAX ? GUNZIP_OK : GUNZIP_BAD;
	bool full = false; /* there may be more of what was taken in already */

	f->z.next_in = (z_const Bytef *)(uintptr_t)p;
	f->z.avail_in = (uInt)n;
	while (rc == GUNZIP_OK && (f->z.avail_in > 0 || (full && f->within))) {
		size_t got;

		rc = unpack(f);
		got = sizeof f->out - f->z.avail_out;
		full = f->z.avail_out == 0;
		if (rc == GUNZIP_OK && got > 0 && !to->take(to->ctx, f->out, got))
			rc = GUNZIP_STOPPED;
	}
	return rc;
}

bool
gunzip_flow_whole(const struct gunzip_flow *f)
{
	return !f->within;
}

void
gunzip_flow_free(struct gunzip_flow **f)
{
	if (*f == NULL)
		return;
	(void)inflateEnd(&(*f)->z);
	free(*f);
	*f = NULL;
}
