/*
 * queue: the tables that a claim looks into, and the counts of jobs.
 *
 * Due: the jobs that may be claimed, by kind, lane, account and time. Of the postbacks of a
 * template, or of a message, only the first living one is in it. Ready and later: each account that
 * has jobs in a lane of the table of due jobs is in one of these two. It is in ready when its first
 * job was seen to be due, and else in later, at that job's time. So a claim finds the next account
 * in turn, and the next time at which there is something to do, by one look-up each, however many
 * wait. Leased: the leased jobs, by the end of the lease; a claim moves one whose lease is over to
 * the due jobs. Waiting: all jobs that wait, by age. Dead: the jobs that were given up.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/queue/job_key.h"
#include "store/queue/layout1.h"
#include "store/queue/queue.h"

enum { AT_DUE = 11, AT_ID = 19, STATES = 3 };

/* --- accounts ------------------------------------------------------------------------ */

enum store_rc
queue_first(struct txn *txn, struct job *entry)
{
	struct key account = queue_account_key(TAB_DUE, entry);
	struct slice key;
	enum store_rc rc = txn_next(txn, &account, &key, NULL);

	if (rc == ST_OK && !key_has_prefix(key, &account, DUE_KEY))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	entry->due = (int64_t)slice_u64(key, AT_DUE);
	entry->id = slice_u64(key, AT_ID);
	return ST_OK;
}

/* Moves an account whose first job was was and now is is (NULL: none), from one of the tables of
 * accounts to the other or to another time. */
static enum store_rc
move_account(struct txn *txn, const struct job *was, const struct job *is)
{
	struct key ready = queue_ready_key(was != NULL ? was : is), from, to;
	bool due = is != NULL && is->due <= clock_now(), stands_ready = false;
	struct slice v;
	enum store_rc rc = was != NULL ? txn_get(txn, &ready, &v) : ST_NOTFOUND;

	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	stands_ready = rc == ST_OK;
	if (stands_ready && due)
		return ST_OK;
	if (was != NULL) {
		from = stands_ready ? ready : queue_later_key(was, was->due);
		if ((rc = txn_clear(txn, &from)) != ST_OK)
			return rc;
	}
	if (is == NULL)
		return ST_OK;
	to = due ? ready : queue_later_key(is, is->due);
	return txn_put(txn, &to, "", 0);
}

enum store_rc
queue_due_put(struct txn *txn, const struct job *j)
{
	struct job first = { .kind = j->kind, .lane = j->lane, .account = j->account };
	struct key k = queue_due_key(j);
	enum store_rc was = queue_first(txn, &first), rc;
	bool one = false;

	if (was != ST_OK && was != ST_NOTFOUND)
		return was;
	if ((rc = layout1_is(txn, &one)) == ST_OK)
		rc = txn_put(txn, &k, "", 0);
	if (rc != ST_OK || one || (was == ST_OK && first.due <= j->due))
		return rc;
	return move_account(txn, was == ST_OK ? &first : NULL, j);
}

enum store_rc
queue_due_clear(struct txn *txn, const struct job *j)
{
	struct job first = { .kind = j->kind, .lane = j->lane, .account = j->account };
	struct key k = queue_due_key(j);
	enum store_rc rc = txn->ops->del(txn->kv, key_slice(&k));
	bool one = false;

	if (rc != ST_OK)
		return rc == ST_NOTFOUND ? ST_OK : rc;
	if ((rc = layout1_is(txn, &one)) != ST_OK || one)
		return rc;
	rc = queue_first(txn, &first);
	if (rc == ST_OK && first.due <= j->due)
		return ST_OK; /* the first one is still the first, or due at the same time */
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	return move_account(txn, j, rc == ST_OK ? &first : NULL);
}

/* --- jobs ---------------------------------------------------------------------------- */

/* Notes since when the lease runs, so that one from before the clock was set back is known. */
static enum store_rc
put_leased(struct txn *txn, const struct job *j)
{
	struct key k = queue_leased_key(j);

	return txn_put_u64(txn, &k, (uint64_t)clock_now());
}

enum store_rc
queue_enter(struct txn *txn, const struct job *j, bool may)
{
	struct key k = job_state(j) == OF_DEAD ? queue_dead_key(j) : queue_waiting_key(j);
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc != ST_OK)
		return rc;
	if (one)
		return layout1_enter(txn, j, may);
	if (job_state(j) == OF_LEASED)
		return put_leased(txn, j);
	rc = txn_put(txn, &k, "", 0);
	return rc == ST_OK && job_state(j) == OF_WAITING && may ? queue_due_put(txn, j) : rc;
}

enum store_rc
queue_allow(struct txn *txn, const struct job *j)
{
	struct key leased = queue_leased_key(j);
	struct slice v;
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc != ST_OK)
		return rc;
	if (one)
		return layout1_enter(txn, j, true);
	rc = job_state(j) == OF_LEASED ? txn_get(txn, &leased, &v) : ST_NOTFOUND;
	return rc == ST_NOTFOUND ? queue_due_put(txn, j) : rc;
}

enum store_rc
queue_leave(struct txn *txn, const struct job *j)
{
	struct key dead = queue_dead_key(j), waiting = queue_waiting_key(j);
	struct key leased = queue_leased_key(j);
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc != ST_OK)
		return rc;
	if (one)
		return layout1_leave(txn, j);
	switch (job_state(j)) {
	case OF_DEAD:
		return txn_clear(txn, &dead);
	case OF_LEASED:
		rc = txn->ops->del(txn->kv, key_slice(&leased));
		return rc == ST_NOTFOUND ? queue_due_clear(txn, j) : rc; /* the lease was over */
	default:
		rc = txn_clear(txn, &waiting);
		return rc == ST_OK ? queue_due_clear(txn, j) : rc;
	}
}

/* --- figures ------------------------------------------------------------------------- */

/* Returns the place of the number of jobs in that state. */
static size_t
place_of(char state)
{
	return state == OF_DEAD ? 16 : state == OF_LEASED ? 8 : 0;
}

static struct key
jobs_key(enum job_kind kind)
{
	struct key k = key_of(TAB_JOBS);

	key_u8(&k, (uint8_t)kind);
	return k;
}

/* Reads the numbers of one kind; 0 where there is no record. */
static enum store_rc
load_counts(struct txn *txn, enum job_kind kind, uint64_t n[STATES])
{
	struct key k = jobs_key(kind);
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	for (size_t i = 0; i < STATES; i++)
		n[i] = rc == ST_OK && v.n == JOBS_VALUE ? slice_u64(v, 8 * i) : 0;
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
queue_count(struct txn *txn, enum job_kind kind, char from, char to)
{
	struct key k = jobs_key(kind);
	unsigned char v[JOBS_VALUE];
	uint64_t n[STATES];
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc != ST_OK || one || from == to)
		return rc;
	if ((rc = load_counts(txn, kind, n)) != ST_OK)
		return rc;
	if (from != 0 && n[place_of(from) / 8] == 0)
		log_error("store: the number of %s jobs is too low", job_kind_name(kind));
	else if (from != 0)
		n[place_of(from) / 8]--;
	if (to != 0)
		n[place_of(to) / 8]++;
	for (size_t i = 0; i < STATES; i++)
		put_u64(v + 8 * i, n[i]);
	return txn_put(txn, &k, v, sizeof v);
}

enum store_rc
queue_stats(struct txn *txn, enum job_kind kind, int64_t now, struct job_stats *out)
{
	const struct job any = { .kind = kind };
	struct key waiting = queue_kind_key(TAB_WAITING, &any);
	uint64_t n[STATES];
	struct slice key;
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc == ST_OK && one)
		return layout1_stats(txn, kind, now, out);
	if (rc == ST_OK)
		rc = load_counts(txn, kind, n);
	if (rc == ST_OK)
		rc = txn_next(txn, &waiting, &key, NULL);
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	out->queued[kind] = n[0];
	out->leased[kind] = n[1];
	out->dead[kind] = n[2];
	out->oldest_us[kind] = 0;
	if (rc == ST_OK && key_has_prefix(key, &waiting, WAITING_KEY) &&
	    (int64_t)slice_u64(key, 2) < now)
		out->oldest_us[kind] = now - (int64_t)slice_u64(key, 2);
	return ST_OK;
}

/* --- a store of version 1 -------------------------------------------------------------- */

/* Puts one job of the old layout where it belongs now. */
static enum store_rc
build_job(struct txn *txn, const struct job *j)
{
	struct key due = queue_due_key(j), waiting = queue_waiting_key(j);
	enum store_rc rc = ST_OK;

	if (job_state(j) == OF_LEASED) {
		rc = txn_clear(txn, &due);
		if (rc == ST_OK)
			rc = put_leased(txn, j);
	} else if (job_state(j) == OF_WAITING) {
		rc = txn_put(txn, &waiting, "", 0);
	}
	return rc == ST_OK ? queue_count(txn, j->kind, 0, job_state(j)) : rc;
}

static enum store_rc
build_jobs(struct txn *txn)
{
	struct key from = key_of(TAB_JOB), table = from;
	struct slice key, v;
	struct job *j;
	enum store_rc rc;

	while (
	    (rc = txn_next(txn, &from, &key, &v)) == ST_OK && key_has_prefix(key, &table, ID_KEY)) {
		key_behind(&from, key);
		if ((j = job_decode(txn->a, v.p, v.n)) != NULL) {
			j->id = slice_u64(key, 1);
			rc = build_job(txn, j);
		} else if (arena_failed(txn->a)) {
			rc = ST_NOMEM;
		} else {
			log_error("store: job %" PRIu64 " cannot be read", slice_u64(key, 1));
		}
		if (rc != ST_OK || (rc = txn_forget(txn)) != ST_OK)
			return rc;
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* Puts each account that has due jobs into the table of accounts. */
static enum store_rc
build_accounts(struct txn *txn)
{
	struct key from = key_of(TAB_DUE), table = from;
	struct slice key;
	enum store_rc rc;

	while ((rc = txn_next(txn, &from, &key, NULL)) == ST_OK &&
	    key_has_prefix(key, &table, DUE_KEY)) {
		const unsigned char *k = key.p;
		struct job first = { .kind = (enum job_kind)k[1],
			.lane = k[2],
			.account = slice_u64(key, 3),
			.due = (int64_t)slice_u64(key, AT_DUE) };

		from = queue_account_key(TAB_DUE, &first);
		key_u64(&from, UINT64_MAX); /* behind the jobs of this account */
		key_u64(&from, UINT64_MAX);
		key_u8(&from, 0);
		if ((rc = move_account(txn, NULL, &first)) != ST_OK ||
		    (rc = txn_forget(txn)) != ST_OK)
			return rc;
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
queue_build(struct txn *txn)
{
	enum store_rc rc = build_jobs(txn);

	return rc == ST_OK ? build_accounts(txn) : rc;
}
