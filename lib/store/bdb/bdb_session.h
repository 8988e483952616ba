/*
 * bdb_session: periods inside Berkeley DB. Only bdb_session.c, bdb_engine.c and bdb_copy.c use it.
 */
#ifndef SM_BDB_SESSION_H
#define SM_BDB_SESSION_H

#include "model/settings.h"
#include "store/bdb/bdb.h"
#include "store/bdb/bdb_sync.h"

struct engine {
	struct kv kv; /* first: a struct kv * is a struct engine * */
	char dir[INSTANCE_PATH];
	struct bdb_lock lock;
	struct bdb_sync sync;
	uint64_t cache_mb, reserve;
	bool create;
	_Atomic unsigned dropped;
	_Atomic int64_t free_asked;
	_Atomic uint64_t free_bytes;
	/* the holder of the lock owns the rest */
	struct bdb *bdb;
	uint64_t generation; /* of bdb */
	int64_t retry_at;
	enum kv_durability mode;
	enum store_rc failed; /* unless ST_OK: the library must not be called */
};

/* The key under which each transaction stores the sequence number of its commit, so that a recovery
 * can tell which commits the log has kept. It sorts before all keys of the store. */
extern const struct slice period_stamp;

/* Begins the transaction of a period, with its stamp. Returns 0 or a code of the library. */
int period_change(struct engine *e) __attribute__((warn_unused_result));

/* Start and end a period; see struct kv_ops. */
enum store_rc period_begin(struct engine *e, enum kv_durability d)
    __attribute__((warn_unused_result));
enum store_rc period_commit(struct engine *e) __attribute__((warn_unused_result));
void period_abort(struct engine *e);

/* Handles an unexpected result of the library: drops the handles, so that recovery comes next.
 * Returns the code for the caller. */
enum store_rc period_fail(struct engine *e, const char *what, int code);

/* Drops the handles and counts that. */
void period_drop(struct engine *e);

/* Closes the handles if that is safe, else drops them. */
void period_close(struct engine *e);

#endif
