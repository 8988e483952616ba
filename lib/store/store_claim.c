/*
 * store_claim: chooses the next job; see store.h and queue/queue.c.
 *
 * Each lane remembers whose job was claimed last. The next account behind that one that is ready,
 * from the start again after the last, is served next: accounts take turns, however many jobs each
 * has waiting. What becomes due meanwhile is moved to where a claim looks (queue/due.c), NOTICE
 * entries at a time. A claim costs a few look-ups, however many jobs and accounts wait.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/queue/due.h"
#include "store/store_index.h"
#include "store/store_job.h"
#include "store/queue/layout1.h"

enum { AT_ACCOUNT = 3, NOTICE = 256, NOTICE_US = 10000 };

struct claim {
	const struct job_want *want;
	int64_t now;
	struct arena *a;
	bool layout1; /* of the store */
};

static enum store_rc
lease(struct txn *txn, struct job *j, const struct claim *c)
{
	struct job old = *j;

	if (j->owner[0] != '\0' && j->lost < UINT32_MAX)
		j->lost++; /* its last holder did not give it back */
	(void)snprintf(j->owner, sizeof j->owner, "%s",
	    c->want->owner[0] != '\0' ? c->want->owner : "?");
	j->token++;
	j->attempt++;
	j->due = job_later(c->now, c->want->lease_ms);
	if (j->created > c->now)
		j->created = c->now; /* the clock was set back: its next try is for later again */
	j->permille = j->left_ms = 0;
	return job_change(txn, &old, j);
}

/* Loads the job that an index entry names, if the job may run. If it may not run, or its record
 * cannot be read, leaves *out NULL and removes the entry: one bad record must not stop the
 * queue. */
static enum store_rc
load_if_due(struct txn *txn, const struct job *entry, struct arena *a, struct job **out)
{
	struct job *j = NULL;
	bool may = false;
	enum store_rc rc = job_load(txn, a, entry->id, &j);

	if (rc == ST_OK && j->due == entry->due && !j->dead)
		rc = job_may_run(txn, j, &may);
	else if (rc == ST_OK)
		log_error("store: job %" PRIu64 " had a stray entry in the queue", entry->id);
	else if (rc == ST_NOTFOUND || rc == ST_CORRUPT) {
		log_error("store: job %" PRIu64
			  " is in the queue, but its record cannot be used: discard it",
		    entry->id);
		rc = ST_OK;
	}
	if (rc == ST_OK && !may)
		return queue_due_clear(txn, entry);
	if (rc == ST_OK)
		*out = j;
	return rc;
}

/* Finds the first account of the lane that is ready, from account on. Returns ST_NOTFOUND if there
 * is none. */
static enum store_rc
next_ready(struct txn *txn, struct job *entry, uint64_t account)
{
	struct key lane = queue_lane_key(TAB_READY, entry), from = lane;
	struct slice key;
	enum store_rc rc;

	key_u64(&from, account);
	rc = txn_next(txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, &lane, READY_KEY))
		rc = ST_NOTFOUND;
	if (rc == ST_OK)
		entry->account = slice_u64(key, AT_ACCOUNT);
	return rc;
}

/* Finds the first job of the next account that is ready, in turn after last. Removes the entry of
 * an account that has no jobs. Returns ST_NOTFOUND if no account is ready. */
static enum store_rc
next_in_turn(struct txn *txn, struct job *entry, uint64_t last)
{
	enum store_rc rc;

	do {
		struct key ready;

		rc = last < UINT64_MAX ? next_ready(txn, entry, last + 1) : ST_NOTFOUND;
		if (rc == ST_NOTFOUND)
			rc = next_ready(txn, entry, 0);
		if (rc != ST_OK || (rc = queue_first(txn, entry)) != ST_NOTFOUND)
			return rc;
		ready = queue_ready_key(entry);
		rc = txn_del(txn, &ready);
	} while (rc == ST_OK);
	return rc;
}

/* Looks at the accounts that are ready, in turn after last. Leaves *out NULL if there is none. Each
 * entry that it finds useless is removed. */
static enum store_rc
search_lane(struct txn *txn, const struct claim *c, struct job *entry, uint64_t last,
    struct job **out)
{
	const struct layout1_look look = { .now = c->now,
		.lease_ms = c->want->lease_ms,
		.last = last };
	enum store_rc rc = ST_OK;

	while (rc == ST_OK && *out == NULL) {
		rc = c->layout1 ? layout1_find(txn, &look, entry) : next_in_turn(txn, entry, last);
		if (rc == ST_OK)
			rc = load_if_due(txn, entry, c->a, out);
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

static enum store_rc
claim_lane(struct txn *txn, const struct claim *c, enum job_lane which, struct job **out)
{
	struct job entry = { .kind = c->want->kind, .lane = which };
	struct key turn = queue_lane_key(TAB_TURN, &entry);
	uint64_t last;
	enum store_rc rc = c->layout1 ? ST_OK : next_ready(txn, &entry, 0);

	if (rc != ST_OK)
		return rc == ST_NOTFOUND ? ST_OK : rc;
	rc = txn_get_u64(txn, &turn, &last);
	if (rc == ST_OK)
		rc = search_lane(txn, c, &entry, last, out);
	if (rc == ST_OK && *out != NULL && (*out)->account != last)
		rc = txn_put_u64(txn, &turn, (*out)->account);
	return rc == ST_OK && *out != NULL ? lease(txn, *out, c) : rc;
}

/* Claims one job, from the first lane that has one. Leaves *out NULL if none has. */
static enum store_rc
claim_one(struct txn *txn, const struct claim *c, struct job **out)
{
	enum store_rc rc = ST_OK;

	*out = NULL;
	for (unsigned i = 0; rc == ST_OK && *out == NULL && i < c->want->nlane; i++)
		rc = claim_lane(txn, c, c->want->lane[i], out);
	return rc;
}

struct claim_step {
	struct claim c;
	struct job_batch *out; /* each run writes all that it claims */
	size_t n;              /* claimed */
	bool notice;           /* what has become due is looked at first */
	int64_t next; /* if nothing is claimed: when something becomes due; INT64_MAX: never */
};

/* Claims up to out->max jobs of those that are known to be due. */
static enum store_rc
claim_known(struct txn *txn, struct claim_step *s)
{
	enum store_rc rc = ST_OK;

	while (rc == ST_OK && s->n < s->out->max) {
		rc = claim_one(txn, &s->c, &s->out->job[s->n]);
		if (rc != ST_OK || s->out->job[s->n] == NULL)
			break;
		s->n++;
	}
	return rc;
}

static enum store_rc
notice(struct txn *txn, const struct claim_step *s)
{
	return due_notice(txn,
	    &(struct due_look){ .kind = s->c.want->kind,
		.now = s->c.now,
		.max = NOTICE + s->out->max });
}

static enum store_rc
claim_some(struct txn *txn, void *ctx)
{
	struct claim_step *s = ctx;
	enum store_rc rc = layout1_is(txn, &s->c.layout1);

	s->c.now = clock_now(); /* after the wait for other transactions */
	if (rc == ST_OK && s->notice)
		rc = notice(txn, s);
	if (rc == ST_OK)
		rc = claim_known(txn, s);
	if (rc == ST_OK && s->n == 0 && (rc = notice(txn, s)) == ST_OK)
		rc = claim_known(txn, s);
	if (rc == ST_OK && s->n == 0)
		rc = due_next(txn, s->c.want, &s->next);
	return rc;
}

static uint64_t
wait_ms(int64_t next, int64_t now)
{
	if (next == INT64_MAX)
		return UINT64_MAX;
	return next <= now ? 0 : (uint64_t)(next - now + 999) / 1000;
}

/* Tells whether what has become due is to be noticed though there may be something to claim: now
 * and then, so that those who always have something do not hold up the others. */
static bool
time_to_notice(struct store *st, enum job_kind kind)
{
	int64_t now = clock_now(), since = now - atomic_load(&st->noticed[kind]);

	if (since >= 0 && since < NOTICE_US)
		return false;
	atomic_store(&st->noticed[kind], now);
	return true;
}

enum store_rc
store_job_claim_some(struct store *st, const struct job_want *want, struct arena *a,
    struct job_batch *out)
{
	struct claim_step s = { .c = { .want = want, .a = a },
		.out = out,
		.notice = time_to_notice(st, want->kind),
		.next = INT64_MAX };
	enum store_rc rc = TXN_RUN(st, KV_DURABLE, claim_some, &s);

	out->n = rc == ST_OK ? s.n : 0;
	out->wait_ms = wait_ms(s.next, s.c.now);
	if (rc != ST_OK || out->n > 0)
		return rc;
	out->job[0] = NULL;
	return ST_NOTFOUND;
}

enum store_rc
store_job_claim(struct store *st, const struct job_want *want, struct arena *a, struct job **out,
    uint64_t *wait_ms)
{
	struct job_batch one = { .job = out, .max = 1 };
	enum store_rc rc = store_job_claim_some(st, want, a, &one);

	*wait_ms = one.wait_ms;
	return rc;
}
