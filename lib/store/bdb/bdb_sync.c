/*
 * bdb_sync: see bdb_sync.h
 *
 * Promises: a ticket is answered ST_OK only when an fdatasync(2) that began after its commit was
 * written has succeeded on every log file the commit may be in, and no sync has failed meanwhile.
 *
 * Log files: Berkeley DB 5.3 writes and fsyncs the old file when it changes to the next
 * (__log_newfile calls __log_flush_int with the region locked), so the old one is on disk before
 * the new one exists. This file still syncs all files since the last sync: that costs one call per
 * file, and correctness does not depend on that detail. Berkeley DB does not sync the folder in
 * which it makes a new log file; this file does, once for each log file.
 *
 * On failure: after a failed sync the kernel may drop the data and report the next sync as good. So
 * the failure is counted, every commit not covered is refused, and nobody syncs until somebody has
 * recovered (sync_failed).
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

enum { PATH = 4096, CHUNK = 4096 };

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
bdb_sync_ticket(struct bdb_lock_page *page, uint32_t log)
{
	struct bdb_ticket t;

	atomic_store(&page->log,
	    log); /* before committed: a leader reads them in the opposite order */
	t.failures = atomic_load(&page->failures);
	t.seq = atomic_fetch_add(&page->committed, 1) + 1;
	return t;
}

/* Returns true if the ticket's commit is on disk. Reads synced first: a failure is counted before
 * anything later is synced. */
static bool
covered(const struct bdb_sync *s, struct bdb_ticket t)
{
	return atomic_load(&s->page->synced) >= t.seq &&
	    atomic_load(&s->page->failures) == t.failures;
}

static bool
refused(const struct bdb_sync *s, struct bdb_ticket t)
{
	return atomic_load(&s->page->failures) != t.failures ||
	    atomic_load(&s->page->sync_failed) != 0;
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

/* Syncs all that is committed. The caller holds the sync lock. */
static int
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
		atomic_fetch_add(&p->failures, 1);
		atomic_store(&p->sync_failed, 1);
		file_close(&s->log_fd);
		return -1;
	}
	atomic_store(&p->synced_log, log);
	atomic_store(&p->synced, seq);
	return 0;
}

struct waiter {
	struct bdb_sync *s;
	struct bdb_ticket t;
};

static bool
answered(void *ctx)
{
	struct waiter *w = ctx;

	return covered(w->s, w->t) || refused(w->s, w->t);
}

/* Syncs, unless another process just did or something failed. */
static void
sync_as_leader(struct bdb_sync *s, struct bdb_ticket t, int64_t deadline)
{
	struct waiter w = { s, t };

	if (file_lock_wait(s->fd, LOCK_EX, deadline, answered, &w) != 0)
		return;
	if (!answered(&w))
		(void)sync_log(s); /* a failure shows in the page */
	(void)flock(s->fd, LOCK_UN);
}

enum store_rc
bdb_sync_wait(struct bdb_sync *s, struct bdb_ticket t)
{
	int64_t deadline = clock_mono() + KV_LOCK_WAIT_US;
	struct timespec ts = { deadline / 1000000, deadline % 1000000 * 1000 };
	bool ok;

	(void)pthread_mutex_lock(&s->mutex);
	while (!(ok = covered(s, t)) && !refused(s, t) && clock_mono() < deadline) {
		if (s->leading) {
			(void)pthread_cond_clockwait(&s->over, &s->mutex, CLOCK_MONOTONIC, &ts);
			continue;
		}
		s->leading = true;
		(void)pthread_mutex_unlock(&s->mutex);
		sync_as_leader(s, t, deadline);
		(void)pthread_mutex_lock(&s->mutex);
		s->leading = false;
		(void)pthread_cond_broadcast(&s->over);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return ok ? ST_OK : ST_IO;
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

	for (n = n == 0 ? log : n; n <= log; n++) {
		int fd = open_log(s, n, O_RDWR), rc;

		if (fd < 0 && errno == ENOENT)
			continue;
		if ((rc = fd < 0 ? -1 : rewrite(fd)) != 0)
			log_error("store: log %" PRIu32 " cannot be written again: %s", n,
			    strerror(errno));
		file_close(&fd);
		if (rc != 0)
			return ST_IO;
	}
	return ST_OK;
}
