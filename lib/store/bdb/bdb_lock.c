/*
 * bdb_lock: see bdb_lock.h
 *
 * Promises: when bdb_lock_acquire() returns ST_OK, nobody else is inside, whatever happens to other
 * processes. It waits by polling with short sleeps, because a blocking flock(2) has no deadline.
 * Polling alone would starve a process beside a busy one whose threads hand the lock to each other.
 * So a process that has waited STARVING_US says so in the page, and the process that held the lock
 * last then stays away for a moment.
 *
 * On failure: the caller holds nothing. Known limits: while a holder is stopped (SIGSTOP), all
 * others get ST_AGAIN, until it continues or dies.
 */
#include "store/bdb/bdb_lock.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

enum {
	PAGE_VERSION = 1,
	SLEEP_MIN_US = 50,
	SLEEP_MAX_US = 2000,
	STARVING_US = 5000,      /* longer waits than this are shown to the others */
	STARVING_SLEEP_US = 100, /* the interval between tries of a starving process */
	YIELD_US = 300           /* how long the last holder then stays away */
};
static const uint64_t page_magic = 0x6b636f6c736d6d73; /* "smmslock" */

_Static_assert(sizeof(struct bdb_lock_page) <= KV_PAGE_SIZE, "the page is one page");

/* Only the holder of the flock writes the head of the page. */
static int
init_page(struct bdb_lock *l)
{
	struct bdb_lock_page *p = l->page;

	if (p->magic == page_magic)
		return p->version == PAGE_VERSION ? 0 : -1;
	memset(p, 0, KV_PAGE_SIZE);
	p->version = PAGE_VERSION;
	/* a number that no handle still open anywhere can have */
	atomic_store(&p->generation, (uint64_t)clock_now());
	p->magic = page_magic;
	return 0;
}

/* Uses posix_fallocate(), not ftruncate(): a hole could not be filled on a full disk, and touching
 * it would raise SIGBUS. */
static bool
map_page(struct bdb_lock *l)
{
	int rc = posix_fallocate(l->fd, 0, KV_PAGE_SIZE);

	if (rc != 0) {
		errno = rc;
		return false;
	}
	l->page = mmap(NULL, KV_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, l->fd, 0);
	return l->page != MAP_FAILED;
}

static enum store_rc
errno_rc(int e)
{
	return e == ENOSPC || e == EDQUOT ? ST_FULL : e == ENOMEM ? ST_NOMEM : ST_IO;
}

static const char *
open_steps(struct bdb_lock *l, const char *path, enum store_rc *rc)
{
	*rc = ST_IO;
	if (!clock_boot(l->boot))
		return "/proc/sys/kernel/random/boot_id";
	if ((l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
		return path;
	if (file_lock_wait(l->fd, LOCK_EX, clock_mono() + KV_LOCK_WAIT_US, NULL, NULL) != 0) {
		*rc = errno == EWOULDBLOCK ? ST_AGAIN : ST_IO;
		return path;
	}
	if (!map_page(l)) {
		*rc = errno_rc(errno);
		return path;
	}
	if (init_page(l) != 0) {
		*rc = ST_SCHEMA;
		return path;
	}
	(void)flock(l->fd, LOCK_UN);
	*rc = ST_OK;
	return NULL;
}

bool
bdb_lock_open(struct bdb_lock *l, const char *dir, enum store_rc *rc, char *err, size_t errlen)
{
	char path[4096];
	const char *bad;

	memset(l, 0, sizeof *l);
	l->fd = -1;
	l->page = MAP_FAILED;
	l->pid = getpid();
	if (pthread_mutex_init(&l->mutex, NULL) != 0 ||
	    snprintf(path, sizeof path, "%s/lock", dir) >= (int)sizeof path) {
		*rc = ST_IO;
		(void)snprintf(err, errlen, "%.200s: the lock cannot be made", dir);
		return false;
	}
	if ((bad = open_steps(l, path, rc)) == NULL)
		return true;
	(void)snprintf(err, errlen, "%.200s: %s", bad,
	    *rc == ST_SCHEMA ? "written by another version of savemms" : strerror(errno));
	bdb_lock_close(l);
	return false;
}

void
bdb_lock_close(struct bdb_lock *l)
{
	if (l->page != MAP_FAILED)
		(void)munmap(l->page, KV_PAGE_SIZE);
	l->page = MAP_FAILED;
	file_close(&l->fd);
	(void)pthread_mutex_destroy(&l->mutex);
}

/* Waits for the flock and lets starving processes go first; see the head of this file. */
static enum store_rc
take_file(struct bdb_lock *l, int64_t start, int64_t deadline)
{
	struct bdb_lock_page *p = l->page;
	long us = SLEEP_MIN_US;

	if ((pid_t)atomic_load(&p->last) == l->pid &&
	    start - atomic_load(&p->starving) < STARVING_US)
		file_lock_sleep(YIELD_US);
	while (file_lock_try(l->fd, LOCK_EX) != 0) {
		int64_t now = clock_mono();

		if (errno != EWOULDBLOCK) {
			log_error("store: flock: %s", strerror(errno));
			return ST_IO;
		}
		if (now >= deadline)
			return ST_AGAIN;
		if (now - start > STARVING_US) {
			atomic_store(&p->starving, now);
			us = STARVING_SLEEP_US;
		}
		file_lock_sleep(us);
		us = us * 2 < SLEEP_MAX_US ? us * 2 : SLEEP_MAX_US;
	}
	atomic_store(&p->last, (uint32_t)l->pid);
	return ST_OK;
}

enum store_rc
bdb_lock_acquire(struct bdb_lock *l)
{
	int64_t start = clock_mono(), deadline = start + KV_LOCK_WAIT_US;
	struct timespec ts = { deadline / 1000000, deadline % 1000000 * 1000 };
	enum store_rc rc;

	if (getpid() != l->pid) {
		log_error("store: used in a forked child, which is refused");
		return ST_IO;
	}
	if (pthread_mutex_clocklock(&l->mutex, CLOCK_MONOTONIC, &ts) != 0) {
		log_warn("store: busy for %d s", KV_LOCK_WAIT_US / 1000000);
		return ST_AGAIN;
	}
	if ((rc = take_file(l, start, deadline)) != ST_OK) {
		(void)pthread_mutex_unlock(&l->mutex);
		if (rc == ST_AGAIN)
			log_warn("store: busy for %d s; process %llu is inside",
			    KV_LOCK_WAIT_US / 1000000,
			    (unsigned long long)atomic_load(&l->page->dirty));
	}
	return rc;
}

void
bdb_lock_release(struct bdb_lock *l)
{
	/* Unlock explicitly, not by closing: a child between fork and exec may hold the same open
	 * file. */
	if (flock(l->fd, LOCK_UN) != 0)
		log_error("store: unlock: %s", strerror(errno));
	(void)pthread_mutex_unlock(&l->mutex);
}

bool
bdb_lock_stale(const struct bdb_lock *l)
{
	return atomic_load(&l->page->dirty) != 0 || atomic_load(&l->page->sync_failed) != 0 ||
	    strncmp(l->page->boot, l->boot, KV_BOOT) != 0;
}

void
bdb_lock_renew(struct bdb_lock *l)
{
	atomic_store(&l->page->dirty, (uint64_t)l->pid);
	atomic_fetch_add(&l->page->generation, 1);
}

void
bdb_lock_sound(struct bdb_lock *l)
{
	memcpy(l->page->boot, l->boot, KV_BOOT);
	atomic_store(&l->page->sync_failed, 0);
}
