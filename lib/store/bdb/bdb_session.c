/*
 * bdb_session: the engine on Berkeley DB, shared by processes that may die.
 *
 * Debian's library hangs the survivors when a process is killed inside it: its mutexes block and
 * are not robust. So one process at a time is inside, readers too (bdb_lock), for one short period.
 * A process that finds that the last one did not come out makes the environment anew from log and
 * database and raises its generation. Handles of an older generation are dropped, never closed:
 * closing may wait for a mutex of the dead. The memory of dropped handles is lost, hence
 * kv_bdb_worn().
 *
 * Promises: what commit acknowledged under KV_DURABLE survives the death of processes and of the
 * machine; under KV_FAST it survives the death of processes. What commit refused under KV_DURABLE
 * is not kept: commit answers when it knows. A begin waits no longer than KV_LOCK_WAIT_US, a commit
 * until its log is on disk or a recovery has looked, and nothing needs a restart.
 *
 * On failure: any unexpected result ends the period, leaves the dirty mark and drops the handles;
 * the library is not called on them again. The next begin recovers. A recovery that fails is tried
 * again after a second.
 */
#include "store/bdb/bdb_session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "store/bdb/bdb_env.h"

enum {
	CHECKPOINT_BYTES = 1 << 20,
	CHECKPOINT_US = 60 * 1000000,
	RETRY_US = 1000000, /* the wait after a recovery that fails */
	SETTLE_US = 200000, /* that of a commit between looks whether it can be recovered */
	OPENS = 8,          /* files that an open store has open: regions, log, database */
	FREE_US = 1000000,  /* how long a result of statvfs counts */
	FLOOR = 512 << 10   /* below this, nothing is written: the library would run out */
};

const struct slice period_stamp = { "", 1 }; /* a zero byte */

void
period_drop(struct engine *e)
{
	if (e->bdb != NULL)
		atomic_fetch_add(&e->dropped, 1);
	bdb_drop(&e->bdb);
}

/* Ends the period after an unexpected result of the library: recovery comes next. A sync inside the
 * library may have failed, so those who wait for one wait for the recovery. A full disk fails
 * writes, not syncs: then the log is not written again, which would need space. */
enum store_rc
period_fail(struct engine *e, const char *what, int code)
{
	log_error("store: %s: %s", what, bdb_text(code));
	if (bdb_rc(code) != ST_FULL)
		atomic_store(&e->lock.page->sync_failed, 1);
	else
		atomic_store(&e->free_asked, 0);
	atomic_fetch_add(&e->lock.page->failures, 1);
	period_drop(e);
	return e->failed = bdb_rc(code);
}

/* --- handles ------------------------------------------------------------------ */

static int
note_log(struct engine *e)
{
	struct bdb_lock_page *p = e->lock.page;
	uint32_t log, none = 0;
	uint64_t since;
	int ret = bdb_log(e->bdb, &log, &since);

	if (ret != 0)
		return ret;
	atomic_store(&p->log, log);
	(void)atomic_compare_exchange_strong(&p->synced_log, &none, log);
	e->generation = atomic_load(&p->generation);
	return 0;
}

/* Returns an errno if descriptors or inodes are short. When the library cannot open a file for want
 * of either, it sleeps and tries again, twelve seconds for each file (os_open.c); with the lock
 * held, that would hang all others. So the library is not called then. dir: where files will be
 * made; NULL: existing files will be opened. */
static int
room_to_open(const char *dir)
{
	int fd[OPENS], n = 0, err = 0;

	while (err == 0 && n < OPENS)
		if ((fd[n] = n == 0 && dir != NULL ? file_temp(dir) :
						     open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
			n++;
		else
			err = errno;
	while (n > 0)
		file_close(&fd[--n]);
	return err;
}

/* Joins an environment that is sound. */
static int
join_environment(struct engine *e)
{
	int ret = bdb_open_env(&e->bdb, e->dir, e->cache_mb, BDB_JOIN);

	if (ret != 0 || (ret = bdb_open_db(e->bdb, e->create)) != 0)
		return ret;
	return note_log(e);
}

static int
rebuild_environment(struct engine *e)
{
	int ret = bdb_open_env(&e->bdb, e->dir, e->cache_mb, BDB_RECOVER);

	if (ret != 0)
		return ret;
	if (kv_regions_fill(e->dir) != 0)
		return errno;
	if ((ret = bdb_open_db(e->bdb, e->create)) != 0 || (ret = bdb_checkpoint(e->bdb)) != 0)
		return ret;
	return note_log(e);
}

/* Reads the number of the last commit that the database holds. 0: it does not say. */
static int
read_stamp(struct engine *e, uint64_t *seq)
{
	struct slice v;
	int ret = bdb_get(e->bdb, period_stamp, &v);

	*seq = 0;
	if (ret == 0 && v.n == sizeof *seq)
		memcpy(seq, v.p, sizeof *seq);
	return ret == BDB_NONE ? 0 : ret;
}

/* Makes the environment anew. It ends with a checkpoint: all that the log held is in the database
 * file, on disk, before anything is acknowledged again. It removes the old regions itself, so that
 * the library does not look into them. On a full disk it uses the space of the spare. */
static int
recover(struct engine *e)
{
	struct bdb_lock_page *p = e->lock.page;
	int64_t start = clock_mono();
	uint64_t seq;
	int ret;

	bdb_lock_renew(&e->lock);
	/* before the regions are removed, whose sizes tell how much space is needed */
	if (kv_spare_use(e->dir))
		log_warn("store: the disk is full; recovering in the space of the spare");
	if (atomic_load(&p->sync_failed) != 0 && bdb_sync_rewrite(&e->sync) != ST_OK)
		return EIO;
	if (kv_regions_remove(e->dir) != 0)
		return errno;
	if ((ret = room_to_open(e->dir)) != 0 || (ret = rebuild_environment(e)) != 0 ||
	    (ret = read_stamp(e, &seq)) != 0)
		return ret;
	kv_spare_make(e->dir, e->reserve);
	atomic_store(&p->checkpoint, clock_mono());
	bdb_sync_settle(p, seq);
	bdb_lock_sound(&e->lock);
	log_info("store: recovered in %lld ms", (long long)(clock_mono() - start) / 1000);
	return 0;
}

/* Makes sure that the handles fit the current environment, and marks it dirty. */
static enum store_rc
enter_period(struct engine *e)
{
	struct bdb_lock_page *p = e->lock.page;
	bool stale = bdb_lock_stale(&e->lock);
	bool current = !stale && e->bdb != NULL && e->generation == atomic_load(&p->generation);
	int ret;

	if (stale && clock_mono() < e->retry_at)
		return ST_IO;
	if (!stale && !current && (ret = room_to_open(NULL)) != 0) {
		log_error("store: opening %s: %s", e->dir, bdb_text(ret));
		return bdb_rc(ret);
	}
	atomic_store(&p->dirty, (uint64_t)e->lock.pid);
	if (current)
		return ST_OK;
	period_drop(e);
	if ((ret = stale ? recover(e) : join_environment(e)) == 0)
		return ST_OK;
	log_error("store: %s of %s: %s", stale ? "recovery" : "opening", e->dir, bdb_text(ret));
	period_drop(e);
	e->retry_at = clock_mono() + RETRY_US;
	return bdb_rc(ret);
}

/* --- periods ------------------------------------------------------------------ */

/* Returns true if space is too short for a change. A new template or account leaves the reserve
 * alone. Other changes may use it, but do not begin when the disk is full: they would fail midway
 * and cost a recovery. */
static bool
space_short(struct engine *e, enum kv_durability d)
{
	int64_t now = clock_mono(), asked = atomic_load(&e->free_asked);

	if (asked == 0 || now - asked > FREE_US) {
		atomic_store(&e->free_bytes, file_disk_free(e->dir));
		atomic_store(&e->free_asked, now);
	}
	return atomic_load(&e->free_bytes) <
	    (d == KV_GROW && e->reserve > FLOOR ? e->reserve : FLOOR);
}

enum store_rc
period_begin(struct engine *e, enum kv_durability d)
{
	enum store_rc rc;

	if (d != KV_READ && space_short(e, d))
		return ST_FULL;
	if ((rc = bdb_lock_acquire(&e->lock)) != ST_OK)
		return rc;
	if ((rc = enter_period(e)) != ST_OK) {
		bdb_lock_release(&e->lock);
		return rc;
	}
	e->mode = d;
	e->failed = ST_OK;
	return ST_OK;
}

/* Ends a period. The page stays dirty if something failed. */
static void
leave_period(struct engine *e)
{
	if (e->failed == ST_OK)
		atomic_store(&e->lock.page->dirty, 0);
	bdb_lock_release(&e->lock);
}

int
period_change(struct engine *e)
{
	const struct bdb_ticket t = bdb_sync_ticket(e->lock.page);
	int ret = bdb_begin(e->bdb);

	return ret != 0 ? ret :
			  bdb_put(e->bdb, period_stamp, (struct slice){ &t.seq, sizeof t.seq });
}

/* Makes a checkpoint if one is due, after so many bytes in the log. */
static void
checkpoint(struct engine *e, uint64_t since)
{
	struct bdb_lock_page *p = e->lock.page;
	int64_t now = clock_mono();
	int ret;

	if (since < CHECKPOINT_BYTES && now - atomic_load(&p->checkpoint) < CHECKPOINT_US)
		return;
	if ((ret = bdb_checkpoint(e->bdb)) != 0)
		(void)period_fail(e, "checkpoint", ret);
	else
		kv_spare_make(e->dir, e->reserve);
	atomic_store(&p->checkpoint, now);
}

/* Commits the transaction and returns its ticket. If that fails, the commit may be in the log
 * nevertheless: the ticket then waits for the recovery. */
static struct bdb_ticket
commit_change(struct engine *e)
{
	struct bdb_ticket t = bdb_sync_ticket(e->lock.page);
	uint64_t since = 0;
	uint32_t log = 0;
	int ret = bdb_commit(e->bdb);

	if (ret != 0)
		(void)period_fail(e, "commit", ret);
	else if ((ret = bdb_log(e->bdb, &log, &since)) != 0)
		(void)period_fail(e, "log", ret);
	bdb_sync_committed(e->lock.page, t, log);
	if (e->failed == ST_OK)
		checkpoint(e, since);
	return t;
}

/* Sees to it that a recovery settles the commit, in a period that began without one: who counts a
 * failure marks it first, and another may have recovered in between, before this commit. */
static void
ask_for_recovery(struct engine *e, struct bdb_ticket t)
{
	struct bdb_lock_page *p = e->lock.page;

	if (atomic_load(&p->settled) < t.seq)
		atomic_store(&p->sync_failed, 1);
}

/* Waits until it is known whether the commit is kept. Where only a recovery can tell, a period
 * begins with one. Returns failed if the commit is not kept. */
static enum store_rc
settle(struct engine *e, struct bdb_ticket t, enum store_rc failed)
{
	enum store_rc rc;

	for (bool said = false; (rc = bdb_sync_wait(&e->sync, t)) == ST_AGAIN; said = true) {
		if (!said)
			log_warn("store: commit %llu waits for a recovery",
			    (unsigned long long)t.seq);
		if (period_begin(e, KV_READ) == ST_OK) {
			ask_for_recovery(e, t);
			leave_period(e);
		} else
			file_lock_sleep(SETTLE_US);
	}
	return rc == ST_OK ? ST_OK : failed != ST_OK ? failed : rc;
}

enum store_rc
period_commit(struct engine *e)
{
	struct bdb_ticket t = { 0, 0 };
	bool changed = e->failed == ST_OK && bdb_begun(e->bdb),
	     wait = changed && e->mode >= KV_DURABLE;
	enum store_rc rc;
	int ret;

	if (changed)
		t = commit_change(e);
	else if (e->failed == ST_OK && (ret = bdb_commit(e->bdb)) != 0)
		(void)period_fail(e, "commit", ret);
	rc = e->failed;
	leave_period(e);
	return wait ? settle(e, t, rc) : rc;
}

void
period_abort(struct engine *e)
{
	int ret;

	if (e->failed == ST_OK && (ret = bdb_abort(e->bdb)) != 0)
		(void)period_fail(e, "abort", ret);
	leave_period(e);
}

/* Closes the handles only while they are known to be sound. */
void
period_close(struct engine *e)
{
	struct bdb_lock_page *p = e->lock.page;
	int ret;

	if (bdb_lock_acquire(&e->lock) == ST_OK) {
		if (e->bdb != NULL && !bdb_lock_stale(&e->lock) &&
		    e->generation == atomic_load(&p->generation)) {
			atomic_store(&p->dirty, (uint64_t)e->lock.pid);
			if ((ret = bdb_close(&e->bdb)) != 0)
				log_error("store: close: %s", bdb_text(ret));
			else
				atomic_store(&p->dirty, 0);
		}
		bdb_lock_release(&e->lock);
	}
	bdb_drop(&e->bdb);
}
