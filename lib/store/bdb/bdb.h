/*
 * bdb: Berkeley DB as the engine (bdb_session.c, bdb_engine.c) needs it: one environment, one
 * B-tree, one transaction. It knows nothing of locks or of other processes.
 *
 * Functions return 0, BDB_NONE where their comment says so, or a code of the library (bdb_text()).
 * After such a code the caller must give the handle up with bdb_drop() and do nothing else with it.
 */
#ifndef SM_BDB_H
#define SM_BDB_H

#include <stdbool.h>
#include <stdint.h>

#include "store/kv/kv.h"

struct bdb;

enum { BDB_NONE = -1 }; /* no such key */

enum bdb_open { BDB_JOIN, BDB_RECOVER };

/* Opens the environment in dir. BDB_RECOVER makes its regions anew. */
int bdb_open_env(struct bdb **out, const char *dir, uint64_t cache_mb, enum bdb_open how)
    __attribute__((warn_unused_result));
/* Opens the database; creates it if it does not exist and create is set. */
int bdb_open_db(struct bdb *b, bool create) __attribute__((warn_unused_result));
/* Closes the database and the environment, without a sync. */
int bdb_close(struct bdb **b) __attribute__((warn_unused_result));
/* Forgets the handles without a call to the library. Their memory is lost. */
void bdb_drop(struct bdb **b);

/* Begins the transaction that later calls belong to. */
int bdb_begin(struct bdb *b) __attribute__((warn_unused_result));
/* Returns true while there is a transaction. */
bool bdb_begun(const struct bdb *b);
/* Ends the transaction, if there is one, and closes the cursor. A committed transaction is written
 * to the log file, but not synced. */
int bdb_commit(struct bdb *b) __attribute__((warn_unused_result));
int bdb_abort(struct bdb *b) __attribute__((warn_unused_result));

/* Each reads a pair; see struct kv_ops. The result is the library's memory, valid until the next
 * call. They return BDB_NONE if there is no such key. In bdb_next() and bdb_prev() value may be
 * NULL. */
int bdb_get(struct bdb *b, struct slice key, struct slice *value)
    __attribute__((warn_unused_result));
int bdb_next(struct bdb *b, struct slice from, struct slice *key, struct slice *value)
    __attribute__((warn_unused_result));
int bdb_prev(struct bdb *b, struct slice from, struct slice *key, struct slice *value)
    __attribute__((warn_unused_result));
int bdb_put(struct bdb *b, struct slice key, struct slice value)
    __attribute__((warn_unused_result));
int bdb_del(struct bdb *b, struct slice key) __attribute__((warn_unused_result));

/* Reads the number of the current log file and the bytes logged since the last checkpoint. */
int bdb_log(struct bdb *b, uint32_t *file, uint64_t *since) __attribute__((warn_unused_result));
int bdb_checkpoint(struct bdb *b) __attribute__((warn_unused_result));

const char *bdb_text(int code);
enum store_rc bdb_rc(int code);

#endif
