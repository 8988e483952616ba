/*
 * bdb_sync: see bdb_sync.h
 *
 * Promises: a ticket is answered ST_OK only when an fdatasync(2) that began after its commit was
 * written has succeeded on every log file the commit may be in, and no sync has failed meanwhile,
 * or when a recovery has found the commit. It is answered ST_IO only when a recovery has not found
 * it.
 *
 * Log files: Berkeley DB 5.3 writes and fsyncs the old file when it changes to the next
 * (__log_newfile calls __log_flush_int with the region locked), so the old one is on disk before
 * the new one exists. This file still syncs all files since the last sync: that costs one call per
 * file, and correctness does not depend on that detail. Berkeley DB does not sync the folder in
 * which it makes a new log file; this file does, once for each log file.
 *
 * On failure: after a failed sync the kernel may drop the data and report the next sync as good. So
 * the failure is counted, and nobody syncs until somebody has recovered (sync_failed). The recovery
 * settles all commits that were not covered.
 *
 * A leader that is stopped keeps the lock. After OVERTAKE_US the others sync beside it. Known
 * limit: if its sync failed and it was stopped before it could say so, a process that opens the log
 * only then does not learn of the failure.
 */
#include "store/bdb/bdb_sync.h"

#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

enum {
	PATH = 4096,
	CHUNK = 4096,
	OVERTAKE_US = 2 * 1000000,
	LOOK_US = 200000 /* how often a thread looks that waits for another to sync */
};

bool
bdb_sync_open(struct bdb_sync *s, const char *dir, struct bdb_lock_page *page)
{
	char path[PATH];

	memset(s, 0, sizeof *s);
	s->fd = s->log_fd = -1;
	s->dir = dir;
	s->page = page;
	if (pthread_mutex_init(&s->mutex, NULL) != 0 || pthread_cond_init(&s->over, NULL) != 0)
		return false;
	(void)snprintf(path, sizeof path, "%s/sync", dir);
	return (s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) >= 0;
}

void
bdb_sync_close(struct bdb_sync *s)
{
	file_close(&s->fd);
	file_close(&s->log_fd);
}

struct bdb_ticket
bdb_sync_ticket(const struct bdb_lock_page *page)
{
	return (struct bdb_ticket){ .seq = atomic_load(&page->committed) + 1,
		.failures = atomic_load(&page->failures) };
}

void
bdb_sync_committed(struct bdb_lock_page *page, struct bdb_ticket t, uint32_t log)
{
	if (log != 0)
		atomic_store(&page->log, log); /* a leader reads them in the opposite order */
	atomic_store(&page->committed, t.seq);
}

/* Raises a number that others may raise at the same time. */
static void
raise_to(_Atomic uint64_t *n, uint64_t to)
{
	uint64_t now = atomic_load(n);

	while (now < to && !atomic_compare_exchange_weak(n, &now, to))
		;
}

void
bdb_sync_settle(struct bdb_lock_page *page, uint64_t seq)
{
	uint64_t committed = atomic_load(&page->committed),
		 kept = seq != 0 ? seq : atomic_load(&page->settled);

	if (seq > committed) /* its maker died before it could say so, or the page is new */
		atomic_store(&page->committed, committed = seq);
	if (kept < committed) {
		uint32_t i = atomic_fetch_add(&page->nlost, 1) % KV_LOST;

		log_warn("store: the log does not hold the commits after %" PRIu64
			 " any more, up to %" PRIu64,
		    kept, committed);
		atomic_store(&page->lost[i].first, kept + 1);
		atomic_store(&page->lost[i].last, committed);
	}
	raise_to(&page->synced, committed);
	atomic_store(&page->settled, committed); /* last: a waiter reads it first */
}

enum fate {
	WAITS,  /* for the next sync */
	KEPT,   /* on disk */
	LOST,   /* no longer there */
	UNCLEAR /* something failed, and nobody has recovered yet */
};

static bool
is_lost(const struct bdb_lock_page *page, uint64_t seq)
{
	for (unsigned i = 0; i < KV_LOST; i++)
		if (seq >= atomic_load(&page->lost[i].first) &&
		    seq <= atomic_load(&page->lost[i].last))
			return true;
	return false;
}

/* Says what is known of a ticket's commit. Reads synced before failures: a failure is counted
 * before anything later is synced. */
static enum fate
fate_of(const struct bdb_sync *s, struct bdb_ticket t)
{
	const struct bdb_lock_page *p = s->page;
	bool synced;

	if (atomic_load(&p->settled) >= t.seq)
		return is_lost(p, t.seq) ? LOST : KEPT;
	synced = atomic_load(&p->synced) >= t.seq;
	if (atomic_load(&p->failures) != t.failures)
		return UNCLEAR;
	return synced ? KEPT : atomic_load(&p->sync_failed) != 0 ? UNCLEAR : WAITS;
}

static int
open_log(const struct bdb_sync *s, uint32_t log, int flags)
{
	char path[PATH];

	(void)snprintf(path, sizeof path, "%s/log.%010" PRIu32, s->dir, log);
	return open(path, flags | O_CLOEXEC);
}

/* Syncs an older file. A file that is gone was removed after a checkpoint, which syncs the log
 * first. */
static int
sync_old(const struct bdb_sync *s, uint32_t log)
{
	int fd = open_log(s, log, O_RDONLY), rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	rc = fdatasync(fd);
	file_close(&fd);
	return rc;
}

static int
sync_current(struct bdb_sync *s, uint32_t log)
{
	if (s->log_fd < 0 || s->log != log) {
		file_close(&s->log_fd);
		if ((s->log_fd = open_log(s, log, O_RDONLY)) < 0 || file_sync_dir(s->dir) != 0) {
			file_close(&s->log_fd);
			return -1;
		}
		s->log = log;
	}
	return fdatasync(s->log_fd);
}

/* Syncs all that is committed; a failure shows in the page. */
static void
sync_log(struct bdb_sync *s)
{
	struct bdb_lock_page *p = s->page;
	uint64_t seq = atomic_load(&p->committed);
	uint32_t log = atomic_load(&p->log), from = atomic_load(&p->synced_log);
	int rc = 0;

	for (from = from == 0 ? log : from; rc == 0 && from < log; from++)
		rc = sync_old(s, from);
	if (rc == 0)
		rc = sync_current(s, log);
	if (rc != 0) {
		log_error("store: sync of log %" PRIu32 ": %s", log, strerror(errno));
		atomic_store(&p->sync_failed, 1); /* first: who reads the new count sees it */
		atomic_fetch_add(&p->failures, 1);
		file_close(&s->log_fd);
		return;
	}
	atomic_store(&p->synced_log, log); /* too low a number only costs a sync more */
	raise_to(&p->synced, seq);
}

struct waiter {
	struct bdb_sync *s;
	struct bdb_ticket t;
};

static bool
answered(void *ctx)
{
	struct waiter *w = ctx;

	return fate_of(w->s, w->t) != WAITS;
}

/* Syncs, unless another process just did or something failed. */
static void
sync_as_leader(struct bdb_sync *s, struct bdb_ticket t)
{
	struct waiter w = { s, t };
	int rc = file_lock_wait(s->fd, LOCK_EX, clock_mono() + OVERTAKE_US, answered, &w);

	if (rc < 0)
		log_warn("store: who syncs the log does not come to an end; syncing beside it");
	if (!answered(&w))
		sync_log(s);
	if (rc == 0)
		(void)flock(s->fd, LOCK_UN);
}

/* Waits for the thread that leads. Looks up now and then: another process may have settled all. */
static void
wait_for_leader(struct bdb_sync *s)
{
	int64_t until = clock_mono() + LOOK_US;
	struct timespec ts = { until / 1000000, until % 1000000 * 1000 };

	(void)pthread_cond_clockwait(&s->over, &s->mutex, CLOCK_MONOTONIC, &ts);
}

enum store_rc
bdb_sync_wait(struct bdb_sync *s, struct bdb_ticket t)
{
	enum fate f;

	(void)pthread_mutex_lock(&s->mutex);
	while ((f = fate_of(s, t)) == WAITS) {
		if (s->leading) {
			wait_for_leader(s);
			continue;
		}
		s->leading = true;
		(void)pthread_mutex_unlock(&s->mutex);
		sync_as_leader(s, t);
		(void)pthread_mutex_lock(&s->mutex);
		s->leading = false;
		(void)pthread_cond_broadcast(&s->over);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return f == KEPT ? ST_OK : f == LOST ? ST_IO : ST_AGAIN;
}

/* Writes a log file once more, but not chunks of zeros only: the library makes log files longer
 * than their contents, and filling the hole would need disk space. */
static int
rewrite(int fd)
{
	static const char zeros[CHUNK];
	char chunk[CHUNK];
	int64_t size = file_size(fd);
	ssize_t n;

	for (int64_t off = 0; off < size; off += n) {
		if ((n = file_pread(fd, chunk, sizeof chunk, (uint64_t)off)) <= 0)
			return -1;
		if (memcmp(chunk, zeros, (size_t)n) != 0 && pwrite(fd, chunk, (size_t)n, off) != n)
			return -1;
	}
	return size < 0 ? -1 : fdatasync(fd);
}

enum store_rc
bdb_sync_rewrite(struct bdb_sync *s)
{
	uint32_t log = atomic_load(&s->page->log), n = atomic_load(&s->page->synced_log);

	for (n = n == 0 ? log : n;; n++) {
		int fd = open_log(s, n, O_RDWR), rc;

		if (fd < 0 && errno == ENOENT &&
		    n > log) /* a commit that failed may have begun one */
			return ST_OK;
		if (fd < 0 && errno == ENOENT)
			continue;
		if ((rc = fd < 0 ? -1 : rewrite(fd)) != 0)
			log_error("store: log %" PRIu32 " cannot be written again: %s", n,
			    strerror(errno));
		file_close(&fd);
		if (rc != 0)
			return ST_IO;
	}
}
