/*
 * bdb_file: completes a copy of a database that nobody uses yet, and checks its pages; see kv.h.
 * Only this file and bdb.c know Berkeley DB.
 *
 * A copy taken while others wrote has pages of different moments, and the log files from before the
 * first of them to the end of the last period. Recovery "for catastrophes" reads all of that log
 * and brings every page to its final state.
 *
 * On failure the copy is of no use; the log has the library's message.
 */
#include <errno.h>
#include <string.h>

#include <db.h>

#include "base/log.h"
#include "store/bdb/bdb.h"
#include "store/bdb/bdb_env.h"
#include "store/kv/kv.h"

enum { CACHE = 32 << 20 };

static void
log_message(const DB_ENV *env, const char *prefix, const char *message)
{
	(void)env;
	(void)prefix;
	log_error("store: Berkeley DB: copy: %s", message);
}

static int
seal(DB_ENV *env, const char *dir)
{
	u_int32_t flags = DB_CREATE | DB_INIT_LOG | DB_INIT_MPOOL | DB_INIT_TXN | DB_PRIVATE |
	    DB_RECOVER_FATAL;
	int ret;

	env->set_errcall(env, log_message);
	if ((ret = env->set_cachesize(env, 0, CACHE, 1)) != 0 ||
	    (ret = env->log_set_config(env, DB_LOG_AUTO_REMOVE, 1)) != 0 ||
	    (ret = env->open(env, dir, flags, 0600)) != 0)
		return ret;
	return env->txn_checkpoint(env, 0, 0, DB_FORCE);
}

enum store_rc
kv_bdb_seal(const char *dir)
{
	DB_ENV *env;
	int ret = db_env_create(&env, 0), ret2;

	if (ret == 0) {
		ret = seal(env, dir);
		ret2 = env->close(env, 0);
		ret = ret != 0 ? ret : ret2;
	}
	if (ret != 0)
		log_error("store: the copy in %s: %s", dir, db_strerror(ret));
	return ret == 0                                   ? ST_OK :
	    ret == DB_RUNRECOVERY || ret == DB_VERIFY_BAD ? ST_CORRUPT :
							    bdb_rc(ret);
}

/* A handle that the library does not close because a page was bad. It is kept only so that leak
 * checkers see it. */
static DB_ENV *_Atomic unclosed;

struct verify {
	void (*fault)(void *ctx, const char *text);
	void *ctx;
	bool any;
};

static void
report_fault(const DB_ENV *env, const char *prefix, const char *message)
{
	struct verify *v = env->app_private;

	(void)prefix;
	v->any = true;
	v->fault(v->ctx, message);
}

static int
verify(DB_ENV *env, struct verify *v, const char *name)
{
	DB *db;
	int ret;

	env->app_private = v;
	env->set_errcall(env, report_fault);
	if ((ret = db_create(&db, env, 0)) != 0)
		return ret;
	return db->verify(db, name, NULL, NULL, 0); /* this also ends the handle */
}

enum store_rc
kv_bdb_verify(const char *dir, void (*fault)(void *ctx, const char *text), void *ctx)
{
	struct verify v = { fault, ctx, false };
	DB_ENV *env;
	int ret, ret2;

	if ((ret = db_env_create(&env, 0)) != 0)
		return bdb_rc(ret);
	/* Not DB_PRIVATE: pages that the library loses when it finds one bad are then lost in
	 * region files, not in the memory of this process. */
	/* Temporary files of a large database go here, not to /tmp. */
	if ((ret = env->set_tmp_dir(env, dir)) == 0 &&
	    (ret = env->open(env, dir, DB_CREATE | DB_INIT_MPOOL, 0600)) == 0)
		ret = verify(env, &v, "store.db");
	if ((ret2 = env->close(env, 0)) != 0)
		unclosed = env;
	ret = ret != 0 ? ret : ret2;
	if (kv_regions_remove(dir) != 0)
		log_warn("store: the region files of %s cannot be removed: %s", dir,
		    strerror(errno));
	if (ret != 0 && !v.any)
		fault(ctx, db_strerror(ret));
	return ret == 0                                   ? ST_OK :
	    ret == DB_VERIFY_BAD || ret == DB_RUNRECOVERY ? ST_CORRUPT :
							    bdb_rc(ret);
}
