/*
 * store_queue: where jobs stand in the queue, within a transaction.
 */
#ifndef SM_STORE_QUEUE_H
#define SM_STORE_QUEUE_H

#include "store/store_txn.h"

/* Returns the state of the job (OF_...). */
char job_state(const struct job *j);

/* Return the keys of the job in the tables of due, leased, waiting and dead jobs, and of its
 * account in the tables of accounts whose first job is due now, or later, at due. Only the members
 * kind, lane, account, due, created and id of the job are used. */
struct key queue_due_key(const struct job *j);
struct key queue_leased_key(const struct job *j);
struct key queue_waiting_key(const struct job *j);
struct key queue_dead_key(const struct job *j);
struct key queue_ready_key(const struct job *j);
struct key queue_later_key(const struct job *j, int64_t due);

/* Returns the prefix of the keys of the job's kind and lane in a table whose keys begin with these.
 */
struct key queue_lane_key(enum table t, const struct job *j);

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
