/*
 * bdb: see bdb.h. Only this file and bdb_file.c know Berkeley DB 5.3.
 *
 * The page size is 4096, the block of the file systems, because the library needs atomic page
 * writes; a page that was torn nevertheless is detected (DB_CHKSUM). One process at a time is
 * inside, so the lock subsystem is left out and handles are not DB_THREAD: results stay in the
 * library's memory.
 *
 * Known limits: the library removes log files from before the last checkpoint (DB_LOG_AUTO_REMOVE).
 * To keep them for hot backups, change set_up_env() only.
 */
#include "store/bdb/bdb.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <db.h>

#include "base/log.h"

enum { PAGE = 4096, LOG_MAX = 8 << 20, LOG_BUFFER = 256 << 10 };

struct bdb {
	DB_ENV *env;
	DB *db;
	DB_TXN *txn;
	DBC *cursor;      /* opened when needed, closed at the end of the period */
	struct bdb *next; /* the next dropped handle */
};

const char *
bdb_text(int code)
{
	return db_strerror(code);
}

enum store_rc
bdb_rc(int code)
{
	switch (code) {
	case ENOSPC:
	case EDQUOT:
		return ST_FULL;
	case ENOMEM:
		return ST_NOMEM;
	case DB_VERSION_MISMATCH:
		return ST_SCHEMA;
	default:
		return ST_IO;
	}
}

static void
log_message(const DB_ENV *env, const char *prefix, const char *message)
{
	(void)env;
	(void)prefix;
	log_error("store: Berkeley DB: %s", message);
}

static int
set_up_env(DB_ENV *env, uint64_t cache_mb)
{
	int ret;

	env->set_errcall(env, log_message);
	if ((ret = env->set_cachesize(env, (u_int32_t)(cache_mb >> 10),
		 (u_int32_t)(cache_mb & 1023) << 20, 1)) != 0 ||
	    (ret = env->set_lg_max(env, LOG_MAX)) != 0 ||
	    (ret = env->set_lg_bsize(env, LOG_BUFFER)) != 0)
		return ret;
	return env->log_set_config(env, DB_LOG_AUTO_REMOVE, 1);
}

int
bdb_open_env(struct bdb **out, const char *dir, uint64_t cache_mb, enum bdb_open how)
{
	u_int32_t flags = DB_CREATE | DB_INIT_LOG | DB_INIT_MPOOL | DB_INIT_TXN;
	struct bdb *b = calloc(1, sizeof *b);
	int ret;

	*out = b;
	if (b == NULL)
		return ENOMEM;
	if ((ret = db_env_create(&b->env, 0)) != 0 || (ret = set_up_env(b->env, cache_mb)) != 0)
		return ret;
	return b->env->open(b->env, dir, how == BDB_RECOVER ? flags | DB_RECOVER : flags, 0600);
}

int
bdb_open_db(struct bdb *b, bool create)
{
	int ret = db_create(&b->db, b->env, 0);

	if (ret != 0 || (ret = b->db->set_pagesize(b->db, PAGE)) != 0 ||
	    (ret = b->db->set_flags(b->db, DB_CHKSUM)) != 0)
		return ret;
	return b->db->open(b->db, NULL, "store.db", NULL, DB_BTREE,
	    DB_AUTO_COMMIT | (create ? DB_CREATE : 0U), 0600);
}

int
bdb_close(struct bdb **b)
{
	/* no sync is needed: the log holds what the cache holds */
	int ret = (*b)->db->close((*b)->db, DB_NOSYNC), ret2 = (*b)->env->close((*b)->env, 0);

	free(*b);
	*b = NULL;
	return ret != 0 ? ret : ret2;
}

/* The dropped handles, kept only so that leak checkers see them. */
static struct bdb *_Atomic dropped;

void
bdb_drop(struct bdb **b)
{
	struct bdb *head = atomic_load(&dropped);

	if (*b == NULL)
		return;
	do
		(*b)->next = head;
	while (!atomic_compare_exchange_weak(&dropped, &head, *b));
	*b = NULL;
}

static int
close_cursor(struct bdb *b)
{
	DBC *c = b->cursor;

	b->cursor = NULL;
	return c != NULL ? c->close(c) : 0;
}

int
bdb_begin(struct bdb *b)
{
	int ret = close_cursor(b); /* the cursor is not part of the transaction */

	return ret != 0 ? ret : b->env->txn_begin(b->env, NULL, &b->txn, 0);
}

bool
bdb_begun(const struct bdb *b)
{
	return b->txn != NULL;
}

int
bdb_commit(struct bdb *b)
{
	int ret = close_cursor(b);
	DB_TXN *txn = b->txn;

	b->txn = NULL;
	return ret != 0 || txn == NULL ? ret : txn->commit(txn, DB_TXN_WRITE_NOSYNC);
}

int
bdb_abort(struct bdb *b)
{
	int ret = close_cursor(b);
	DB_TXN *txn = b->txn;

	b->txn = NULL;
	return ret != 0 || txn == NULL ? ret : txn->abort(txn);
}

/* --- records ---------------------------------------------------------------- */

static void
set_dbt(DBT *t, struct slice s)
{
	memset(t, 0, sizeof *t);
	t->data = (void *)(uintptr_t)s.p; /* the library does not write to it */
	t->size = (u_int32_t)s.n;
}

static int
result_of(int ret, const DBT *k, const DBT *v, struct slice *key, struct slice *value)
{
	if (ret == DB_NOTFOUND)
		return BDB_NONE;
	if (ret != 0)
		return ret;
	if (key != NULL)
		*key = (struct slice){ k->data, k->size };
	if (value != NULL)
		*value = (struct slice){ v->data, v->size };
	return 0;
}

int
bdb_get(struct bdb *b, struct slice key, struct slice *value)
{
	DBT k, v;

	set_dbt(&k, key);
	memset(&v, 0, sizeof v);
	return result_of(b->db->get(b->db, b->txn, &k, &v, 0), &k, &v, NULL, value);
}

/* Does not read a value that nobody wants: it may be on pages of its own. */
static void
set_result(DBT *v, const struct slice *wanted)
{
	memset(v, 0, sizeof *v);
	if (wanted == NULL)
		v->flags = DB_DBT_PARTIAL;
}

static int
open_cursor(struct bdb *b)
{
	return b->cursor != NULL ? 0 : b->db->cursor(b->db, b->txn, &b->cursor, 0);
}

int
bdb_next(struct bdb *b, struct slice from, struct slice *key, struct slice *value)
{
	int ret = open_cursor(b);
	DBT k, v;

	if (ret != 0)
		return ret;
	set_dbt(&k, from);
	set_result(&v, value);
	return result_of(b->cursor->get(b->cursor, &k, &v, DB_SET_RANGE), &k, &v, key, value);
}

int
bdb_prev(struct bdb *b, struct slice from, struct slice *key, struct slice *value)
{
	int ret = open_cursor(b);
	DBT k, v;

	if (ret != 0)
		return ret;
	set_dbt(&k, from);
	set_result(&v, NULL);
	ret = b->cursor->get(b->cursor, &k, &v, DB_SET_RANGE);
	if (ret != 0 && ret != DB_NOTFOUND)
		return ret;
	set_result(&v, value);
	ret = b->cursor->get(b->cursor, &k, &v, ret == 0 ? DB_PREV : DB_LAST);
	return result_of(ret, &k, &v, key, value);
}

int
bdb_put(struct bdb *b, struct slice key, struct slice value)
{
	DBT k, v;

	set_dbt(&k, key);
	set_dbt(&v, value);
	return b->db->put(b->db, b->txn, &k, &v, 0);
}

int
bdb_del(struct bdb *b, struct slice key)
{
	int ret;
	DBT k;

	set_dbt(&k, key);
	ret = b->db->del(b->db, b->txn, &k, 0);
	return ret == DB_NOTFOUND ? BDB_NONE : ret;
}

int
bdb_log(struct bdb *b, uint32_t *file, uint64_t *since)
{
	DB_LOG_STAT *s;
	int ret = b->env->log_stat(b->env, &s, 0);

	if (ret != 0)
		return ret;
	*file = s->st_cur_file;
	*since = ((uint64_t)s->st_wc_mbytes << 20) + s->st_wc_bytes;
	free(s);
	return 0;
}

int
bdb_checkpoint(struct bdb *b)
{
	return b->env->txn_checkpoint(b->env, 0, 0, DB_FORCE);
}
