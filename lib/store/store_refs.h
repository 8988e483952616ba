/*
 * store_refs: counts references to blobs, within a transaction.
 */
#ifndef SM_STORE_REFS_H
#define SM_STORE_REFS_H

#include "store/store_txn.h"

/* Takes one reference from each blob of was (NULL: none) and gives one to each blob of is (NULL:
 * none); blobs in both keep theirs. If orphans is not NULL, lists the blobs that nothing refers to
 * any more, in memory of the transaction. */
enum store_rc refs_change(struct txn *txn, const struct template *was, const struct template *is,
    struct orphans *orphans);
/* Adds (1) or removes (-1) the reference of an image template to a blob, and sets *left to the
 * number of its references. */
enum store_rc refs_add(struct txn *txn, const char *sha, int change, uint64_t *left);

#endif
