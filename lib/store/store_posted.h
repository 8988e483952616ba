/*
 * store_posted: records attempts to post, within a transaction.
 */
#ifndef SM_STORE_POSTED_H
#define SM_STORE_POSTED_H

#include "store/store_txn.h"

/* Adds j->posted to the record of its template or message; adds nothing if the message is gone. */
enum store_rc posted_add(struct txn *txn, const struct job *j);
/* Removes the record of a template or message, if there is one. */
enum store_rc posted_clear(struct txn *txn, uint64_t group);
/* Returns true if v is such a record. */
bool posted_readable(struct arena *a, struct slice v);

#endif
