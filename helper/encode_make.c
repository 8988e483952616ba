/*
 * encode_make: makes renditions, or takes them from an earlier encode of the same bytes under the
 * same plan. See encode.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "helper/encode.h"
#include "media/budget.h"
#include "media/transcode_made.h"
#include "media/transcode_rendition.h"

enum { TEXT_MAX = 16384, DISK_LEAST = 16 << 20 };

bool
encode_grant(struct encode *e, const struct template *t, const struct medium *m)
{
	const struct settings *s = e->h->settings;
	struct budget_shares *sh;
	size_t i = 0;

	if (e->job->body[0] != '\0')
		return budget_want_read(s, e->job->body, e->want);
	if ((sh = arena_zalloc(e->arena, sizeof *sh)) == NULL)
		return false;
	budget_shares(s, t, sh);
	while (budget_medium(t, i) != m)
		i++;
	memcpy(e->want, sh->share[i], sizeof e->want);
	return true;
}

static bool
blob_there(const struct settings *s, const char *sha)
{
	int fd = blob_open(s, sha);
	bool there = fd >= 0;

	file_close(&fd);
	return there;
}

enum store_rc
encode_hold_blobs(struct encode *e)
{
	const struct settings *s = e->h->settings;
	bool whole = true;

	if ((e->blobs = blob_shared(s)) < 0) {
		log_error("locking the media folder: %m");
		return ST_IO;
	}
	for (unsigned k = 0; whole && k < e->made.ntargets; k++)
		whole = !e->made.there[k] || blob_there(s, e->made.r[k].sha);
	if (!whole)
		file_close(&e->blobs);
	return whole ? ST_OK : ST_NOTFOUND;
}

/* Takes over what an earlier encode made. ST_OK: e->blobs protects it. ST_NOTFOUND: it is not whole
 * any more. ST_IO: the media folder cannot be locked. */
static enum store_rc
reuse(struct encode *e, const char *text)
{
	if (!encode_cache_read(e->arena, text, &e->made) || e->made.ntargets != e->req.ntargets)
		return ST_NOTFOUND;
	return encode_hold_blobs(e);
}

static bool
on_progress(void *ctx, unsigned permille, unsigned left_ms)
{
	struct encode *e = ctx;

	e->lease.permille = permille;
	e->lease.left_ms = left_ms;
	return !e->lease.lost && !e->h->stopping;
}

static enum encode_rc
transcode(struct encode *e, const struct medium *m, struct transcode_result *res)
{
	const struct settings *s = e->h->settings;
	char temp[INSTANCE_PATH];
	int source = blob_open(s, m->sha);

	if (source < 0) {
		(void)snprintf(e->why, sizeof e->why, "the source's blob cannot be opened: %s",
		    strerror(errno));
		return ENCODE_OURS;
	}
	blob_temp_dir(s, temp, sizeof temp);
	e->tj = transcode_start(e->h->transcoder, &e->req, source, temp);
	file_close(&source);
	if (e->tj == NULL) {
		(void)snprintf(e->why, sizeof e->why, "the transcoder cannot be started");
		return ENCODE_OURS;
	}
	transcode_wait(e->tj, -1, on_progress, e, res);
	(void)snprintf(e->why, sizeof e->why, "%s", res->why);
	return encode_outcome((enum transcode_status)res->status);
}

/* Stores the blob of target i. Returns false on failure. */
static bool
store_one(struct encode *e, const struct transcode_output *o, unsigned i)
{
	struct rendition *r = &e->made.r[i];
	int made = transcode_rendition(e->tj, o, r);

	e->made.there[i] = made > 0;
	return made == 0 ||
	    (made > 0 &&
		blob_put(e->h->settings, transcode_output_fd(e->tj, o->same_as), r->sha) == 0);
}

static struct plan_claim
claim_of(const struct encode *e)
{
	return (
	    struct plan_claim){ e->lease.plan, e->h->owner, e->h->settings->lease_seconds * 1000 };
}

/* Stores the results as blobs under the lock, and makes the plan known to other helpers. */
static enum encode_rc
store_made(struct encode *e, const struct transcode_result *res)
{
	const struct plan_claim claim = claim_of(e);
	struct buf text;
	enum store_rc rc;
	bool ok = (e->blobs = blob_shared(e->h->settings)) >= 0;

	e->made = (struct encode_cache_made){ .width = res->width,
		.height = res->height,
		.ms = res->ms,
		.ntargets = e->req.ntargets };
	for (unsigned i = 0; ok && i < e->req.ntargets; i++)
		ok = store_one(e, &res->out[i], i);
	if (!ok) {
		log_error("job %llu: storing renditions: %m", (unsigned long long)e->job->id);
		(void)snprintf(e->why, sizeof e->why, "the renditions could not be stored");
		return ENCODE_OURS;
	}
	buf_init(&text, TEXT_MAX);
	encode_cache_write(&e->made, &text);
	rc = buf_ok(&text) ? store_plan_put(e->h->store, &claim, buf_str(&text)) : ST_NOMEM;
	if (rc != ST_OK && rc != ST_CONFLICT) /* then the next encode of it does the work again */
		log_warn("job %llu: the plan is not kept: %s", (unsigned long long)e->job->id,
		    store_rc_text(rc));
	buf_free(&text);
	return ENCODE_MADE;
}

/* Takes the plan. If the blobs of its result are no longer complete, drops it and takes it
 * anew. */
static enum store_rc
take_plan(struct encode *e)
{
	const struct plan_claim claim = claim_of(e);
	struct store *st = e->h->store;
	const char *text;
	enum store_rc rc = store_plan_take(st, &claim, e->arena, &text);

	if (rc != ST_OK || (rc = reuse(e, text)) != ST_NOTFOUND)
		return rc;
	if ((rc = store_plan_forget(st, claim.plan, text)) == ST_OK)
		rc = store_plan_take(st, &claim, e->arena, &text);
	/* just made by another: look again */
	return rc == ST_OK || rc == ST_CONFLICT ? ST_AGAIN : rc;
}

/* Lets others make a plan that could not be made here. A lease that is lost is no reason to keep
 * it: the template may have been deleted, and another may have the same medium. */
static void
give_up_plan(struct encode *e)
{
	const struct plan_claim claim = claim_of(e);
	enum store_rc rc = store_plan_drop(e->h->store, &claim);

	if (rc != ST_OK && rc != ST_CONFLICT)
		log_warn("job %llu: its plan stays held for a while",
		    (unsigned long long)e->job->id);
}

/* Closes the files of the transcoder, which have no names: what they take is free again. How short
 * the disk was is asked before. */
static void
end_work(struct encode *e)
{
	e->disk_short = file_disk_free(e->h->settings->dir) < DISK_LEAST;
	if (e->tj != NULL)
		transcode_end(&e->tj);
}

enum encode_rc
encode_make(struct encode *e, const struct medium *m)
{
	struct transcode_result res = { 0 };
	enum encode_rc rc;

	transcode_request_init(&e->req, e->h->settings, m->format);
	e->req.account = e->job->account;
	transcode_want(&e->req, e->h->settings, e->want);
	encode_cache_key(m->sha, &e->req, e->lease.plan);
	switch (take_plan(e)) {
	case ST_OK:
		e->before = true;
		e->lease.plan[0] = '\0';
		return ENCODE_MADE;
	case ST_AGAIN:
		e->lease.plan[0] = '\0';
		return ENCODE_ELSEWHERE;
	case ST_NOTFOUND:
		break;
	default:
		(void)snprintf(e->why, sizeof e->why,
		    "the plan cannot be read from the store, or its media cannot be locked");
		e->lease.plan[0] = '\0';
		return ENCODE_OURS;
	}
	e->lease.holds_plan = true;
	rc = transcode(e, m, &res);
	if (rc == ENCODE_MADE)
		rc = store_made(e, &res);
	e->lease.holds_plan = false;
	end_work(e);
	if (rc != ENCODE_MADE) {
		file_close(&e->blobs);
		give_up_plan(e);
	}
	return rc;
}
