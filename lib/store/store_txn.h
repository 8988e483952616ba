/*
 * store_txn: a transaction of the engine, with its arena and a buffer; and steps, which are run in
 * one.
 */
#ifndef SM_STORE_TXN_H
#define SM_STORE_TXN_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/kv/store_key.h"
#include "store/store_private.h"

struct txn {
	struct store *st;
	struct arena *a; /* freed with the transaction */
	struct buf buf;  /* to encode a record */
	struct kv *kv;
	const struct kv_ops *ops;
	bool inside;
	uint64_t layout; /* of the store; 0: not read yet */
};

/* Begins a transaction. The caller calls txn_end() even if this fails. */
enum store_rc txn_begin(struct txn *txn, struct store *st, enum kv_durability d);
/* Commits if rc is ST_OK, else aborts; frees the memory. Returns rc, or the failure of the
 * commit; for ST_REPEAT, ST_AGAIN. */
enum store_rc txn_end(struct txn *txn, enum store_rc rc);
/* Sets *layout to the version of the layout of the store, which a transaction reads once. */
enum store_rc txn_layout(struct txn *txn, uint64_t *layout);
/* Frees what the transaction has read so far. It is for those that read many records, each of which
 * may be as large as a request. */
enum store_rc txn_forget(struct txn *txn);

/* A step: all that one call of the store changes. It may run more than once, and must do the same
 * each time. So it changes nothing but the store and its ctx, which txn_run() puts back before each
 * run; what ctx points to may only be written where each run writes all of it anew. Randomness is
 * made before, and what the caller is told is set after txn_run() has returned ST_OK. */
typedef enum store_rc txn_step(struct txn *txn, void *ctx);

enum { TXN_CTX = 512 }; /* bytes of a ctx at most */

/* Runs the step in a transaction, again if the engine says ST_REPEAT; if it keeps saying so,
 * returns ST_AGAIN. ctx points to size bytes. */
enum store_rc txn_run(struct store *st, enum kv_durability d, txn_step *step, void *ctx,
    size_t size);
/* Does so with a ctx of known type, whose size the compiler checks. */
#define TXN_RUN(st, d, step, ctx) \
	txn_run(st, d, step, ctx, \
	    sizeof(*(ctx)) + 0 * sizeof(char[sizeof(*(ctx)) <= TXN_CTX ? 1 : -1]))

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
