/*
 * encode: makes one audio or video medium fit, and its template with it.
 *
 * The outcome and the end of the job are committed in one transaction. A commit that fails is tried
 * again (helper/outcome.h). What a helper that died did not commit is done again by the one that
 * claims the job when its lease has run out.
 */
#include "helper/encode.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "helper/lease_renewer.h"
#include "helper/outcome.h"
#include "helper/unused.h"
#include "media/transcode_made.h"
#include "ops/held.h"
#include "ops/meter.h"

enum { RETRY_MS = 5000, RELEASE_MS = 2000, LINE_BYTES = 512 };

bool
encode_overdue(const struct settings *s, const struct job *j)
{
	return j->faults > s->nencode_retry &&
	    clock_now() - j->created >= (int64_t)s->encode_hold * 1000000;
}

void
encode_end_message(struct helper *h, const struct job *j)
{
	bool ended = false;
	enum store_rc rc = held_overdue(h->store, h->settings, j->account, j->mmsid, &ended);

	if (rc != ST_OK)
		log_error("job %" PRIu64 ": looking for the message that waits: %s", j->id,
		    store_rc_text(rc));
	if (ended)
		log_info("job %" PRIu64 " encode mmsid=%" PRIu64
			 ": the message that waited has expired",
		    j->id, j->mmsid);
}

static void
log_store_failure(const struct encode *e, enum store_rc rc)
{
	if (rc != ST_OK && rc != ST_NOTFOUND && rc != ST_CONFLICT)
		log_error("job %" PRIu64 ": %s; its lease will run out", e->job->id,
		    store_rc_text(rc));
}

/* Lists, for the log, the bytes made and the bytes asked for in each class. */
static void
list_made(const struct encode *e, struct buf *out)
{
	const struct settings *s = e->h->settings;

	for (unsigned k = 0; k < s->nclass; k++) {
		unsigned i = transcode_target(e->want, k);

		if (e->want[k] != 0)
			buf_printf(out, " %s=%" PRIu64 "/%" PRIu64, s->class[k].name,
			    e->made.there[i] ? e->made.r[i].bytes : 0, e->want[k]);
	}
}

/* Commits the outcome. Between two tries it does not hold the blobs, because others may have to
 * remove some. */
static enum store_rc
put_outcome(void *ctx)
{
	struct encode *e = ctx;
	enum store_rc rc = e->failed || e->blobs >= 0 ? ST_OK : encode_hold_blobs(e);

	e->gone = rc == ST_NOTFOUND;
	if (rc == ST_OK)
		rc = encode_commit(e);
	file_close(&e->blobs);
	return rc;
}

static void
finish(struct encode *e)
{
	enum store_rc rc = outcome_record(e->h, "job", e->job->id, put_outcome, e);
	struct buf made;

	if (e->gone) {
		rc = outcome_end(e->h, e->job, OUTCOME_RELEASE, RELEASE_MS,
		    "what was made was removed before it could be recorded");
		log_store_failure(e, rc);
		return;
	}

	buf_init(&made, LINE_BYTES);
	if (!e->failed)
		list_made(e, &made);
	if (rc == ST_OK)
		log_info("job %" PRIu64 " encode mmsid=%" PRIu64 " slide=%u %s%s%s", e->job->id,
		    e->job->mmsid, (unsigned)e->job->slide + 1,
		    e->failed     ? "failed: " :
			e->before ? "made before" :
				    "done",
		    e->failed ? e->why : "", buf_ok(&made) ? buf_str(&made) : "");
	buf_free(&made);
	log_store_failure(e, rc);
}

/* Gives the job back as next says, or commits a medium that is ready or has failed. */
static void
hand_back(struct encode *e, enum encode_next next)
{
	const struct job *j = e->job;
	struct helper *h = e->h;

	switch (next) {
	case NEXT_RETRY:
		log_warn("job %" PRIu64 " encode mmsid=%" PRIu64 " attempt %u: %s; again later",
		    j->id, j->mmsid, (unsigned)j->attempt, e->why);
		log_store_failure(e, outcome_end(h, j, OUTCOME_RETRY, RETRY_MS, e->why));
		break;
	case NEXT_FAULT:
		log_warn("job %" PRIu64 " encode mmsid=%" PRIu64
			 ": a fault of this machine: %s; again later",
		    j->id, j->mmsid, e->why);
		log_store_failure(e,
		    outcome_end(h, j, OUTCOME_FAULT,
			h->settings->encode_retry[j->faults] * UINT64_C(1000), e->why));
		break;
	case NEXT_DEAD_LETTER:
		log_error("job %" PRIu64 " encode mmsid=%" PRIu64
			  ": a fault of this machine: %s; it waits for savemms job retry",
		    j->id, j->mmsid, e->why);
		log_store_failure(e, outcome_end(h, j, OUTCOME_KEEP, 0, e->why));
		break;
	case NEXT_RELEASE:
		log_store_failure(e,
		    outcome_end(h, j, OUTCOME_RELEASE, h->stopping ? 0 : RELEASE_MS, e->why));
		break;
	default:
		e->failed = next == NEXT_FAIL;
		finish(e);
	}
}

static struct encode_facts
facts(const struct encode *e)
{
	const struct settings *s = e->h->settings;
	const struct job *j = e->job;

	return (struct encode_facts){ .attempt = j->attempt - j->lost,
		.attempts = s->encode_attempts,
		.faults = j->faults,
		.deaths = j->lost,
		.schedule = s->nencode_retry,
		.disk_short = e->disk_short,
		.stopping = e->h->stopping };
}

static void
settle(struct encode *e, enum encode_rc rc)
{
	const struct encode_facts f = facts(e);

	hand_back(e, encode_next(rc, &f));
}

/* Tells whether the medium is given up: it is spent (encode_judge.h), or faults of this machine
 * have lasted for all of encode-hold. */
static bool
given_up(struct encode *e)
{
	const struct settings *s = e->h->settings;
	const struct encode_facts f = facts(e);
	const char *last = e->job->why[0] != '\0' ? e->job->why : "the helper died each time";

	if (encode_spent(&f))
		(void)snprintf(e->why, sizeof e->why,
		    "given up after %" PRIu32 " attempts and %" PRIu32 " deaths of a helper: %s",
		    f.attempt - 1, f.deaths, last);
	else if (encode_overdue(s, e->job))
		(void)snprintf(e->why, sizeof e->why, "given up after %" PRIu64 " seconds: %s",
		    s->encode_hold, last);
	else
		return false;
	e->failed = true;
	return true;
}

/* Removes the renditions of a template that was deleted while they were made, but for those that
 * others have too. */
static void
drop_made(const struct encode *e)
{
	unsigned long n = 0;

	for (unsigned i = 0; i < e->made.ntargets; i++)
		if (e->made.there[i] && unused_remove(e->h, e->made.r[i].sha, 0) == UNUSED_REMOVED)
			n++;
	log_info("job %" PRIu64 " encode mmsid=%" PRIu64
		 ": the template was deleted; %lu renditions removed",
	    e->job->id, e->job->mmsid, n);
}

static void
run(struct encode *e, const struct template *t, const struct medium *m)
{
	int64_t began = clock_mono();
	enum encode_rc rc;

	if (!encode_grant(e, t, m)) {
		(void)snprintf(e->why, sizeof e->why,
		    "out of memory, or the job does not say how large its renditions may be");
		settle(e, ENCODE_OURS);
		return;
	}
	if (given_up(e)) {
		finish(e);
		return;
	}
	rc = encode_make(e, m);
	if (rc == ENCODE_MADE && !e->before)
		meter_duration(e->h->meter, METER_ENCODE, clock_mono() - began);
	if (rc == ENCODE_ELSEWHERE)
		(void)snprintf(e->why, sizeof e->why,
		    "the same is being encoded for another template");
	if (!e->lease.lost || rc == ENCODE_MADE || rc == ENCODE_FAILED)
		settle(e, rc);
	file_close(&e->blobs);
	if (rc == ENCODE_MADE && e->unwanted)
		drop_made(e);
}

void
encode_run(struct helper *h, const struct job *j, struct arena *a)
{
	struct encode e = { .h = h,
		.job = j,
		.arena = a,
		.lease = { .h = h, .job = j },
		.blobs = -1 };
	struct template *t;
	struct medium *m = NULL;
	enum store_rc rc = store_template_get(h->store, 0, j->mmsid, a, &t);

	if (rc == ST_OK)
		m = encode_medium(&e, t);
	if (rc == ST_NOTFOUND || (rc == ST_OK && m == NULL)) {
		log_store_failure(&e,
		    outcome_end(h, j, OUTCOME_DONE, 0, NULL)); /* there is nothing left to do */
		return;
	}
	if (rc == ST_CORRUPT) {
		log_store_failure(&e,
		    outcome_end(h, j, OUTCOME_DEAD_LETTER, 0,
			"the template's record cannot be read"));
		return;
	}
	if (rc != ST_OK) { /* nothing was begun: that is no attempt, and no death of a helper */
		(void)snprintf(e.why, sizeof e.why, "the template cannot be read: %s",
		    store_rc_text(rc));
		if (rc == ST_NOMEM) /* which may last */
			settle(&e, ENCODE_OURS);
		else
			hand_back(&e, NEXT_RELEASE);
		return;
	}
	lease_renewer_add(&e.lease);
	encode_end_message(h, j);
	run(&e, t, m);
	lease_renewer_remove(&e.lease);
}
