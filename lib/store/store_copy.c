/* store_copy: copies the store as a whole; see store.h and bdb/bdb_copy.c */
#include "base/log.h"
#include "store/store_private.h"

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
