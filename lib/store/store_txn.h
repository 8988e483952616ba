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
	struct arena *a; /* ends with the transaction */
	struct buf buf;  /* to encode a record */
	struct kv *kv;
	const struct kv_ops *ops;
	bool inside;
};

enum store_rc txn_begin(struct txn *txn, struct store *st, enum kv_durability d);
/* Commits when rc is ST_OK, else aborts; frees. The rc of the whole. */
enum store_rc txn_end(struct txn *txn, enum store_rc rc);
/* Drops what the transaction has read so far: for those that walk over many records, each as
 * large as a request may be. */
enum store_rc txn_forget(struct txn *txn);

enum store_rc txn_get(struct txn *txn, const struct key *k, struct slice *v);
/* The first pair whose key is >= from, the last whose key is < from; see struct kv_ops. */
enum store_rc txn_next(struct txn *txn, const struct key *from, struct slice *key, struct slice *v);
enum store_rc txn_prev(struct txn *txn, const struct key *from, struct slice *key, struct slice *v);
enum store_rc txn_put(struct txn *txn, const struct key *k, const void *p, size_t n);
enum store_rc txn_put_u64(struct txn *txn, const struct key *k, uint64_t v);
/* 0 when the key is not there. */
enum store_rc txn_get_u64(struct txn *txn, const struct key *k, uint64_t *v);
/* As above; ST_NOTFOUND when it is not there. */
enum store_rc txn_find_u64(struct txn *txn, const struct key *k, uint64_t *v);
enum store_rc txn_del(struct txn *txn, const struct key *k);
/* Removes it; that it is not there is fine. */
enum store_rc txn_clear(struct txn *txn, const struct key *k);
enum store_rc txn_add(struct txn *txn, const struct key *k, int64_t change, uint64_t *now);
enum store_rc txn_new_id(struct txn *txn, enum table t, uint64_t first, uint64_t *id);
enum store_rc txn_put_buf(struct txn *txn, const struct key *k);

#endif
