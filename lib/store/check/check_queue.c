/* check_queue: compares the tables of accounts whose jobs are due, and the counts of jobs, with the
 * jobs; see check.c */
#include <inttypes.h>

#include "store/check/check.h"
#include "store/queue/queue.h"

enum store_rc
check_account_of(struct check *c, const struct job *entry)
{
	struct key ready = queue_ready_key(entry), later = queue_later_key(entry, entry->due);
	bool is_ready = false, is_later = false;
	struct job first = { .kind = entry->kind, .lane = entry->lane, .account = entry->account };
	enum store_rc rc = queue_first(&c->txn, &first);

	if (rc != ST_OK || first.id != entry->id || c->layout1)
		return rc;
	if ((rc = check_has(c, &ready, &is_ready)) == ST_OK)
		rc = check_has(c, &later, &is_later);
	if (rc == ST_OK && is_ready == is_later)
		check_fault(c,
		    "account %" PRIu64
		    " is in %s of the tables of accounts with jobs that are due now "
		    "and later",
		    entry->account, is_ready ? "both" : "neither");
	return rc;
}

/* Reads the account of an entry, and checks that it has a job in the lane, due then (-1: any
 * time). */
static enum store_rc
check_standing(struct check *c, struct slice key, uint64_t account, int64_t due)
{
	const unsigned char *k = key.p;
	struct job first = { .kind = (enum job_kind)k[1], .lane = k[2], .account = account };
	enum store_rc rc = queue_first(&c->txn, &first);

	if (rc == ST_NOTFOUND || (rc == ST_OK && due >= 0 && first.due != due))
		check_fault(c,
		    "account %" PRIu64
		    " is in the table of accounts with jobs that are due %s, but "
		    "has no such job",
		    account, due >= 0 ? "later" : "now");
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
check_ready(struct check *c, struct slice key, struct slice v)
{
	(void)v;
	return check_standing(c, key, slice_u64(key, 3), -1);
}

enum store_rc
check_later(struct check *c, struct slice key, struct slice v)
{
	(void)v;
	return check_standing(c, key, slice_u64(key, 11), (int64_t)slice_u64(key, 3));
}

enum store_rc
check_job_counts(struct check *c, struct slice key, struct slice v)
{
	unsigned kind = ((const unsigned char *)key.p)[1];

	if (kind >= JOB_KINDS || v.n != JOBS_VALUE) {
		check_fault(c, "the numbers of jobs of kind %u cannot be read", kind);
		return ST_OK;
	}
	for (size_t i = 0; i < 3; i++)
		c->counted[kind][i] = slice_u64(v, 8 * i);
	return ST_OK;
}

void
check_jobs_end(struct check *c)
{
	static const char *const state[] = { "waiting", "leased", "dead" };

	for (unsigned kind = 0; kind < JOB_KINDS && !c->unreadable && !c->layout1; kind++)
		for (size_t i = 0; i < 3; i++)
			if (c->jobs[kind][i] != c->counted[kind][i])
				check_fault(c,
				    "%" PRIu64 " %s jobs are %s, but their number says %" PRIu64,
				    c->jobs[kind][i], job_kind_name((enum job_kind)kind), state[i],
				    c->counted[kind][i]);
}
