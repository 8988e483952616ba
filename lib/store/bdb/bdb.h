/*
 * bdb: Berkeley DB as the engine (bdb_session.c, bdb_engine.c) needs it: one environment, one
 * B-tree, one transaction. Knows nothing of locks and of other processes.
 *
 * Functions return 0, BDB_NONE where that is said, or a code of the library
 * (bdb_text()). After such a code the handle must be given up with bdb_drop()
 * and nothing else.
 */
#ifndef SM_BDB_H
#define SM_BDB_H

#include <stdbool.h>
#include <stdint.h>

#include "store/kv.h"

struct bdb;

enum { BDB_NONE = -1 }; /* no such key */

enum bdb_open { BDB_JOIN, BDB_RECOVER };

/* Opens the environment in dir, whose regions are made anew with BDB_RECOVER. */
int bdb_open_env(struct bdb **out, const char *dir, uint64_t cache_mb, enum bdb_open how)
    __attribute__((warn_unused_result));
/* Opens the database; made when it is not there, if create. */
int bdb_open_db(struct bdb *b, bool create) __attribute__((warn_unused_result));
int bdb_close(struct bdb **b) __attribute__((warn_unused_result));
/* Forgets the handles without a call to the library; their memory is lost. */
void bdb_drop(struct bdb **b);

/* Begins the transaction; later calls are part of it. */
int bdb_begin(struct bdb *b) __attribute__((warn_unused_result));
bool bdb_begun(const struct bdb *b);
/* Ends it, if there is one, and all use of cursors. Committed means written to
 * the log file, not synced. */
int bdb_commit(struct bdb *b) __attribute__((warn_unused_result));
int bdb_abort(struct bdb *b) __attribute__((warn_unused_result));

/* The result of the three is the library's memory until the next call.
 * BDB_NONE: no such key. value may be NULL in next and prev. */
int bdb_get(struct bdb *b, struct slice key, struct slice *value)
    __attribute__((warn_unused_result));
int bdb_next(struct bdb *b, struct slice from, struct slice *key, struct slice *value)
    __attribute__((warn_unused_result));
int bdb_prev(struct bdb *b, struct slice from, struct slice *key, struct slice *value)
    __attribute__((warn_unused_result));
int bdb_put(struct bdb *b, struct slice key, struct slice value)
    __attribute__((warn_unused_result));
int bdb_del(struct bdb *b, struct slice key) __attribute__((warn_unused_result));

/* The number of the current log file and the bytes logged since the last
 * checkpoint. */
int bdb_log(struct bdb *b, uint32_t *file, uint64_t *since) __attribute__((warn_unused_result));
int bdb_checkpoint(struct bdb *b) __attribute__((warn_unused_result));

const char *bdb_text(int code);
enum store_rc bdb_rc(int code);

#endif
