/*
 * store_refs: references to blobs, within a transaction.
 */
#ifndef SM_STORE_REFS_H
#define SM_STORE_REFS_H

#include "store/store_txn.h"

/* The blobs of was (NULL: none) lose a reference, those of is gain one; what is
 * in both stays. The ones nothing refers to any more are appended to *orphans, in memory
 * of the transaction, if orphans is not NULL. */
enum store_rc refs_change(struct txn *txn, const struct template *was, const struct template *is,
    struct orphans *orphans);
/* One blob gains (1) or loses (-1) the reference of an image template; *left: how many
 * references it has now. */
enum store_rc refs_add(struct txn *txn, const char *sha, int change, uint64_t *left);

#endif
