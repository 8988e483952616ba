/*
 * bdb_lock: one thread of one process at a time, among processes that may die.
 *
 * The outer lock of the Berkeley DB engine: a mutex among the threads, then
 * flock(2) on DIR/db/lock among the processes, given back by the kernel when
 * its holder dies. The file is also a page of memory that all processes share;
 * it says whether the last holder ended its period (dirty), under which boot
 * that was, which generation of the environment is the current one, and how
 * far the log is written and on disk.
 */
#ifndef SM_BDB_LOCK_H
#define SM_BDB_LOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/kv.h"

enum {
	KV_PAGE_SIZE = 4096,
	KV_LOCK_WAIT_US = 10 * 1000000, /* then ST_AGAIN */
	KV_BOOT = 40                    /* a boot id is 36 characters */
};

/* The page. Numbers that are written without the lock are atomic. */
struct bdb_lock_page {
	uint64_t magic;
	uint32_t version, spare;
	_Atomic uint64_t generation;  /* handles of another one are stale */
	_Atomic uint64_t dirty;       /* pid of who is inside the engine; 0: nobody */
	char boot[KV_BOOT];           /* the boot the regions belong to */
	_Atomic uint64_t committed;   /* sequence number of the last commit written */
	_Atomic uint64_t synced;      /* of the last that is on disk */
	_Atomic uint32_t log;         /* number of the log file commits go to */
	_Atomic uint32_t synced_log;  /* files below this one are on disk */
	_Atomic uint64_t failures;    /* times data may not have reached the disk */
	_Atomic uint32_t sync_failed; /* 1: a sync failed, nobody has recovered since */
	_Atomic uint32_t last;        /* pid of the last holder */
	_Atomic int64_t starving;     /* when a process that waits long asked last (clock_mono) */
	_Atomic int64_t checkpoint;   /* when the last one was made (clock_mono) */
};

struct bdb_lock {
	pthread_mutex_t mutex;
	int fd;
	pid_t pid; /* who opened it: a forked child must not use it */
	struct bdb_lock_page *page;
	char boot[KV_BOOT];
};

/* Opens or makes the lock file of the folder dir. On failure the reason is in
 * err, nothing is left open, and *rc says what it is. */
bool bdb_lock_open(struct bdb_lock *l, const char *dir, enum store_rc *rc, char *err, size_t errlen)
    __attribute__((warn_unused_result));
void bdb_lock_close(struct bdb_lock *l);

/* Takes the lock. ST_AGAIN after KV_LOCK_WAIT_US, ST_IO in a forked child. */
enum store_rc bdb_lock_acquire(struct bdb_lock *l) __attribute__((warn_unused_result));
void bdb_lock_release(struct bdb_lock *l);

/* For the holder: must the environment be recovered before it is used? True
 * after a holder that died or gave up inside, a reboot, or a sync that failed. */
bool bdb_lock_stale(const struct bdb_lock *l);

/* For the holder: every handle there is becomes stale; the page is dirty. */
void bdb_lock_renew(struct bdb_lock *l);

/* For the holder: the environment is sound and belongs to this boot. */
void bdb_lock_sound(struct bdb_lock *l);

/* flock(2) without blocking until it is had, calling done(ctx), if not NULL,
 * between tries; 0 locked, 1 done() said true, -1 deadline (clock_mono) passed
 * or error. */
int bdb_lock_poll(int fd, int64_t deadline, bool (*done)(void *ctx), void *ctx)
    __attribute__((warn_unused_result));

/* Sleeps. */
void bdb_lock_sleep(long us);

#endif
