/*
 * store_posted: what was posted, within a transaction.
 */
#ifndef SM_STORE_POSTED_H
#define SM_STORE_POSTED_H

#include "store/store_txn.h"

/* Adds j->posted to what is kept of its template or message. */
enum store_rc posted_add(struct txn *txn, const struct job *j);
enum store_rc posted_clear(struct txn *txn, uint64_t group);
bool posted_readable(struct arena *a, struct slice v);

#endif
