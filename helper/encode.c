/*
 * encode: one audio or video medium made to fit, and the template with it.
 *
 * Whatever becomes of it is committed with the job's end in one transaction. What is
 * not committed is done again by whoever claims the job when its lease has run out.
 */
#include "encode.h"

#include <inttypes.h>
#include <stdio.h>

#include "buf.h"
#include "clock.h"
#include "file.h"
#include "log.h"
#include "transcode_made.h"

enum { RETRY_MS = 5000, YIELD_MS = 2000, FAULT_MOST_MS = 300000, DISK_LEAST = 16 << 20, LINE_BYTES = 512 };

struct medium *
encode_medium(const struct encode *e, struct template *t)
{
	struct medium *m;

	if (e->job->slide >= t->nslide || e->job->medium >= t->slide[e->job->slide].nmedium)
		return NULL;
	m = &t->slide[e->job->slide].medium[e->job->medium];
	return m->state == MEDIUM_WAITING ? m : NULL;
}

bool
encode_overdue(const struct settings *s, const struct job *j)
{
	return j->faults + 1 >= ENCODE_FAULTS && clock_now() - j->created >= (int64_t)s->encode_hold * 1000000;
}

static void
say_lost(const struct encode *e, enum store_rc rc)
{
	if (rc != ST_OK && rc != ST_NOTFOUND && rc != ST_CONFLICT)
		log_error("job %" PRIu64 ": %s; its lease will run out", e->job->id, store_rc_text(rc));
}

/* For the log: what was asked for in each class, and what came of it. */
static void
say_made(const struct encode *e, struct buf *out)
{
	const struct settings *s = &e->h->settings;

	for (unsigned k = 0; k < s->nclass; k++) {
		unsigned i = transcode_target(e->want, k);

		if (e->want[k] != 0)
			buf_printf(out, " %s=%" PRIu64 "/%" PRIu64, s->class[k].name, e->made.there[i] ? e->made.r[i].bytes : 0, e->want[k]);
	}
}

static void
finish(struct encode *e)
{
	enum store_rc rc = encode_commit(e);
	struct buf made;

	buf_init(&made, LINE_BYTES);
	if (!e->failed)
		say_made(e, &made);
	if (rc == ST_OK)
		log_info("job %" PRIu64 " encode mmsid=%" PRIu64 " slide=%u %s%s%s", e->job->id, e->job->mmsid,
		    (unsigned)e->job->slide + 1, e->failed ? "failed: " : e->tj == NULL ? "had from before" : "done",
		    e->failed ? e->why : "", buf_ok(&made) ? buf_str(&made) : "");
	buf_free(&made);
	say_lost(e, rc);
}

/* A fault of ours is none of the medium's attempts: it is tried again, after longer and longer,
 * and then kept for the operator, its template still encoding. */
static void
wait_for_us(struct encode *e)
{
	uint64_t delay = RETRY_MS;

	for (uint32_t i = 0; i < e->job->faults && delay < FAULT_MOST_MS; i++)
		delay *= 2;
	if (e->h->stopping) {
		say_lost(e, store_job_yield(e->h->store, e->job, 0, e->why));
	} else if (e->job->faults + 1 < ENCODE_FAULTS) {
		log_warn("job %" PRIu64 " encode mmsid=%" PRIu64 ": a fault of this machine: %s; again later",
		    e->job->id, e->job->mmsid, e->why);
		say_lost(e, store_job_fault(e->h->store, e->job, delay < FAULT_MOST_MS ? delay : FAULT_MOST_MS, e->why));
	} else {
		log_error("job %" PRIu64 " encode mmsid=%" PRIu64 ": a fault of this machine: %s; it waits for savemms job retry",
		    e->job->id, e->job->mmsid, e->why);
		say_lost(e, store_job_dead(e->h->store, e->job, e->why));
	}
}

/* The encoder did not come to an end: again later, or, after the last attempt, a medium that
 * failed. */
static void
try_again(struct encode *e, bool ours)
{
	if (ours || file_disk_free(e->h->settings.dir) < DISK_LEAST) {
		wait_for_us(e);
		return;
	}
	if (e->job->attempt >= e->h->settings.encode_attempts && !e->h->stopping) {
		e->failed = true;
		finish(e);
		return;
	}
	log_warn("job %" PRIu64 " encode mmsid=%" PRIu64 " attempt %u: %s; again later", e->job->id, e->job->mmsid,
	    (unsigned)e->job->attempt, e->why);
	if (e->h->stopping)
		say_lost(e, store_job_yield(e->h->store, e->job, 0, e->why));
	else
		say_lost(e, store_job_retry(e->h->store, e->job, RETRY_MS, e->why));
}

/* Is it not to be tried any more: its helpers died again and again, or our own faults have
 * lasted for all of encode-hold? */
static bool
given_up(struct encode *e)
{
	const struct settings *s = &e->h->settings;
	const char *last = e->job->why[0] != '\0' ? e->job->why : "its helper died each time";

	if (e->job->attempt > s->encode_attempts)
		(void)snprintf(e->why, sizeof e->why, "given up after %" PRIu64 " attempts: %s", s->encode_attempts, last);
	else if (encode_overdue(s, e->job))
		(void)snprintf(e->why, sizeof e->why, "given up after %" PRIu64 " seconds: %s", s->encode_hold, last);
	else
		return false;
	e->failed = true;
	return true;
}

static void
run(struct encode *e, const struct template *t, const struct medium *m)
{
	enum encode_rc rc;
	int lock = -1;

	if (!encode_grant(e, t, m)) {
		(void)snprintf(e->why, sizeof e->why, "memory is short, or the job does not say what may be taken");
		try_again(e, true);
		return;
	}
	if (given_up(e)) {
		finish(e);
		return;
	}
	switch ((rc = encode_make(e, m, &lock))) {
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
		say_lost(&e, store_job_done(h->store, j, NULL, NULL, 0));	/* nothing is left to do */
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
