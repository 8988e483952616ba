/*
 * job_key: the keys of a job in the tables of the queue, and its record.
 */
#ifndef SM_JOB_KEY_H
#define SM_JOB_KEY_H

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

/* Return the prefix of the keys of the job's kind; kind and lane; kind, lane and account; in a
 * table whose keys begin with these. */
struct key queue_kind_key(enum table t, const struct job *j);
struct key queue_lane_key(enum table t, const struct job *j);
struct key queue_account_key(enum table t, const struct job *j);

/* Reads a job into the arena. */
enum store_rc job_load(struct txn *txn, struct arena *a, uint64_t id, struct job **out);

#endif
