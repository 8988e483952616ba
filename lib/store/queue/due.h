/*
 * due: notices what has become due, within the transaction of a claim.
 */
#ifndef SM_DUE_H
#define SM_DUE_H

#include "store/store_txn.h"

struct due_look {
	enum job_kind kind;
	int64_t now;
	size_t max; /* moves at most so many entries of each table */
};

/* Makes the accounts ready whose first job is due by now, moves the jobs whose lease is over to
 * those that may be claimed, and makes due what was stranded when the clock was set back; for one
 * kind, in all lanes. It frees what the transaction has read (txn_forget()). */
enum store_rc due_notice(struct txn *txn, const struct due_look *look);
/* Finds the time at which there is something to notice again in the lanes that are wanted;
 * INT64_MAX: never. */
enum store_rc due_next(struct txn *txn, const struct job_want *want, int64_t *next);

#endif
