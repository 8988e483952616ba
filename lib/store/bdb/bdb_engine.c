/*
 * bdb_engine: the engine on Berkeley DB as struct kv: opening, closing, and the calls inside a
 * period (bdb_session.c).
 *
 * After a failure of the library the period is over for it: later calls return the same code, and
 * the next begin recovers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "store/bdb/bdb_env.h"
#include "store/bdb/bdb_session.h"

enum {
	WORN = 8, /* sets of handles dropped */
	/* Descriptors that must be free when the store opens. A commit whose sync or recovery finds
	 * none left waits until there are some; where nobody else closes any, it would wait for
	 * ever. 12 were measured in use at a time; the caller needs a few too. */
	ROOM = 24
};

static struct engine *
self(struct kv *kv)
{
	return (struct engine *)(void *)kv;
}

static enum store_rc
engine_begin(struct kv *kv, enum kv_durability d)
{
	return period_begin(self(kv), d);
}

static enum store_rc
engine_commit(struct kv *kv)
{
	return period_commit(self(kv));
}

static void
engine_abort(struct kv *kv)
{
	period_abort(self(kv));
}

/* --- records ------------------------------------------------------------------- */

static enum store_rc
copy_slice(struct arena *a, struct slice *s)
{
	s->p = arena_memdup(a, s->p, s->n);
	return s->p != NULL ? ST_OK : ST_NOMEM;
}

static enum store_rc
result_of(struct engine *e, const char *what, int ret)
{
	if (ret == BDB_NONE)
		return ST_NOTFOUND;
	return ret == 0 ? ST_OK : period_fail(e, what, ret);
}

static enum store_rc
engine_get(struct kv *kv, struct slice key, struct arena *a, struct slice *value)
{
	struct engine *e = self(kv);
	enum store_rc rc = e->failed;

	if (rc == ST_OK)
		rc = result_of(e, "get", bdb_get(e->bdb, key, value));
	return rc == ST_OK ? copy_slice(a, value) : rc;
}

/* Tells the key of the stamp, which is the first of all and which the store does not see. */
static bool
is_stamp(struct slice key)
{
	return key.n == period_stamp.n && memcmp(key.p, period_stamp.p, key.n) == 0;
}

static enum store_rc
copy_pair(struct arena *a, struct slice *key, struct slice *value)
{
	enum store_rc rc = copy_slice(a, key);

	return rc == ST_OK && value != NULL ? copy_slice(a, value) : rc;
}

static enum store_rc
engine_next(struct kv *kv, struct slice from, struct arena *a, struct slice *key,
    struct slice *value)
{
	const struct slice first = { "\0", 2 }; /* behind the stamp */
	struct engine *e = self(kv);
	enum store_rc rc = e->failed;

	if (is_stamp(from) || from.n == 0)
		from = first;
	if (rc == ST_OK)
		rc = result_of(e, "cursor", bdb_next(e->bdb, from, key, value));
	return rc == ST_OK ? copy_pair(a, key, value) : rc;
}

static enum store_rc
engine_prev(struct kv *kv, struct slice from, struct arena *a, struct slice *key,
    struct slice *value)
{
	struct engine *e = self(kv);
	enum store_rc rc = e->failed;

	if (rc == ST_OK)
		rc = result_of(e, "cursor", bdb_prev(e->bdb, from, key, value));
	if (rc == ST_OK && is_stamp(*key))
		rc = ST_NOTFOUND;
	return rc == ST_OK ? copy_pair(a, key, value) : rc;
}

/* Begins the transaction with the first change: reading needs none. */
static enum store_rc
begin_change(struct engine *e)
{
	int ret;

	if (e->failed != ST_OK || bdb_begun(e->bdb))
		return e->failed;
	if (e->mode == KV_READ) {
		log_error("store: an attempt to write in a period for reading");
		return ST_IO;
	}
	return (ret = period_change(e)) == 0 ? ST_OK : period_fail(e, "begin", ret);
}

static enum store_rc
engine_put(struct kv *kv, struct slice key, struct slice value)
{
	struct engine *e = self(kv);
	enum store_rc rc;

	if (key.n == 0 || key.n > KV_KEY || value.n > KV_VALUE)
		return ST_IO;
	if ((rc = begin_change(e)) != ST_OK)
		return rc;
	return result_of(e, "put", bdb_put(e->bdb, key, value));
}

static enum store_rc
engine_del(struct kv *kv, struct slice key)
{
	struct engine *e = self(kv);
	enum store_rc rc = begin_change(e);

	return rc == ST_OK ? result_of(e, "del", bdb_del(e->bdb, key)) : rc;
}

/* --- life ----------------------------------------------------------------------- */

static void
engine_close(struct kv *kv)
{
	struct engine *e = self(kv);

	period_close(e);
	bdb_sync_close(&e->sync);
	bdb_lock_close(&e->lock);
	free(e);
}

static const struct kv_ops engine_ops = { .begin = engine_begin,
	.commit = engine_commit,
	.abort = engine_abort,
	.get = engine_get,
	.put = engine_put,
	.del = engine_del,
	.next = engine_next,
	.prev = engine_prev,
	.close = engine_close };

bool
kv_bdb_worn(const struct kv *kv)
{
	return atomic_load(&((const struct engine *)(const void *)kv)->dropped) >= WORN;
}

/* Checks that the folder exists or can be made, and is not on a network file system. */
static enum store_rc
check_dir(const struct engine *e, char *err, size_t errlen)
{
	char db[INSTANCE_PATH + 16];
	const char *fs;

	(void)snprintf(db, sizeof db, "%s/store.db", e->dir);
	if (!e->create && access(db, F_OK) != 0) {
		(void)snprintf(err, errlen, "%.150s: %s", db, strerror(errno));
		return errno == ENOENT ? ST_NOTFOUND : ST_IO;
	}
	if (e->create && file_mkdirs(e->dir) != 0) {
		(void)snprintf(err, errlen, "%.150s: %s", e->dir, strerror(errno));
		return errno == ENOSPC ? ST_FULL : ST_IO;
	}
	if ((fs = kv_network_fs(e->dir)) != NULL) {
		(void)snprintf(err, errlen, "%.150s is on %s; the store needs a local file system",
		    e->dir, fs);
		return ST_IO;
	}
	return ST_OK;
}

/* Opens the database in one empty period, and recovers it if necessary. */
static enum store_rc
open_database(struct engine *e, char *err, size_t errlen)
{
	enum store_rc rc;

	if (file_room(e->sync.fd, ROOM) != 0) {
		(void)snprintf(err, errlen, "%.150s: the store needs %d more descriptors: %s",
		    e->dir, ROOM, strerror(errno));
		return ST_IO;
	}
	if ((rc = period_begin(e, KV_READ)) == ST_OK)
		return period_commit(e);
	(void)snprintf(err, errlen, "%.150s: the database cannot be opened; see the log", e->dir);
	return rc;
}

static enum store_rc
open_steps(struct engine *e, char *err, size_t errlen)
{
	enum store_rc rc = check_dir(e, err, errlen);

	if (rc != ST_OK || !bdb_lock_open(&e->lock, e->dir, &rc, err, errlen))
		return rc;
	if (!bdb_sync_open(&e->sync, e->dir, e->lock.page)) {
		(void)snprintf(err, errlen, "%.150s/sync: %s", e->dir, strerror(errno));
		bdb_lock_close(&e->lock);
		return ST_IO;
	}
	if ((rc = open_database(e, err, errlen)) == ST_OK)
		return ST_OK;
	period_drop(e);
	bdb_sync_close(&e->sync);
	bdb_lock_close(&e->lock);
	return rc;
}

struct kv *
kv_bdb_open(const struct settings *s, bool create, enum store_rc *rc, char *err, size_t errlen)
{
	struct engine *e = calloc(1, sizeof *e);

	if (e == NULL) {
		*rc = ST_NOMEM;
		(void)snprintf(err, errlen, "out of memory");
		return NULL;
	}
	e->kv.ops = &engine_ops;
	e->create = create;
	e->cache_mb = s->cache_mb;
	e->reserve = s->reserve_mb << 20;
	settings_path(s, "db", e->dir, sizeof e->dir);
	if ((*rc = open_steps(e, err, errlen)) == ST_OK)
		return &e->kv;
	free(e);
	return NULL;
}
