/* layout1: see layout1.h */
#include <inttypes.h>

#include "base/log.h"
#include "store/rules/job_rules.h"
#include "store/queue/job_key.h"
#include "store/queue/layout1.h"

enum {
	AT_ACCOUNT = 3,
	AT_DUE = 11,
	AT_ID = 19,
	AT_KIND = 9,
	AT_CREATED = 1,
	SLACK_US = 10 * 1000000
};

enum store_rc
layout1_is(struct txn *txn, bool *is)
{
	uint64_t layout = 0;
	enum store_rc rc = txn_layout(txn, &layout);

	*is = layout == 1;
	return rc;
}

struct job
layout1_job(const struct job *j)
{
	struct job old = *j;

	old.faults = old.lost = 0;
	return old;
}

struct message
layout1_message(const struct message *m)
{
	struct message old = *m;

	old.outcome = "";
	old.not_after = 0;
	old.dialect = DIALECT_A;
	return old;
}

enum store_rc
layout1_enter(struct txn *txn, const struct job *j, bool may)
{
	const char state = job_state(j);
	struct key k = state == OF_DEAD ? queue_dead_key(j) : queue_due_key(j);

	return state == OF_WAITING && !may ? ST_OK : txn_put(txn, &k, "", 0);
}

enum store_rc
layout1_leave(struct txn *txn, const struct job *j)
{
	struct key k = job_state(j) == OF_DEAD ? queue_dead_key(j) : queue_due_key(j);

	return txn_clear(txn, &k);
}

/* --- whose turn it is --------------------------------------------------------------------- */

/* Finds the first entry of the lane from account on. Returns ST_NOTFOUND at the end of the lane. */
static enum store_rc
first_from(struct txn *txn, const struct key *lane, uint64_t account, struct job *entry)
{
	struct key from = *lane;
	struct slice key;
	enum store_rc rc;

	key_u64(&from, account);
	rc = txn_next(txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, lane, DUE_KEY))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	entry->account = slice_u64(key, AT_ACCOUNT);
	entry->due = (int64_t)slice_u64(key, AT_DUE);
	entry->id = slice_u64(key, AT_ID);
	return ST_OK;
}

/* Returns how long a lease of such a job may last, in milliseconds. Programs of 0.1.0 lease a
 * postback for postback-ms, at most 120 s, and 20 s. */
static uint64_t
longest_lease(const struct layout1_look *l, const struct job *j)
{
	uint64_t theirs = j->kind == JOB_POSTBACK ? 140000 : 0;

	return l->lease_ms > theirs ? l->lease_ms : theirs;
}

/* Tells whether the entry, which is not due, was stranded when the clock was set back: its job was
 * created later than now, or is leased for longer than a lease of now could last. */
static enum store_rc
stranded(struct txn *txn, const struct layout1_look *l, const struct job *entry, bool *is)
{
	struct job *j;
	enum store_rc rc;

	*is = false;
	if (entry->due <= l->now + SLACK_US)
		return ST_OK;
	if ((rc = job_load(txn, txn->a, entry->id, &j)) != ST_OK)
		return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
	*is = job_state(j) == OF_LEASED ?
	    j->due > job_later(l->now, 2 * longest_lease(l, j)) + SLACK_US :
	    j->created > l->now + SLACK_US;
	if (*is)
		log_warn("store: job %" PRIu64
			 " is from before the clock was set back; it is due now",
		    j->id);
	return ST_OK;
}

/* Looks at the first job of each account from..last in turn. */
static enum store_rc
search(struct txn *txn, const struct layout1_look *l, uint64_t from, uint64_t last,
    struct job *entry)
{
	struct key lane = queue_lane_key(TAB_DUE, entry);
	bool anyway = false;

	for (;; from = entry->account + 1) {
		enum store_rc rc = first_from(txn, &lane, from, entry);

		if (rc == ST_OK && entry->account > last)
			rc = ST_NOTFOUND;
		if (rc == ST_OK)
			rc = stranded(txn, l, entry, &anyway);
		if (rc != ST_OK || entry->due <= l->now || anyway)
			return rc;
		if (entry->account == UINT64_MAX)
			return ST_NOTFOUND;
	}
}

enum store_rc
layout1_find(struct txn *txn, const struct layout1_look *l, struct job *entry)
{
	enum store_rc rc = ST_NOTFOUND;

	if (l->last < UINT64_MAX)
		rc = search(txn, l, l->last + 1, UINT64_MAX, entry);
	return rc == ST_NOTFOUND ? search(txn, l, 0, l->last, entry) : rc;
}

enum store_rc
layout1_next(struct txn *txn, const struct job_want *want, int64_t *next)
{
	enum store_rc rc = ST_OK;

	*next = INT64_MAX;
	for (unsigned i = 0; i < want->nlane && (rc == ST_OK || rc == ST_NOTFOUND); i++) {
		struct job entry = { .kind = want->kind, .lane = want->lane[i] };
		struct key lane = queue_lane_key(TAB_DUE, &entry);

		for (uint64_t from = 0; (rc = first_from(txn, &lane, from, &entry)) == ST_OK;
		     from = entry.account + 1) {
			if (entry.due < *next)
				*next = entry.due;
			if (entry.account == UINT64_MAX)
				break;
		}
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* --- figures ------------------------------------------------------------------------------ */

static void
count(struct job_stats *st, enum job_kind kind, struct slice v, int64_t now)
{
	int64_t age = now - (int64_t)slice_u64(v, AT_CREATED);

	switch (*(const char *)v.p) {
	case OF_DEAD:
		st->dead[kind]++;
		break;
	case OF_LEASED:
		st->leased[kind]++;
		break;
	default:
		st->queued[kind]++;
		if (age > st->oldest_us[kind])
			st->oldest_us[kind] = age;
	}
}

enum store_rc
layout1_stats(struct txn *txn, enum job_kind kind, int64_t now, struct job_stats *out)
{
	struct key table = key_of(TAB_OF), from = table;
	enum store_rc rc;

	for (unsigned n = 1;; n++) {
		struct slice key, v;

		rc = txn_next(txn, &from, &key, &v);
		if (rc != ST_OK || !key_has_prefix(key, &table, OF_KEY))
			break;
		if (v.n != OF_VALUE)
			return ST_CORRUPT;
		if (((const unsigned char *)key.p)[AT_KIND] == kind)
			count(out, kind, v, now);
		key_behind(&from, key);
		if (n % STORE_SLICE == 0 && (rc = txn_forget(txn)) != ST_OK)
			return rc;
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}
