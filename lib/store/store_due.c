/*
 * store_due: moves what has become due to where a claim finds it. Each entry is moved once, so the
 * cost of a claim does not depend on how many wait.
 *
 * If the clock was set back, jobs may be due in the far future. Two kinds of jobs are made due at
 * once: a waiting job that was created later than now, and a leased job whose lease was begun or
 * renewed later than now. Known limit: a job that waits for another try, and was created before
 * the clock was set back, waits longer by that amount.
 */
#include <inttypes.h>

#include "base/log.h"
#include "store/store_due.h"
#include "store/store_index.h"

enum { AT_TIME = 3, AT_LATER_ACCOUNT = 11, AT_LEASED_ID = 11, AT_CREATED = 2, AT_WAITING_ID = 10 };
enum { TIME_KEY = LATER_KEY, SLACK_US = 10 * 1000000 };
_Static_assert(LATER_KEY == LEASED_KEY, "one function reads both");

static struct key
lane_of(enum table t, enum job_kind kind, enum job_lane lane)
{
	struct key k = key_of(t);

	key_u8(&k, (uint8_t)kind);
	key_u8(&k, (uint8_t)lane);
	return k;
}

/* Finds the first entry of a lane's table of times. Returns ST_NOTFOUND if there is none by
 * latest. */
static enum store_rc
first_by(struct txn *txn, const struct key *table, int64_t latest, struct slice *key)
{
	enum store_rc rc = txn_next(txn, table, key, NULL);

	if (rc == ST_OK &&
	    (!key_has_prefix(*key, table, TIME_KEY) || (int64_t)slice_u64(*key, AT_TIME) > latest))
		rc = ST_NOTFOUND;
	return rc;
}

/* --- accounts -------------------------------------------------------------------------- */

static enum store_rc
make_ready(struct txn *txn, const struct due_look *l, enum job_lane lane, struct slice later)
{
	const struct job of = { .kind = l->kind,
		.lane = lane,
		.account = slice_u64(later, AT_LATER_ACCOUNT) };
	struct key was = queue_later_key(&of, (int64_t)slice_u64(later, AT_TIME));
	struct key is = queue_ready_key(&of);
	enum store_rc rc = txn_del(txn, &was);

	return rc == ST_OK ? txn_put(txn, &is, "", 0) : rc;
}

static enum store_rc
notice_accounts(struct txn *txn, const struct due_look *l, enum job_lane lane)
{
	struct key table = lane_of(TAB_LATER, l->kind, lane);
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && i < l->max; i++) {
		struct slice key;

		rc = first_by(txn, &table, l->now, &key);
		if (rc == ST_OK)
			rc = make_ready(txn, l, lane, key);
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* --- leases ---------------------------------------------------------------------------- */

/* Ends a lease that is over at its time, which is in the key, or that was stranded. The record says
 * still whose it was: while nobody else claims the job, its holder may go on. */
static enum store_rc
end_lease(struct txn *txn, const struct due_look *l, struct slice leased)
{
	uint64_t id = slice_u64(leased, AT_LEASED_ID);
	struct key k = { .n = 0 };
	struct job *j = NULL, old;
	enum store_rc rc = job_load(txn, txn->a, id, &j);

	key_bytes(&k, leased.p, leased.n);
	if (rc == ST_NOTFOUND || rc == ST_CORRUPT ||
	    (rc == ST_OK &&
		(job_state(j) != OF_LEASED || (int64_t)slice_u64(leased, AT_TIME) != j->due))) {
		log_error("store: job %" PRIu64 " is leased, but its record cannot be used", id);
		return txn_clear(txn, &k);
	}
	if (rc == ST_OK && j->due > l->now) {
		log_warn("store: the lease of job %" PRIu64
			 " is from before the clock was set back; it is over now",
		    id);
		old = *j;
		j->due = l->now;
		rc = job_change(txn, &old, j);
		k = queue_leased_key(j);
	}
	if (rc == ST_OK)
		rc = txn_del(txn, &k);
	return rc == ST_OK ? queue_due_put(txn, j) : rc;
}

/* Ends the leases that are over. */
static enum store_rc
notice_leases(struct txn *txn, const struct due_look *l, enum job_lane lane)
{
	struct key table = lane_of(TAB_LEASED, l->kind, lane);
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && i < l->max; i++) {
		struct slice key;

		rc = first_by(txn, &table, l->now, &key);
		if (rc == ST_OK)
			rc = end_lease(txn, l, key);
		if (rc == ST_OK)
			rc = txn_forget(txn);
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* Ends the leases that were begun or renewed later than now, from the last one of the table on. */
static enum store_rc
notice_stranded_leases(struct txn *txn, const struct due_look *l, enum job_lane lane)
{
	struct key table = lane_of(TAB_LEASED, l->kind, lane), behind = table;
	enum store_rc rc = ST_OK;

	key_u64(&behind, UINT64_MAX);
	for (size_t i = 0; rc == ST_OK && i < l->max; i++) {
		struct slice key, since;

		rc = txn_prev(txn, &behind, &key, &since);
		if (rc == ST_OK &&
		    (!key_has_prefix(key, &table, LEASED_KEY) || since.n != LEASED_VALUE ||
			(int64_t)slice_u64(since, 0) <= l->now + SLACK_US))
			rc = ST_NOTFOUND;
		if (rc == ST_OK)
			rc = end_lease(txn, l, key);
		if (rc == ST_OK)
			rc = txn_forget(txn);
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* --- jobs that wait --------------------------------------------------------------------- */

static enum store_rc
hurry(struct txn *txn, const struct due_look *l, struct slice waiting)
{
	uint64_t id = slice_u64(waiting, AT_WAITING_ID);
	struct key k = { .n = 0 };
	struct job *j = NULL, old;
	enum store_rc rc = job_load(txn, txn->a, id, &j);

	key_bytes(&k, waiting.p, waiting.n);
	if (rc == ST_NOTFOUND || rc == ST_CORRUPT ||
	    (rc == ST_OK &&
		(job_state(j) != OF_WAITING ||
		    (int64_t)slice_u64(waiting, AT_CREATED) != j->created))) {
		log_error("store: job %" PRIu64 " waits, but its record cannot be used", id);
		return txn_clear(txn, &k);
	}
	if (rc != ST_OK)
		return rc;
	log_warn("store: job %" PRIu64 " is from before the clock was set back; it is due now", id);
	old = *j;
	j->created = l->now; /* its next try is for later again */
	j->due = j->due < l->now ? j->due : l->now;
	return job_change(txn, &old, j);
}

static enum store_rc
notice_stranded_jobs(struct txn *txn, const struct due_look *l)
{
	struct key table = key_of(TAB_WAITING), from;
	enum store_rc rc = ST_OK;

	key_u8(&table, (uint8_t)l->kind);
	from = table;
	key_u64(&from, (uint64_t)(l->now + SLACK_US + 1));
	for (size_t i = 0; rc == ST_OK && i < l->max; i++) {
		struct slice key;

		rc = txn_next(txn, &from, &key, NULL);
		if (rc == ST_NOTFOUND || (rc == ST_OK && !key_has_prefix(key, &table, WAITING_KEY)))
			return ST_OK;
		if (rc == ST_OK)
			rc = hurry(txn, l, key);
		if (rc == ST_OK)
			rc = txn_forget(txn);
	}
	return rc;
}

enum store_rc
due_notice(struct txn *txn, const struct due_look *l)
{
	enum store_rc rc = notice_stranded_jobs(txn, l);

	for (int i = 0; rc == ST_OK && i < JOB_LANES; i++) {
		enum job_lane lane = (enum job_lane)i;

		rc = notice_stranded_leases(txn, l, lane);
		if (rc == ST_OK)
			rc = notice_leases(txn, l, lane);
		if (rc == ST_OK)
			rc = notice_accounts(txn, l, lane);
	}
	return rc;
}

enum store_rc
due_next(struct txn *txn, const struct job_want *want, int64_t *next)
{
	static const enum table tables[] = { TAB_LATER, TAB_LEASED };
	enum store_rc rc = ST_OK;

	*next = INT64_MAX;
	for (unsigned i = 0; i < 2 * want->nlane && (rc == ST_OK || rc == ST_NOTFOUND); i++) {
		struct key table = lane_of(tables[i % 2], want->kind, want->lane[i / 2]);
		struct slice key;

		if ((rc = first_by(txn, &table, *next, &key)) == ST_OK)
			*next = (int64_t)slice_u64(key, AT_TIME);
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}
