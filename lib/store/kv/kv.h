/*
 * kv: what a storage engine must offer: ordered byte strings in transactions.
 *
 * The store's logic (store_*.c) is written once, on top of this interface. bdb/bdb_engine.c
 * implements it with Berkeley DB, shared by any number of threads and processes; kv_ram.c
 * implements it in memory, for unit tests. An engine runs one transaction at a time: begin waits
 * for the others. Keys sort as bytes. Between begin and commit nothing may wait for a network or
 * for media.
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
	ST_AGAIN,    /* busy or being recovered: the caller tries again */
	ST_FULL,     /* no disk space */
	ST_SCHEMA,   /* written by a newer version */
	ST_CORRUPT,  /* a record cannot be read */
	ST_NOMEM,
	ST_IO,    /* anything else; logged */
	ST_REPEAT /* from an engine only, see struct kv_ops; txn_run() deals with it */
};

enum { KV_KEY = 256, KV_VALUE = 4 << 20 }; /* maximum sizes of a key and a value, bytes */

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

/* Any call may return ST_REPEAT where an engine lets transactions meet: this one was kept from
 * succeeding by another, nothing of it is kept, and it may succeed when all of it is done again. */
struct kv_ops {
	/* Starts the one transaction. Returns ST_AGAIN if the engine stays busy, and ST_FULL, for
	 * all but KV_READ, if the disk is full. */
	enum store_rc (*begin)(struct kv *kv, enum kv_durability d);
	/* Ends the transaction and keeps its changes (commit) or drops them (abort). When a
	 * KV_DURABLE commit returns, its outcome is known: on ST_OK the changes are on disk, else
	 * they are not made and never will be. It waits for as long as the disk does not answer.
	 * After a KV_FAST commit that fails, the changes may have been made. */
	enum store_rc (*commit)(struct kv *kv);
	void (*abort)(struct kv *kv);
	/* Copies the value of a key into the arena. Returns ST_NOTFOUND if there is no such key. */
	enum store_rc (*get)(struct kv *kv, struct slice key, struct arena *a, struct slice *value);
	/* Writes a value, in place of an old one if there is one. */
	enum store_rc (*put)(struct kv *kv, struct slice key, struct slice value);
	/* Removes a key. Returns ST_NOTFOUND if there is no such key. */
	enum store_rc (*del)(struct kv *kv, struct slice key);
	/* Finds the first pair whose key is >= from (next), or the last whose key is < from (prev),
	 * and copies it into the arena. Returns ST_NOTFOUND if there is none. value may be NULL:
	 * then only the key is read. */
	enum store_rc (*next)(struct kv *kv, struct slice from, struct arena *a, struct slice *key,
	    struct slice *value);
	enum store_rc (*prev)(struct kv *kv, struct slice from, struct arena *a, struct slice *key,
	    struct slice *value);
	void (*close)(struct kv *kv);
};

struct kv {
	const struct kv_ops *ops;
};

/* Opens Berkeley DB in DIR/db; creates it if it does not exist and create is set, and recovers it
 * if necessary. On failure returns NULL, the reason in err and its code in *rc. */
struct kv *kv_bdb_open(const struct settings *s, bool create, enum store_rc *rc, char *err,
    size_t errlen) __attribute__((warn_unused_result));

/* Returns true once this process should end and start afresh, because handles of earlier
 * generations, which must not be closed, have piled up. */
bool kv_bdb_worn(const struct kv *kv);

/* --- copies of the database (bdb/bdb_copy.c, bdb/bdb_file.c) --- */

struct kv_copy {
	const char *dest; /* an empty folder that nobody else uses */
	/* Called with the bytes copied so far and the bytes in all. NULL: not called. */
	void (*progress)(void *ctx, uint64_t done, uint64_t size);
	/* Called before the last period: the copy holds what is committed before it returns. A
	 * result other than 0 ends the copy with ST_IO. It is called again if the copy has to begin
	 * again. NULL: not called. */
	int (*last)(void *ctx);
	void *ctx;
};
/* Copies the database while others use it; none of them waits longer than a few milliseconds. The
 * copy must be sealed before use. Returns ST_AGAIN if recoveries or missing log files made it begin
 * again too often. */
enum store_rc kv_bdb_copy(struct kv *kv, const struct kv_copy *how)
    __attribute__((warn_unused_result));

/* Completes a copy that nobody uses: applies its log to store.db, on disk. Returns ST_CORRUPT if
 * that is impossible. */
enum store_rc kv_bdb_seal(const char *dir) __attribute__((warn_unused_result));

/* Checks every page of a sealed copy that nobody uses. Calls fault(ctx, what) for each error it
 * finds, and then returns ST_CORRUPT. */
enum store_rc kv_bdb_verify(const char *dir, void (*fault)(void *ctx, const char *text), void *ctx)
    __attribute__((warn_unused_result));

/* Opens an empty engine in memory. Returns NULL if memory is short. */
struct kv *kv_ram_open(void) __attribute__((warn_unused_result));

#endif
