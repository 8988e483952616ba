/*
 * bdb_sync: one fdatasync(2) for all waiting commits of all threads and processes.
 *
 * A commit is written to the log inside the outer lock. Its maker then waits here until the log is
 * on disk. One of those who wait does the sync (elected by a mutex among the threads and flock(2)
 * on DIR/db/sync among the processes) and publishes how far it reached; the others return at once.
 *
 * Who waits is told what became of the commit, never that time is up: a commit that is in the log
 * may reach the disk later, and then nobody may have said that it failed.
 */
#ifndef SM_BDB_SYNC_H
#define SM_BDB_SYNC_H

#include "store/bdb/bdb_lock.h"

/* What a commit waits for; issued inside the outer lock. */
struct bdb_ticket {
	uint64_t seq;      /* its sequence number, which the transaction stores too */
	uint64_t failures; /* as in the page before the commit */
};

struct bdb_sync {
	pthread_mutex_t mutex;
	pthread_cond_t over; /* a leader has ended */
	bool leading;
	int fd;          /* DIR/db/sync */
	int log_fd;      /* the last log file synced, kept open */
	uint32_t log;    /* its number */
	const char *dir; /* the caller's; it must outlive this */
	struct bdb_lock_page *page;
};

/* Opens or creates DIR/db/sync. Returns false on failure. The page must outlive s. */
bool bdb_sync_open(struct bdb_sync *s, const char *dir, struct bdb_lock_page *page)
    __attribute__((warn_unused_result));
void bdb_sync_close(struct bdb_sync *s);

/* For the holder of the outer lock, before it commits: returns the ticket of that commit. */
struct bdb_ticket bdb_sync_ticket(const struct bdb_lock_page *page);
/* For the holder of the outer lock, after the commit or its failure: the commit is in log file log,
 * or in an earlier one; 0: not known, for a recovery comes next. */
void bdb_sync_committed(struct bdb_lock_page *page, struct bdb_ticket t, uint32_t log);

/* For the holder of the outer lock, at the end of a recovery: seq is the number of the last commit
 * that the recovered database holds, which is all on disk; 0: the database does not say, so it
 * holds none of those that are not settled yet, for each says so. Settles all tickets. */
void bdb_sync_settle(struct bdb_lock_page *page, uint64_t seq);

/* Waits for a ticket, without end if the disk does not answer. ST_OK: its commit is on disk. ST_IO:
 * it is not kept. ST_AGAIN: something failed, and only a recovery can tell. */
enum store_rc bdb_sync_wait(struct bdb_sync *s, struct bdb_ticket t)
    __attribute__((warn_unused_result));

/* For the holder of the outer lock, before it recovers. After a failed sync the kernel may hold
 * pages of the log that it takes for written. Writes the log files that count once more, with the
 * same bytes, and syncs them. */
enum store_rc bdb_sync_rewrite(struct bdb_sync *s) __attribute__((warn_unused_result));

#endif
