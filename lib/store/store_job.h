/*
 * store_job: what the holder of a job does with it, within a transaction.
 */
#ifndef SM_STORE_JOB_H
#define SM_STORE_JOB_H

#include "store/store_txn.h"

/* Reads the job as it is now. Returns ST_CONFLICT unless the lease that j was claimed with is still
 * the last one. */
enum store_rc job_held(struct txn *txn, const struct job *j, struct job **out);
/* Gives a job back: it becomes due in delay_ms, or a dead letter (GIVE_KEEP, GIVE_DEAD_LETTER).
 * Only GIVE_AGAIN and GIVE_DEAD_LETTER count the attempt; GIVE_FAULT and GIVE_KEEP a fault. */
enum give { GIVE_AGAIN, GIVE_RELEASE, GIVE_FAULT, GIVE_KEEP, GIVE_DEAD_LETTER };
enum store_rc job_give_back(struct txn *txn, struct job *held, enum give how, uint64_t delay_ms,
    const char *why);
/* Returns the time ms after now, but at most 11 days later. */
int64_t job_later(int64_t now, uint64_t ms);

#endif
