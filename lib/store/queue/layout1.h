/*
 * layout1: the queue of a store of layout 1, within a transaction.
 *
 * Programs of version 0.1.0 know no other layout, and may use the store at the same time: while an
 * upgrade is under way, or after it was taken back. So what these functions write is what 0.1.0
 * would write. Jobs that may be claimed are in the table of due jobs, leased ones among them, at
 * the end of their lease; of the other tables of queue.h only that of dead jobs exists.
 * "savemms migrate" ends it; see migrate.c.
 */
#ifndef SM_LAYOUT1_H
#define SM_LAYOUT1_H

#include "store/store_txn.h"

/* Sets *is if the store has layout 1. */
enum store_rc layout1_is(struct txn *txn, bool *is);

/* Do what queue_enter(), queue_leave() and queue_stats() do. */
enum store_rc layout1_enter(struct txn *txn, const struct job *j, bool may);
enum store_rc layout1_leave(struct txn *txn, const struct job *j);
enum store_rc layout1_stats(struct txn *txn, enum job_kind kind, int64_t now,
    struct job_stats *out);

struct layout1_look {
	int64_t now;
	uint64_t lease_ms; /* that a claim would ask for */
	uint64_t last;     /* the account served last */
};
/* Finds the entry of the job that is to be claimed next in the lane (kind and lane of *entry), and
 * sets account, due and id of *entry. Accounts take turns: those behind l->last come first. Cost:
 * one look-up for each account with jobs in the lane, until one has a job that is due. Returns
 * ST_NOTFOUND if none is. */
enum store_rc layout1_find(struct txn *txn, const struct layout1_look *l, struct job *entry);
/* Does what due_next() does. */
enum store_rc layout1_next(struct txn *txn, const struct job_want *want, int64_t *next);

/* Return a record without what 0.1.0 cannot read: of a job, how many attempts faults of this
 * machine and deaths of a helper ended; of a message, what the delivery report said, when its time
 * is over, and the dialect of its request. */
struct job layout1_job(const struct job *j);
struct message layout1_message(const struct message *m);

#endif
