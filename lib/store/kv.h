/*
 * kv: what a storage engine must offer: ordered byte strings in transactions.
 *
 * The store's logic (store_*.c) is written once, on this. bdb/bdb_engine.c is Berkeley
 * DB, shared by any number of threads and processes; kv_ram.c lives in memory,
 * for unit tests. One transaction at a time runs in an engine: begin waits for
 * the others. Keys sort as bytes. Between begin and commit nothing may block on
 * a network or on media.
 */
#ifndef SM_KV_H
#define SM_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct settings;

enum store_rc {
	ST_OK,
	ST_NOTFOUND,
	ST_EXISTS,
	ST_CONFLICT, /* someone else changed it, or the lease is lost */
	ST_AGAIN,    /* busy or being recovered: try again */
	ST_FULL,     /* no disk space */
	ST_SCHEMA,   /* written by a newer version */
	ST_CORRUPT,  /* a record cannot be read */
	ST_NOMEM,
	ST_IO /* anything else; logged */
};

enum { KV_KEY = 256, KV_VALUE = 4 << 20 }; /* longest key and value, bytes */

struct slice {
	const void *p;
	size_t n;
};

enum kv_durability {
	KV_READ,    /* nothing is written */
	KV_FAST,    /* survives the death of processes, perhaps not a power cut */
	KV_DURABLE, /* on disk when commit returns */
	KV_GROW     /* KV_DURABLE, and ST_FULL at begin when disk space is short (reserve-mb) */
};

struct kv;

struct kv_ops {
	/* Starts the one transaction. ST_AGAIN when the engine stays busy, ST_FULL for any
	 * but KV_READ when the disk is full. */
	enum store_rc (*begin)(struct kv *kv, enum kv_durability d);
	/* Ends it, its changes kept (commit) or dropped (abort). After a commit that
	 * fails the changes count as not made and must not be acknowledged. */
	enum store_rc (*commit)(struct kv *kv);
	void (*abort)(struct kv *kv);
	/* The value of a key, copied into the arena. */
	enum store_rc (*get)(struct kv *kv, struct slice key, struct arena *a, struct slice *value);
	/* Writes; over an old value too. */
	enum store_rc (*put)(struct kv *kv, struct slice key, struct slice value);
	/* Removes; ST_NOTFOUND when it is not there. */
	enum store_rc (*del)(struct kv *kv, struct slice key);
	/* The first pair whose key is >= from (next), or the last whose key is <
	 * from (prev). value may be NULL: then only the key is read. */
	enum store_rc (*next)(struct kv *kv, struct slice from, struct arena *a, struct slice *key,
	    struct slice *value);
	enum store_rc (*prev)(struct kv *kv, struct slice from, struct arena *a, struct slice *key,
	    struct slice *value);
	void (*close)(struct kv *kv);
};

struct kv {
	const struct kv_ops *ops;
};

/* Berkeley DB in DIR/db, made if it is not there (when create) and recovered if
 * it must be. NULL and the reason in err (and *rc) when it cannot be opened. */
struct kv *kv_bdb_open(const struct settings *s, bool create, enum store_rc *rc, char *err,
    size_t errlen) __attribute__((warn_unused_result));

/* True once this process should end and be started afresh, because handles of
 * earlier generations, which must not be closed, have piled up. */
bool kv_bdb_worn(const struct kv *kv);

/* --- copies of the database (bdb/bdb_copy.c, bdb/bdb_file.c) --- */

struct kv_copy {
	const char *dest; /* a folder, empty and nobody else's */
	/* NULL, or called with bytes copied and bytes there are. */
	void (*progress)(void *ctx, uint64_t done, uint64_t size);
	/* NULL, or called before the last period: what is committed before it returns is
	 * in the copy. Other than 0: the copy ends with ST_IO. Called again when the
	 * copy must be begun again. */
	int (*last)(void *ctx);
	void *ctx;
};
/* Copies the database while others use it; none of them waits for longer than a
 * few milliseconds. Such a copy must be sealed before it is used. ST_AGAIN: too
 * much was recovered meanwhile. */
enum store_rc kv_bdb_copy(struct kv *kv, const struct kv_copy *how)
    __attribute__((warn_unused_result));

/* Makes a copy that nobody uses whole: what its log says is in store.db then, on
 * disk. ST_CORRUPT: it cannot be. */
enum store_rc kv_bdb_seal(const char *dir) __attribute__((warn_unused_result));

/* Looks at every page of a sealed copy that nobody uses. ST_CORRUPT after
 * fault(ctx, what) was called for all that is wrong. */
enum store_rc kv_bdb_verify(const char *dir, void (*fault)(void *ctx, const char *text), void *ctx)
    __attribute__((warn_unused_result));

struct kv *kv_ram_open(void) __attribute__((warn_unused_result));

#endif
