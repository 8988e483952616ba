/*
 * store_txn: see store_txn.h
 *
 * Promises: a struct txn is one transaction of the engine. If it fails, it is aborted and leaves
 * nothing behind.
 */
#include "store/store_txn.h"

#include <string.h>

enum { TRIES = 5 }; /* of a step */

enum store_rc
txn_begin(struct txn *txn, struct store *st, enum kv_durability d)
{
	enum store_rc rc;

	txn->st = st;
	txn->kv = st->kv;
	txn->ops = st->kv->ops;
	txn->inside = false;
	txn->layout = 0;
	buf_init(&txn->buf, KV_VALUE);
	if ((txn->a = arena_new(STORE_ARENA)) == NULL)
		return ST_NOMEM;
	if ((rc = txn->ops->begin(txn->kv, d)) == ST_OK)
		txn->inside = true;
	return rc;
}

static enum store_rc
finish(struct txn *txn, enum store_rc rc)
{
	if (txn->inside && rc == ST_OK)
		rc = txn->ops->commit(txn->kv);
	else if (txn->inside)
		txn->ops->abort(txn->kv);
	txn->inside = false;
	arena_free(&txn->a);
	buf_free(&txn->buf);
	return rc;
}

enum store_rc
txn_end(struct txn *txn, enum store_rc rc)
{
	rc = finish(txn, rc);
	return rc == ST_REPEAT ? ST_AGAIN : rc;
}

enum store_rc
txn_run(struct store *st, enum kv_durability d, txn_step *step, void *ctx, size_t size)
{
	unsigned char before[TXN_CTX];
	enum store_rc rc = ST_REPEAT;

	memcpy(before, ctx, size);
	for (int i = 0; rc == ST_REPEAT && i < TRIES; i++) {
		struct txn txn;

		memcpy(ctx, before, size);
		if ((rc = txn_begin(&txn, st, d)) == ST_OK)
			rc = step(&txn, ctx);
		rc = finish(&txn, rc);
	}
	return rc == ST_REPEAT ? ST_AGAIN : rc;
}

enum store_rc
txn_forget(struct txn *txn)
{
	arena_free(&txn->a);
	txn->a = arena_new(STORE_ARENA);
	return txn->a != NULL ? ST_OK : ST_NOMEM;
}

enum store_rc
txn_get(struct txn *txn, const struct key *k, struct slice *v)
{
	return txn->ops->get(txn->kv, key_slice(k), txn->a, v);
}

enum store_rc
txn_next(struct txn *txn, const struct key *from, struct slice *key, struct slice *v)
{
	return txn->ops->next(txn->kv, key_slice(from), txn->a, key, v);
}

enum store_rc
txn_prev(struct txn *txn, const struct key *from, struct slice *key, struct slice *v)
{
	return txn->ops->prev(txn->kv, key_slice(from), txn->a, key, v);
}

enum store_rc
txn_put(struct txn *txn, const struct key *k, const void *p, size_t n)
{
	return txn->ops->put(txn->kv, key_slice(k), (struct slice){ p, n });
}

enum store_rc
txn_put_buf(struct txn *txn, const struct key *k)
{
	if (!buf_ok(&txn->buf))
		return ST_NOMEM;
	return txn_put(txn, k, txn->buf.p, txn->buf.len);
}

enum store_rc
txn_put_u64(struct txn *txn, const struct key *k, uint64_t v)
{
	unsigned char b[8];

	put_u64(b, v);
	return txn_put(txn, k, b, sizeof b);
}

enum store_rc
txn_find_u64(struct txn *txn, const struct key *k, uint64_t *v)
{
	struct slice got;
	enum store_rc rc = txn_get(txn, k, &got);

	if (rc == ST_OK && got.n != 8)
		return ST_CORRUPT;
	if (rc == ST_OK)
		*v = slice_u64(got, 0);
	return rc;
}

enum store_rc
txn_get_u64(struct txn *txn, const struct key *k, uint64_t *v)
{
	enum store_rc rc = txn_find_u64(txn, k, v);

	if (rc != ST_NOTFOUND)
		return rc;
	*v = 0;
	return ST_OK;
}

enum store_rc
txn_layout(struct txn *txn, uint64_t *layout)
{
	struct key k = key_of(TAB_VERSION);
	enum store_rc rc = txn->layout == 0 ? txn_find_u64(txn, &k, &txn->layout) : ST_OK;

	if (rc == ST_OK && (txn->layout < STORE_OLDEST || txn->layout > STORE_VERSION))
		return ST_SCHEMA; /* another program has migrated the store meanwhile */
	*layout = txn->layout;
	return rc == ST_NOTFOUND ? ST_CORRUPT : rc;
}

/* Removes a key that must exist. */
enum store_rc
txn_del(struct txn *txn, const struct key *k)
{
	enum store_rc rc = txn->ops->del(txn->kv, key_slice(k));

	return rc == ST_NOTFOUND ? ST_CORRUPT : rc;
}

enum store_rc
txn_clear(struct txn *txn, const struct key *k)
{
	enum store_rc rc = txn->ops->del(txn->kv, key_slice(k));

	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* Removes the record of a count that becomes 0. */
enum store_rc
txn_add(struct txn *txn, const struct key *k, int64_t change, uint64_t *now)
{
	enum store_rc rc = txn_get_u64(txn, k, now);

	if (rc != ST_OK)
		return rc;
	if (change < 0 && *now < (uint64_t)-change)
		return ST_CORRUPT;
	*now += (uint64_t)change;
	return *now == 0 ? txn_clear(txn, k) : txn_put_u64(txn, k, *now);
}

enum store_rc
txn_skip_ids(struct txn *txn, enum table t, uint64_t first, uint64_t n, uint64_t *last)
{
	struct key k = key_of(TAB_COUNTER);
	enum store_rc rc;

	key_u8(&k, (uint8_t)t);
	if ((rc = txn_get_u64(txn, &k, last)) != ST_OK)
		return rc;
	if (*last < first - 1)
		*last = first - 1;
	if (*last > UINT64_MAX - n)
		return ST_CORRUPT;
	*last += n;
	return txn_put_u64(txn, &k, *last);
}

enum store_rc
txn_new_id(struct txn *txn, enum table t, uint64_t first, uint64_t *id)
{
	return txn_skip_ids(txn, t, first, 1, id);
}
