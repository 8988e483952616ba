/*
 * due: moves what has become due to where a claim finds it. Each entry is moved once, so the
 * cost of a claim does not depend on how many wait.
 *
 * If the clock was set back, jobs may be due in the far future. Two kinds of jobs are made due at
 * once: a waiting job that was created later than now, and a leased job whose lease was begun or
 * renewed later than now. Known limit: a job that waits for another try, and was created before
 * the clock was set back, waits longer by that amount.
 */
#include <inttypes.h>

#include "base/log.h"
#include "store/queue/due.h"
#include "store/store_index.h"
#include "store/queue/layout1.h"

enum {
	AT_LANE = 2,
	AT_TIME = 3,
	AT_LATER_ACCOUNT = 11,
	AT_LEASED_ID = 11,
	AT_CREATED = 2,
	AT_WAITING_ID = 10
};
enum { TIME_KEY = LATER_KEY, SLACK_US = 10 * 1000000 };
_Static_assert(LATER_KEY == LEASED_KEY, "one function reads both");

static struct key
lane_of(enum table t, enum job_kind kind, enum job_lane lane)
{
	return queue_lane_key(t, &(struct job){ .kind = kind, .lane = lane });
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

/* --- one walk for all ------------------------------------------------------------------- */

/* Finds the next entry of the table, or of the part of it that the key names, that is to be acted
 * upon. Returns ST_NOTFOUND if there is none. */
typedef enum store_rc find_entry(struct txn *txn, const struct due_look *l, const struct key *table,
    struct slice *key);
/* Acts upon an entry, which is gone or moved afterwards. */
typedef enum store_rc act_upon(struct txn *txn, const struct due_look *l, struct slice key);

/* Acts upon up to l->max entries. */
static enum store_rc
notice(struct txn *txn, const struct due_look *l, struct key table, find_entry *find, act_upon *act)
{
	for (size_t i = 0; i < l->max; i++) {
		struct slice key;
		enum store_rc rc = find(txn, l, &table, &key);

		if (rc == ST_NOTFOUND)
			return ST_OK;
		if (rc == ST_OK)
			rc = act(txn, l, key);
		if (rc == ST_OK)
			rc = txn_forget(txn);
		if (rc != ST_OK)
			return rc;
	}
	return ST_OK;
}

static enum store_rc
find_due(struct txn *txn, const struct due_look *l, const struct key *table, struct slice *key)
{
	return first_by(txn, table, l->now, key);
}

/* --- accounts -------------------------------------------------------------------------- */

static enum store_rc
make_ready(struct txn *txn, const struct due_look *l, struct slice later)
{
	const struct job of = { .kind = l->kind,
		.lane = ((const unsigned char *)later.p)[AT_LANE],
		.account = slice_u64(later, AT_LATER_ACCOUNT) };
	struct key was = queue_later_key(&of, (int64_t)slice_u64(later, AT_TIME));
	struct key is = queue_ready_key(&of);
	enum store_rc rc = txn_del(txn, &was);

	return rc == ST_OK ? txn_put(txn, &is, "", 0) : rc;
}

/* A table whose keys name jobs. */
struct listing {
	const char *says;                                    /* of a job in it */
	size_t at_id;                                        /* where a key has the job's id */
	bool (*is)(const struct job *j, struct slice entry); /* the job is as its entry says */
};

/* Loads the job of an entry. One that is of no such job is removed (logged), with *out NULL. */
static enum store_rc
job_of(struct txn *txn, const struct listing *t, struct slice entry, struct job **out)
{
	uint64_t id = slice_u64(entry, t->at_id);
	struct key k = { .n = 0 };
	struct job *j = NULL;
	enum store_rc rc = job_load(txn, txn->a, id, &j);

	*out = NULL;
	if (rc == ST_OK && t->is(j, entry)) {
		*out = j;
		return ST_OK;
	}
	if (rc != ST_OK && rc != ST_NOTFOUND && rc != ST_CORRUPT)
		return rc;
	log_error("store: job %" PRIu64 " %s, but its record cannot be used: discard it", id,
	    t->says);
	key_bytes(&k, entry.p, entry.n);
	return txn_clear(txn, &k);
}

/* --- leases ---------------------------------------------------------------------------- */

static bool
is_leased(const struct job *j, struct slice leased)
{
	return job_state(j) == OF_LEASED && (int64_t)slice_u64(leased, AT_TIME) == j->due;
}

static const struct listing leases = { "is leased", AT_LEASED_ID, is_leased };

/* Ends a lease that is over at its time, which is in the key, or that was stranded. The record says
 * still whose it was: while nobody else claims the job, its holder may go on. */
static enum store_rc
end_lease(struct txn *txn, const struct due_look *l, struct slice leased)
{
	struct key k = { .n = 0 };
	struct job *j, old;
	enum store_rc rc = job_of(txn, &leases, leased, &j);

	if (j == NULL)
		return rc;
	key_bytes(&k, leased.p, leased.n);
	if (j->due > l->now) {
		log_warn("store: the lease of job %" PRIu64
			 " is from before the clock was set back; it is over now",
		    j->id);
		old = *j;
		j->due = l->now;
		rc = job_change(txn, &old, j);
		k = queue_leased_key(j);
	}
	if (rc == ST_OK)
		rc = txn_del(txn, &k);
	return rc == ST_OK ? queue_due_put(txn, j) : rc;
}

/* Finds a lease that was begun or renewed later than now, from the last one of the lane on. */
static enum store_rc
find_stranded_lease(struct txn *txn, const struct due_look *l, const struct key *table,
    struct slice *key)
{
	struct key behind = *table;
	struct slice since;
	enum store_rc rc;

	key_u64(&behind, UINT64_MAX);
	rc = txn_prev(txn, &behind, key, &since);
	if (rc == ST_OK &&
	    (!key_has_prefix(*key, table, LEASED_KEY) || since.n != LEASED_VALUE ||
		(int64_t)slice_u64(since, 0) <= l->now + SLACK_US))
		rc = ST_NOTFOUND;
	return rc;
}

/* --- jobs that wait --------------------------------------------------------------------- */

static bool
is_waiting(const struct job *j, struct slice waiting)
{
	return job_state(j) == OF_WAITING && (int64_t)slice_u64(waiting, AT_CREATED) == j->created;
}

static const struct listing waits = { "waits", AT_WAITING_ID, is_waiting };

static enum store_rc
hurry(struct txn *txn, const struct due_look *l, struct slice waiting)
{
	struct job *j, old;
	enum store_rc rc = job_of(txn, &waits, waiting, &j);

	if (j == NULL)
		return rc;
	log_warn("store: job %" PRIu64 " is from before the clock was set back; it is due now",
	    j->id);
	old = *j;
	j->created = l->now; /* its next try is for later again */
	j->due = j->due < l->now ? j->due : l->now;
	return job_change(txn, &old, j);
}

/* Finds a job that was created later than now. */
static enum store_rc
find_stranded_job(struct txn *txn, const struct due_look *l, const struct key *table,
    struct slice *key)
{
	struct key from = *table;
	enum store_rc rc;

	key_u64(&from, (uint64_t)(l->now + SLACK_US + 1));
	rc = txn_next(txn, &from, key, NULL);
	return rc == ST_OK && !key_has_prefix(*key, table, WAITING_KEY) ? ST_NOTFOUND : rc;
}

enum store_rc
due_notice(struct txn *txn, const struct due_look *l)
{
	struct key waiting = key_of(TAB_WAITING);
	enum store_rc rc;

	key_u8(&waiting, (uint8_t)l->kind);
	rc = notice(txn, l, waiting, find_stranded_job, hurry);
	for (int i = 0; rc == ST_OK && i < JOB_LANES; i++) {
		enum job_lane lane = (enum job_lane)i;
		struct key leased = lane_of(TAB_LEASED, l->kind, lane);

		rc = notice(txn, l, leased, find_stranded_lease, end_lease);
		if (rc == ST_OK)
			rc = notice(txn, l, leased, find_due, end_lease);
		if (rc == ST_OK)
			rc = notice(txn, l, lane_of(TAB_LATER, l->kind, lane), find_due,
			    make_ready);
	}
	return rc;
}

enum store_rc
due_next(struct txn *txn, const struct job_want *want, int64_t *next)
{
	static const enum table tables[] = { TAB_LATER, TAB_LEASED };
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc == ST_OK && one)
		return layout1_next(txn, want, next);
	*next = INT64_MAX;
	for (unsigned i = 0; i < 2 * want->nlane && (rc == ST_OK || rc == ST_NOTFOUND); i++) {
		struct key table = lane_of(tables[i % 2], want->kind, want->lane[i / 2]);
		struct slice key;

		if ((rc = first_by(txn, &table, *next, &key)) == ST_OK)
			*next = (int64_t)slice_u64(key, AT_TIME);
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}
