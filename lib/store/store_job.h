/*
 * store_job: what the holder of a job does with it, within a transaction.
 */
#ifndef SM_STORE_JOB_H
#define SM_STORE_JOB_H

#include "store/rules/job_rules.h"
#include "store/store_txn.h"

/* Reads the job as it is now. Returns ST_CONFLICT unless the lease that j was claimed with is still
 * the last one. */
enum store_rc job_held(struct txn *txn, const struct job *j, struct job **out);
/* Gives a held job back. */
enum store_rc job_give_back(struct txn *txn, struct job *held, const struct job_return *r);

#endif
