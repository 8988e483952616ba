/*
 * store_txn: a transaction of the engine, with its arena and a buffer.
 */
#ifndef SM_STORE_TXN_H
#define SM_STORE_TXN_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/store_key.h"
#include "store/store_private.h"

struct txn {
	struct store *st;
	struct arena *a; /* freed with the transaction */
	struct buf buf;  /* to encode a record */
	struct kv *kv;
	const struct kv_ops *ops;
	bool inside;
};

/* Begins a transaction. The caller calls txn_end() even if this fails. */
enum store_rc txn_begin(struct txn *txn, struct store *st, enum kv_durability d);
/* Commits if rc is ST_OK, else aborts; frees the memory. Returns rc, or the failure of the
 * commit. */
enum store_rc txn_end(struct txn *txn, enum store_rc rc);
/* Frees what the transaction has read so far. It is for those that read many records, each of which
 * may be as large as a request. */
enum store_rc txn_forget(struct txn *txn);

enum store_rc txn_get(struct txn *txn, const struct key *k, struct slice *v);
/* Find the first pair whose key is >= from, or the last whose key is < from; see struct kv_ops. */
enum store_rc txn_next(struct txn *txn, const struct key *from, struct slice *key, struct slice *v);
enum store_rc txn_prev(struct txn *txn, const struct key *from, struct slice *key, struct slice *v);
enum store_rc txn_put(struct txn *txn, const struct key *k, const void *p, size_t n);
enum store_rc txn_put_u64(struct txn *txn, const struct key *k, uint64_t v);
/* Reads a number; 0 if there is no such key. */
enum store_rc txn_get_u64(struct txn *txn, const struct key *k, uint64_t *v);
/* Reads a number; returns ST_NOTFOUND if there is no such key. */
enum store_rc txn_find_u64(struct txn *txn, const struct key *k, uint64_t *v);
/* Removes a key. Returns ST_CORRUPT if there is no such key. */
enum store_rc txn_del(struct txn *txn, const struct key *k);
/* Removes a key if it exists. */
enum store_rc txn_clear(struct txn *txn, const struct key *k);
/* Adds change to a number and sets *now to the result. A number that becomes 0 has no record. */
enum store_rc txn_add(struct txn *txn, const struct key *k, int64_t change, uint64_t *now);
/* Sets *id to the next id of the table, which begins at first. */
enum store_rc txn_new_id(struct txn *txn, enum table t, uint64_t first, uint64_t *id);
/* Takes the next n ids of the table at once, and sets *last to the last of them. */
enum store_rc txn_skip_ids(struct txn *txn, enum table t, uint64_t first, uint64_t n,
    uint64_t *last);
/* Writes what txn->buf holds. */
enum store_rc txn_put_buf(struct txn *txn, const struct key *k);

#endif
