/*
 * bdb_lock: lets in one thread of one process at a time, among processes that may die.
 *
 * It is the outer lock of the Berkeley DB engine: a mutex among the threads, then flock(2) on
 * DIR/db/lock among the processes, which the kernel releases when its holder dies. The file is also
 * a page of memory that all processes share. It says whether the last holder ended its period
 * (dirty), under which boot that was, which generation of the environment is the current one, and
 * how far the log is written and on disk.
 */
#ifndef SM_BDB_LOCK_H
#define SM_BDB_LOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "store/kv/kv.h"

enum {
	KV_PAGE_SIZE = 4096,
	KV_LOCK_WAIT_US = 10 * 1000000, /* after that, ST_AGAIN */
	KV_BOOT = CLOCK_BOOT,
	KV_LOST = 8 /* recoveries whose losses are remembered */
};

/* The shared page. Numbers that are written without the lock are atomic. */
struct bdb_lock_page {
	uint64_t magic;
	uint32_t version, spare;
	_Atomic uint64_t generation;  /* handles of any other are stale */
	_Atomic uint64_t dirty;       /* pid of the process inside the engine; 0: none */
	char boot[KV_BOOT];           /* the boot the regions belong to */
	_Atomic uint64_t committed;   /* sequence number of the last commit written */
	_Atomic uint64_t synced;      /* that of the last commit on disk */
	_Atomic uint32_t log;         /* number of the log file that takes commits */
	_Atomic uint32_t synced_log;  /* files below this one are on disk */
	_Atomic uint64_t failures;    /* how often data may not have reached the disk */
	_Atomic uint32_t sync_failed; /* 1: a sync failed and nobody has recovered since */
	_Atomic uint32_t last;        /* pid of the last holder */
	_Atomic int64_t starving;     /* last request of a process that waits long (clock_mono) */
	_Atomic int64_t checkpoint;   /* time of the last one (clock_mono) */
	/* Of each commit up to this one a recovery has found out whether it is kept: it is, and is
	 * on disk, unless its number is in one of the ranges of lost[]. */
	_Atomic uint64_t settled;
	struct {
		_Atomic uint64_t first, last;
	} lost[KV_LOST];
	_Atomic uint32_t nlost; /* ranges so far; each overwrites an older one */
};

struct bdb_lock {
	pthread_mutex_t mutex;
	int fd;
	pid_t pid; /* the opener: a forked child must not use it */
	struct bdb_lock_page *page;
	char boot[KV_BOOT];
};

/* Opens or creates the lock file of the folder dir. On failure returns false, writes the reason to
 * err and its code to *rc, and leaves nothing open. */
bool bdb_lock_open(struct bdb_lock *l, const char *dir, enum store_rc *rc, char *err, size_t errlen)
    __attribute__((warn_unused_result));
void bdb_lock_close(struct bdb_lock *l);

/* Takes the lock. Returns ST_AGAIN after KV_LOCK_WAIT_US, and ST_IO in a forked child. */
enum store_rc bdb_lock_acquire(struct bdb_lock *l) __attribute__((warn_unused_result));
void bdb_lock_release(struct bdb_lock *l);

/* For the holder: returns true if the environment must be recovered before use, after a holder that
 * died or gave up inside, a reboot, or a failed sync. */
bool bdb_lock_stale(const struct bdb_lock *l);

/* For the holder: makes all handles stale and marks the page dirty. */
void bdb_lock_renew(struct bdb_lock *l);

/* For the holder: records that the environment is sound and belongs to this boot. */
void bdb_lock_sound(struct bdb_lock *l);

#endif
