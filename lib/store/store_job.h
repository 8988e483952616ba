/*
 * store_job: what the holder of a job does with it, within a transaction.
 */
#ifndef SM_STORE_JOB_H
#define SM_STORE_JOB_H

#include "store/store_txn.h"

/* The job as it is now, if the lease j was given with is still the last one; else
 * ST_CONFLICT. */
enum store_rc job_held(struct txn *txn, const struct job *j, struct job **out);
/* Puts a job back: due in delay_ms, or dead, or not counted as tried. */
enum give { GIVE_AGAIN, GIVE_UNTRIED, GIVE_FAULT, GIVE_KEEP, GIVE_UP };
enum store_rc job_give_back(struct txn *txn, struct job *held, enum give how, uint64_t delay_ms,
    const char *why);
/* A point ms from now, at most 11 days. */
int64_t job_later(int64_t now, uint64_t ms);

#endif
