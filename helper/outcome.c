/* outcome: see outcome.h */
#include "helper/outcome.h"

#include <inttypes.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

/* FIRST_MS to LONGEST_MS: each wait is twice as long as the one before. MEMORY_TRIES: what is too
 * large for memory stays so. STOP_MS: a helper that is told to stop still tries for so long;
 * whoever stops it waits longer. WORN_MS: likewise, for one whose failed recoveries have used up so
 * many handles that it should end (store_worn()). */
enum {
	FIRST_MS = 100,
	LONGEST_MS = 5000,
	MEMORY_TRIES = 20,
	STOP_MS = 10000,
	WORN_MS = 120000,
	LOOK_MS = 50
};

static atomic_uint waiting;

bool
outcome_waits(void)
{
	return waiting > 0;
}

uint64_t
outcome_next_ms(enum store_rc rc, unsigned tries, uint64_t left_ms)
{
	uint64_t ms = FIRST_MS;

	switch (rc) {
	case ST_AGAIN:
	case ST_FULL:
	case ST_IO:
		break;
	case ST_NOMEM:
		if (tries >= MEMORY_TRIES)
			return 0;
		break;
	default:
		return 0;
	}
	for (unsigned i = 1; i < tries && ms < LONGEST_MS; i++)
		ms *= 2;
	ms = ms < LONGEST_MS ? ms : LONGEST_MS;
	return ms < left_ms ? ms : left_ms;
}

/* Returns how long the helper may still try. *ends (clock_mono(); 0: not known yet) is when it has
 * to give up. */
static uint64_t
time_left(const struct helper *h, int64_t *ends)
{
	int64_t now = clock_mono(), limit;

	if (!h->stopping && !store_worn(h->store))
		return UINT64_MAX;
	limit = now + (h->stopping ? STOP_MS : WORN_MS) * INT64_C(1000);
	if (*ends == 0 || limit < *ends)
		*ends = limit;
	return *ends > now ? (uint64_t)(*ends - now + 999) / 1000 : 0;
}

/* Waits, but not on when the helper is told to stop. */
static void
wait_ms(const struct helper *h, uint64_t ms)
{
	const struct timespec look = { .tv_nsec = LOOK_MS * 1000000L };
	const bool stopping = h->stopping;
	int64_t until = clock_mono() + (int64_t)ms * 1000;

	while (clock_mono() < until && h->stopping == stopping)
		(void)nanosleep(&look, NULL);
}

enum store_rc
outcome_record(struct helper *h, const char *what, uint64_t id, outcome_fn *put, void *ctx)
{
	enum store_rc rc = put(ctx);
	int64_t ends = 0;
	uint64_t ms;

	if (outcome_next_ms(rc, 1, UINT64_MAX) == 0)
		return rc;
	atomic_fetch_add(&waiting, 1);
	log_warn("%s %" PRIu64 ": what was done cannot be recorded now: %s; trying on", what, id,
	    store_rc_text(rc));
	for (unsigned tries = 1; (ms = outcome_next_ms(rc, tries, time_left(h, &ends))) > 0;
	     tries += tries < UINT32_MAX) {
		wait_ms(h, ms);
		rc = put(ctx);
	}
	atomic_fetch_sub(&waiting, 1);
	if (rc == ST_OK)
		log_info("%s %" PRIu64 ": what was done is recorded now", what, id);
	else if (rc != ST_CONFLICT && rc != ST_NOTFOUND)
		log_error("%s %" PRIu64 ": what was done is not recorded, and may be done again",
		    what, id);
	return rc;
}

struct end {
	struct store *st;
	const struct job *j;
	enum outcome_how how;
	uint64_t delay_ms;
	const char *why;
};

static enum store_rc
put_end(void *ctx)
{
	const struct end *e = ctx;

	switch (e->how) {
	case OUTCOME_RETRY:
		return store_job_retry(e->st, e->j, e->delay_ms, e->why);
	case OUTCOME_RELEASE:
		return store_job_release(e->st, e->j, e->delay_ms, e->why);
	case OUTCOME_FAULT:
		return store_job_fault(e->st, e->j, e->delay_ms, e->why);
	case OUTCOME_KEEP:
		return store_job_keep(e->st, e->j, e->why);
	case OUTCOME_DEAD_LETTER:
		return store_job_dead_letter(e->st, e->j, e->why);
	default:
		return store_job_done(e->st, e->j, NULL, NULL, 0);
	}
}

enum store_rc
outcome_end(struct helper *h, const struct job *j, enum outcome_how how, uint64_t delay_ms,
    const char *why)
{
	struct end e = { h->store, j, how, delay_ms, why };

	return outcome_record(h, "job", j->id, put_end, &e);
}
