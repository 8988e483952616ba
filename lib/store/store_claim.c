/*
 * store_claim: chooses the next job; see store.h and store_index.c.
 *
 * The index of due jobs sorts by kind, lane, account and time. Each lane remembers whose job was
 * claimed last and looks at the accounts after that one first, then from the start: accounts take
 * turns, however many jobs each has waiting. A claim costs one look-up for each account that has
 * jobs in the lane, until it finds a job that is due.
 *
 * If the clock was set back, jobs may be due in the far future. A waiting job that was created
 * later than now, and a leased job whose lease ends later than a lease begun now would, count as
 * due. Known limit: a job that waits for another try, and was created before the clock was set
 * back, waits longer by that amount.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/store_index.h"
#include "store/store_job.h"

enum { AT_LANE = 2, AT_ACCOUNT = 3, AT_DUE = 11, AT_ID = 19, SLACK_US = 10 * 1000000 };

struct claim {
	const struct job_want *want;
	int64_t now;
	struct arena *a;
	struct key lane; /* the current lane: the prefix of its entries' keys */
	int64_t next;    /* when the first job that is not due yet becomes due; INT64_MAX: none */
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
	else if (rc == ST_NOTFOUND || rc == ST_CORRUPT || rc == ST_OK) {
		log_error("store: job %" PRIu64 " is in the queue, but its record cannot be used",
		    entry->id);
		rc = ST_OK;
	}
	if (rc == ST_OK && !may)
		return job_due_clear(txn, entry);
	if (rc == ST_OK)
		*out = j;
	return rc;
}

/* Finds the first entry of the lane with an account >= account. Returns ST_NOTFOUND at the end of
 * the lane. */
static enum store_rc
first_entry(struct txn *txn, const struct key *lane, uint64_t account, struct job *entry)
{
	struct key from = *lane;
	const unsigned char *k;
	struct slice key;
	enum store_rc rc;

	key_u64(&from, account);
	rc = txn_next(txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, lane, DUE_KEY))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	k = key.p;
	entry->kind = (enum job_kind)k[1];
	entry->lane = k[AT_LANE];
	entry->account = slice_u64(key, AT_ACCOUNT);
	entry->due = (int64_t)slice_u64(key, AT_DUE);
	entry->id = slice_u64(key, AT_ID);
	return ST_OK;
}

/* Finds out whether the entry, which is not due, was stranded when the clock was set back. */
static enum store_rc
is_stranded(struct txn *txn, const struct claim *c, const struct job *entry, bool *stranded)
{
	struct job *j;
	enum store_rc rc;

	*stranded = false;
	if (entry->due <= c->now + SLACK_US)
		return ST_OK;
	if ((rc = job_load(txn, txn->a, entry->id, &j)) != ST_OK)
		return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
	*stranded = j->owner[0] != '\0' ?
	    j->due > job_later(c->now, 2 * c->want->lease_ms) + SLACK_US :
	    j->created > c->now + SLACK_US;
	if (*stranded)
		log_warn("store: job %" PRIu64
			 " is from before the clock was set back; it is due now",
		    j->id);
	return ST_OK;
}

/* Looks at the accounts from..last in turn. Leaves *out NULL if none of them has a due job. */
static enum store_rc
search_accounts(struct txn *txn, struct claim *c, uint64_t from, uint64_t last, struct job **out)
{
	struct job entry = { 0 };
	bool stranded = false;

	while (*out == NULL) {
		enum store_rc rc = first_entry(txn, &c->lane, from, &entry);

		if (rc == ST_NOTFOUND || (rc == ST_OK && entry.account > last))
			return ST_OK;
		if (rc != ST_OK || (rc = is_stranded(txn, c, &entry, &stranded)) != ST_OK)
			return rc;
		if (entry.due > c->now && !stranded) {
			if (entry.due < c->next)
				c->next = entry.due;
			if (entry.account == UINT64_MAX)
				return ST_OK;
			from = entry.account + 1;
		} else if ((rc = load_if_due(txn, &entry, c->a, out)) != ST_OK) {
			return rc;
		}
	}
	return ST_OK;
}

static enum store_rc
claim_lane(struct txn *txn, struct claim *c, enum job_lane which, struct job **out)
{
	struct key turn = key_of(TAB_TURN);
	uint64_t last;
	enum store_rc rc;

	c->lane = key_of(TAB_DUE);
	key_u8(&c->lane, (uint8_t)c->want->kind);
	key_u8(&c->lane, (uint8_t)which);
	key_u8(&turn, (uint8_t)c->want->kind);
	key_u8(&turn, (uint8_t)which);
	rc = txn_get_u64(txn, &turn, &last);
	if (rc == ST_OK && last < UINT64_MAX)
		rc = search_accounts(txn, c, last + 1, UINT64_MAX, out);
	if (rc == ST_OK && *out == NULL)
		rc = search_accounts(txn, c, 0, last, out);
	if (rc == ST_OK && *out != NULL && (*out)->account != last)
		rc = txn_put_u64(txn, &turn, (*out)->account);
	return rc == ST_OK && *out != NULL ? lease(txn, *out, c) : rc;
}

struct claim_step {
	struct claim c;
	struct job_batch *out; /* each run writes all that it claims */
	size_t n;              /* claimed */
};

static enum store_rc
claim_some(struct txn *txn, void *ctx)
{
	struct claim_step *s = ctx;
	const struct job_want *want = s->c.want;
	enum store_rc rc = ST_OK;

	s->c.now = clock_now();
	for (bool more = true; rc == ST_OK && more && s->n < s->out->max; s->n += more) {
		struct job **job = &s->out->job[s->n];

		*job = NULL;
		for (unsigned i = 0; rc == ST_OK && *job == NULL && i < want->nlane; i++)
			rc = claim_lane(txn, &s->c, want->lane[i], job);
		more = rc == ST_OK && *job != NULL;
	}
	return rc;
}

enum store_rc
store_job_claim_some(struct store *st, const struct job_want *want, struct arena *a,
    struct job_batch *out)
{
	struct claim_step s = { .c = { .want = want, .a = a, .next = INT64_MAX }, .out = out };
	enum store_rc rc = TXN_RUN(st, KV_DURABLE, claim_some, &s);

	out->n = rc == ST_OK ? s.n : 0;
	out->wait_ms = s.c.next == INT64_MAX ? UINT64_MAX :
					       (uint64_t)(s.c.next - s.c.now + 999) / 1000;
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
