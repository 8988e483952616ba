/*
 * encode: one audio or video medium made to fit, and the template with it.
 *
 * Whatever becomes of it is committed with the job's end in one transaction. What is
 * not committed is done again by whoever claims the job when its lease has run out.
 */
#include "encode.h"

#include <inttypes.h>
#include <stdio.h>

#include "file.h"
#include "log.h"

enum { RETRY_MS = 5000, YIELD_MS = 2000, DISK_LEAST = 16 << 20 };

struct medium *
encode_medium(const struct encode *e, struct template *t)
{
	struct medium *m;

	if (e->job->slide >= t->nslide || e->job->medium >= t->slide[e->job->slide].nmedium)
		return NULL;
	m = &t->slide[e->job->slide].medium[e->job->medium];
	return m->state == MEDIUM_WAITING ? m : NULL;
}

static void
say_lost(const struct encode *e, enum store_rc rc)
{
	if (rc != ST_OK && rc != ST_NOTFOUND && rc != ST_CONFLICT)
		log_error("job %" PRIu64 ": %s; its lease will run out", e->job->id, store_rc_text(rc));
}

static void
finish(struct encode *e)
{
	enum store_rc rc = encode_commit(e);

	if (rc == ST_OK)
		log_info("job %" PRIu64 " encode mmsid=%" PRIu64 " slide=%u %s%s", e->job->id, e->job->mmsid,
		    (unsigned)e->job->slide + 1, e->failed ? "failed: " : e->tj == NULL ? "had from before" : "done",
		    e->failed ? e->why : "");
	say_lost(e, rc);
}

/* The encoder did not come to an end: again later, or, after the last attempt, a
 * medium that failed. A fault of ours (no disk space, memory or descriptors) is none
 * of its attempts: the medium waits until the fault is gone. */
static void
try_again(struct encode *e, bool ours)
{
	ours = ours || file_disk_free(e->h->settings.dir) < DISK_LEAST;
	if (!ours && e->job->attempt >= e->h->settings.encode_attempts && !e->h->stopping) {
		e->failed = true;
		finish(e);
		return;
	}
	log_warn("job %" PRIu64 " encode mmsid=%" PRIu64 " attempt %u: %s; again later", e->job->id, e->job->mmsid,
	    (unsigned)e->job->attempt, e->why);
	if (e->h->stopping || ours)
		say_lost(e, store_job_yield(e->h->store, e->job, e->h->stopping ? 0 : RETRY_MS, e->why));
	else
		say_lost(e, store_job_retry(e->h->store, e->job, RETRY_MS, e->why));
}

/* A job whose helpers died again and again is not tried any more. */
static bool
poisoned(struct encode *e)
{
	if (e->job->attempt <= e->h->settings.encode_attempts)
		return false;
	(void)snprintf(e->why, sizeof e->why, "given up after %" PRIu64 " attempts: %s",
	    e->h->settings.encode_attempts, e->job->why[0] != '\0' ? e->job->why : "its helper died each time");
	e->failed = true;
	return true;
}

static void
run(struct encode *e, const struct template *t, const struct medium *m)
{
	enum encode_rc rc;
	int lock = -1;

	if (poisoned(e)) {
		finish(e);
		return;
	}
	switch ((rc = encode_make(e, t, m, &lock))) {
	case ENCODE_FAILED:
		e->failed = true;
		/* fall through */
	case ENCODE_MADE:
		finish(e);
		break;
	case ENCODE_YIELD:
		say_lost(e, store_job_yield(e->h->store, e->job, YIELD_MS, "the same is being encoded for another template"));
		break;
	default:
		if (!e->lease.lost)
			try_again(e, rc == ENCODE_OURS);
	}
	file_close(&lock);
}

void
encode_run(struct helper *h, const struct job *j, struct arena *a)
{
	struct encode e = { .h = h, .job = j, .arena = a, .lease = { .h = h, .job = j } };
	struct template *t;
	struct medium *m = NULL;
	enum store_rc rc = store_template_get(h->store, 0, j->mmsid, a, &t);

	if (rc == ST_OK)
		m = encode_medium(&e, t);
	if (rc == ST_NOTFOUND || (rc == ST_OK && m == NULL)) {
		say_lost(&e, store_job_done(h->store, j, NULL, NULL));	/* nothing is left to do */
		return;
	}
	if (rc == ST_CORRUPT) {
		say_lost(&e, store_job_dead(h->store, j, "the template's record cannot be read"));
		return;
	}
	if (rc != ST_OK) {
		say_lost(&e, rc);
		return;
	}
	keeper_hold(&e.lease);
	run(&e, t, m);
	keeper_drop(&e.lease);
	if (e.tj != NULL)
		transcode_end(&e.tj);
}
