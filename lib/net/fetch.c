/* fetch: see fetch.h. A transfer is cut off as soon as it passes its limit. */
#include "net/fetch.h"

#include <stdbool.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "net/http_client_url.h"

/* One file that is being received. */
struct incoming {
	struct fetch *f;
	struct sha256 sha;
	unsigned char head[4];
	bool broken, too_big;
};

struct fetching {
	struct fetch *f;
	size_t n;
	struct incoming *in;
	struct http_client_get *get;
	size_t *owner; /* of get[k]: the index in f */
	size_t ngets;
	void (*done)(void *ctx, size_t i);
	void *ctx;
};

/* Returns the limit of a file that begins with the n bytes at head; while too few are known, the
 * larger one. */
static uint64_t
limit_of(const struct fetch *f, const void *head, uint64_t n)
{
	if (n < 4)
		return f->limit > f->gif_limit ? f->limit : f->gif_limit;
	return memcmp(head, "GIF8", 4) == 0 ? f->gif_limit : f->limit;
}

static bool
sink(void *ctx, const void *p, size_t n)
{
	struct incoming *in = ctx;
	struct fetch *f = in->f;

	for (size_t i = 0; i < n && f->bytes + i < sizeof in->head; i++)
		in->head[f->bytes + i] = ((const unsigned char *)p)[i];
	f->bytes += n;
	in->too_big = f->bytes > limit_of(f, in->head, f->bytes);
	if (in->too_big)
		return false;
	in->broken = file_write(f->fd, p, n) != 0;
	if (in->broken)
		return false;
	crypt_sha256_add(&in->sha, p, n);
	return true;
}

static void
fail(struct fetch *f, enum fetch_rc rc, const char *why)
{
	f->rc = rc;
	(void)snprintf(f->why, sizeof f->why, "%s", why);
	file_close(&f->fd);
}

/* Sets the result of a fetch from that of its transfer. */
static void
settle(struct incoming *in, const struct http_client_get *g)
{
	struct fetch *f = in->f;

	f->ms = g->ms;
	f->status = g->status;
	(void)snprintf(f->type, sizeof f->type, "%s", g->type);
	if (in->broken) {
		fail(f, FETCH_BROKEN, "cannot write the received bytes");
	} else if (g->rc == HTTP_CLIENT_FAILED || g->rc == HTTP_CLIENT_BROKEN) {
		fail(f, g->rc == HTTP_CLIENT_FAILED ? FETCH_FAILED : FETCH_BROKEN, g->why);
		if (g->status != 0)
			(void)snprintf(f->why, sizeof f->why, "HTTP status %ld: %.120s", g->status,
			    g->why);
	} else if (g->status != 200) {
		fail(f, FETCH_FAILED, "");
		(void)snprintf(f->why, sizeof f->why, "HTTP status %ld", g->status);
	} else if (in->too_big || g->rc == HTTP_CLIENT_STOPPED) {
		fail(f, FETCH_TOO_BIG, "larger than allowed");
	} else if (f->bytes == 0) {
		fail(f, FETCH_FAILED, "HTTP status 200: no body");
	} else {
		f->rc = FETCH_OK;
		crypt_sha256_end(&in->sha, f->sha);
	}
}

static bool
same_fetch(const struct fetch *a, const struct fetch *b)
{
	return a->given == NULL && b->given == NULL && a->limit == b->limit &&
	    a->gif_limit == b->gif_limit && a->path[0] != '\0' && strcmp(a->path, b->path) == 0;
}

/* Gives an item what was fetched for an earlier one with the same URL and limits. */
static void
share(struct fetch *to, const struct fetch *from)
{
	const char *url = to->url;

	*to = *from;
	to->url = url;
	if (from->fd >= 0 && (to->fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 0)) < 0)
		fail(to, FETCH_BROKEN, "out of descriptors");
}

static void
on_done(void *ctx, size_t k)
{
	struct fetching *fg = ctx;
	size_t first = fg->owner[k];

	settle(&fg->in[first], &fg->get[k]);
	fg->done(fg->ctx, first);
	for (size_t i = first + 1; i < fg->n; i++)
		if (same_fetch(&fg->f[first], &fg->f[i])) {
			share(&fg->f[i], &fg->f[first]);
			fg->done(fg->ctx, i);
		}
}

/* Prepares item i to receive. Returns false when it has failed or an earlier item is fetched for
 * both. */
static bool
prepare(const struct settings *s, struct fetching *fg, size_t i)
{
	struct fetch *f = &fg->f[i];
	struct http_client_url u = { .url = f->url,
		.how = HTTP_CLIENT_BARE,
		.out = f->path,
		.size = sizeof f->path };

	if (!http_client_url_check(s, &u)) {
		f->path[0] = '\0';
		fail(f, u.why != NULL ? FETCH_FAILED : FETCH_BROKEN,
		    u.why != NULL ? u.why : "out of memory");
		return false;
	}
	for (size_t k = 0; k < i; k++)
		if (same_fetch(&fg->f[k], f))
			return false;
	if ((f->fd = blob_temp(s)) < 0) {
		fail(f, FETCH_BROKEN, strerror(errno));
		return false;
	}
	fg->in[i].f = f;
	crypt_sha256_start(&fg->in[i].sha);
	return true;
}

/* Treats a file that was received in another way as if it had been fetched. */
static void
take_given(struct fetch *f)
{
	char head[4];
	ssize_t n;

	(void)snprintf(f->type, sizeof f->type, "%s", f->given->type);
	(void)snprintf(f->path, sizeof f->path, "%s", f->given->name);
	f->fd = fcntl(f->given->fd, F_DUPFD_CLOEXEC, 0);
	if (f->fd < 0 || crypt_sha256_file(f->fd, f->sha, &f->bytes) != 0) {
		fail(f, FETCH_BROKEN, "cannot read what was received");
		return;
	}
	n = file_pread(f->fd, head, sizeof head, 0);
	if (f->bytes == 0)
		fail(f, FETCH_FAILED, "it is empty");
	else if (n < 0)
		fail(f, FETCH_BROKEN, "cannot read what was received");
	else if (f->bytes > limit_of(f, head, (uint64_t)n))
		fail(f, FETCH_TOO_BIG, "larger than allowed");
}

static void
run(const struct settings *s, struct fetching *fg)
{
	for (size_t i = 0; i < fg->n; i++)
		if (fg->f[i].given != NULL) {
			take_given(&fg->f[i]);
			fg->done(fg->ctx, i);
		} else if (prepare(s, fg, i)) {
			struct http_client_get *g = &fg->get[fg->ngets];

			fg->owner[fg->ngets++] = i;
			g->url = fg->f[i].path;
			g->limit = limit_of(&fg->f[i], "", 0);
			g->sink = sink;
			g->ctx = &fg->in[i];
		} else if (fg->f[i].path[0] == '\0' || fg->f[i].rc == FETCH_BROKEN) {
			fg->done(fg->ctx, i);
		}
	if (fg->ngets > 0)
		http_client_get_all(s, fg->get, fg->ngets, on_done, fg);
	for (size_t k = 0; k < fg->ngets; k++)
		if (fg->f[fg->owner[k]].rc == FETCH_OK && fg->f[fg->owner[k]].sha[0] == '\0')
			on_done(fg, k); /* the whole request ran out of time */
}

void
fetch_all(const struct settings *s, struct fetch *f, size_t n, void (*done)(void *ctx, size_t i),
    void *ctx)
{
	struct fetching fg = { .f = f, .n = n, .done = done, .ctx = ctx };

	fg.in = calloc(n, sizeof *fg.in);
	fg.get = calloc(n, sizeof *fg.get);
	fg.owner = calloc(n, sizeof *fg.owner);
	for (size_t i = 0; i < n; i++) {
		f[i].rc = FETCH_OK;
		f[i].fd = -1;
		f[i].bytes = f[i].ms = 0;
		f[i].status = 0;
		f[i].sha[0] = f[i].type[0] = f[i].path[0] = f[i].why[0] = '\0';
	}
	if (fg.in != NULL && fg.get != NULL && fg.owner != NULL) {
		run(s, &fg);
	} else {
		for (size_t i = 0; i < n; i++) {
			fail(&f[i], FETCH_BROKEN, "out of memory");
			done(ctx, i);
		}
	}
	free(fg.in);
	free(fg.get);
	free(fg.owner);
}
