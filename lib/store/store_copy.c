/* store_copy: copies the store as a whole, and readies a copy for use; see store.h and
 * bdb/bdb_copy.c */
#include "base/log.h"
#include "store/store_txn.h"

enum store_rc
store_copy(struct store *st, const struct kv_copy *how)
{
	if (st->bdb)
		return kv_bdb_copy(st->kv, how);
	log_error("store: a store in memory cannot be copied");
	return ST_IO;
}

enum store_rc
store_seal(const char *dir)
{
	return kv_bdb_seal(dir);
}

enum store_rc
store_verify(const char *dir, void (*fault)(void *ctx, const char *text), void *ctx)
{
	return kv_bdb_verify(dir, fault, ctx);
}

static enum store_rc
skip_ids(struct txn *txn, void *ctx)
{
	static const struct {
		enum table table;
		uint64_t first;
	} row[] = { { TAB_TEMPLATE, MMSID_FIRST }, { TAB_JOB, 1 }, { TAB_MESSAGE, 1 },
		{ TAB_IMAGE, 1 } };
	const uint64_t *n = ctx;
	enum store_rc rc = ST_OK;
	uint64_t id;

	for (size_t i = 0; rc == ST_OK && i < sizeof row / sizeof row[0]; i++)
		rc = txn_skip_ids(txn, row[i].table, row[i].first, *n, &id);
	return rc;
}

enum store_rc
store_skip_ids(struct store *st, uint64_t n)
{
	return TXN_RUN(st, KV_DURABLE, skip_ids, &n);
}
