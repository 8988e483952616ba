/*
 * fetch: fetches the media of one request, all in parallel, into unnamed files.
 */
#ifndef SM_FETCH_H
#define SM_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypt.h"
#include "model/media.h"
#include "net/http_client.h"

enum fetch_rc {
	FETCH_OK,
	FETCH_FAILED,  /* E35x: no such URL, no connection, not 200, no body, too slow */
	FETCH_TOO_BIG, /* E33x: more than its limit */
	FETCH_BROKEN   /* our fault: disk, memory or descriptors */
};

/* A file that was received in another way. */
struct fetch_given {
	int fd;           /* stays the caller's */
	const char *type; /* its Content-Type */
	const char *name; /* stands in for the URL: its extension counts */
};

struct fetch {
	const char *url; /* as the customer wrote it */
	/* used instead of url, and counts as fetched, under the same limits; NULL: none */
	const struct fetch_given *given;
	uint64_t limit;     /* most bytes, unless they are a GIF */
	uint64_t gif_limit; /* most bytes of a GIF */
	/* set when the fetch ends */
	enum fetch_rc rc;
	int fd; /* the bytes, a blob_temp(); -1 unless FETCH_OK. The caller closes it */
	uint64_t bytes;
	char sha[SHA256_HEX];
	long status;                 /* of the answer; 0: none came */
	char type[HTTP_CLIENT_TYPE]; /* Content-Type as sent, "" if none */
	char path[8192]; /* the canonical URL, or the given name: its extension counts */
	char why[HTTP_CLIENT_WHY];
	uint64_t ms;
};

/* Fetches all n and returns when all have ended. A URL that occurs more than once with the same
 * limits is fetched once. Calls done(ctx, i) as each ends, in any order; by then the results in
 * f[i] are set. */
void fetch_all(const struct settings *s, struct fetch *f, size_t n,
    void (*done)(void *ctx, size_t i), void *ctx);

#endif
