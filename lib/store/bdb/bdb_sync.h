/*
 * bdb_sync: one fdatasync(2) for all who wait, over threads and processes.
 *
 * A commit is written to the log inside the outer lock; whoever made it then
 * waits here until the log is on disk. One of all that wait syncs (elected by a
 * mutex among the threads and flock(2) on DIR/db/sync among the processes) and
 * publishes how far that reaches; the others return at once.
 */
#ifndef SM_BDB_SYNC_H
#define SM_BDB_SYNC_H

#include "store/bdb/bdb_lock.h"

/* What a commit waits for; taken inside the outer lock. */
struct bdb_ticket {
	uint64_t seq;      /* its sequence number; 0: nothing to wait for */
	uint64_t failures; /* as the page said then */
};

struct bdb_sync {
	pthread_mutex_t mutex;
	pthread_cond_t over; /* a leader has ended */
	bool leading;
	int fd;          /* DIR/db/sync */
	int log_fd;      /* the log file synced last, kept open */
	uint32_t log;    /* its number */
	const char *dir; /* the caller's, must outlive this */
	struct bdb_lock_page *page;
};

bool bdb_sync_open(struct bdb_sync *s, const char *dir, struct bdb_lock_page *page)
    __attribute__((warn_unused_result));
void bdb_sync_close(struct bdb_sync *s);

/* For the holder of the outer lock: its commit is written to log file log. */
struct bdb_ticket bdb_sync_ticket(struct bdb_lock_page *page, uint32_t log);

/* ST_OK: it is on disk. ST_IO: perhaps not; it must not be acknowledged. */
enum store_rc bdb_sync_wait(struct bdb_sync *s, struct bdb_ticket t)
    __attribute__((warn_unused_result));

/* After a sync that failed the kernel may hold pages of the log it takes for
 * written. Writes the log files that count once more, bytes unchanged, and
 * syncs them. For the holder of the outer lock, before it recovers. */
enum store_rc bdb_sync_rewrite(struct bdb_sync *s) __attribute__((warn_unused_result));

#endif
