/*
 * queue: where jobs stand in the queue, within a transaction.
 */
#ifndef SM_QUEUE_H
#define SM_QUEUE_H

#include "store/queue/job_key.h"

/* Puts the job where its state belongs: dead, leased, or waiting; a waiting job may be claimed if
 * may is set. */
enum store_rc queue_enter(struct txn *txn, const struct job *j, bool may);
/* Lets a living job be claimed that had to wait for another until now. */
enum store_rc queue_allow(struct txn *txn, const struct job *j);
/* Takes the job out of wherever it stands. */
enum store_rc queue_leave(struct txn *txn, const struct job *j);

/* Put a job into the table of jobs that may be claimed, and take it out if it is there. Its account
 * then stands at the time of the first job that it has there. */
enum store_rc queue_due_put(struct txn *txn, const struct job *j);
enum store_rc queue_due_clear(struct txn *txn, const struct job *j);
/* Finds the first job of an account (kind, lane and account of *entry) that may be claimed, and
 * sets its due and id. Returns ST_NOTFOUND if it has none. */
enum store_rc queue_first(struct txn *txn, struct job *entry);

/* Counts a job of that kind from one state to another (OF_...; 0: it is new, or gone). */
enum store_rc queue_count(struct txn *txn, enum job_kind kind, char from, char to);
/* Reads the counts of one kind into out, and the age of its oldest waiting job. */
enum store_rc queue_stats(struct txn *txn, enum job_kind kind, int64_t now, struct job_stats *out);

/* Makes these tables anew from the jobs of a store of version 1, which had only that of due jobs,
 * with the leased ones in it. */
enum store_rc queue_build(struct txn *txn);

#endif
