/* store: opens and closes the store; see store.h */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/file.h"
#include "store/migrate.h"
#include "store/store_count.h"
#include "store/store_rate.h"
#include "store/store_txn.h"

/* Reads the version of the layout; 0: a new store. */
static enum store_rc
read_version(struct txn *txn, uint64_t *v)
{
	struct key k = key_of(TAB_VERSION);
	enum store_rc rc = txn_get_u64(txn, &k, v);

	return rc == ST_OK && *v > STORE_VERSION ? ST_SCHEMA : rc;
}

/* Gives a new store the present layout. */
static enum store_rc
write_version(struct txn *txn, void *ctx)
{
	struct key k = key_of(TAB_VERSION);
	uint64_t v = 0;
	enum store_rc rc = read_version(txn, &v);

	(void)ctx;
	return rc == ST_OK && v == 0 ? txn_put_u64(txn, &k, STORE_VERSION) : rc;
}

/* Refuses a store of a newer version, and completes a new one. Any other is only read: it opens on
 * a full disk, and one of an older layout stays in it until it is migrated. */
static enum store_rc
check_version(struct store *st)
{
	struct txn txn;
	uint64_t v = 0;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = read_version(&txn, &v);
	rc = txn_end(&txn, rc);
	return rc == ST_OK && v == 0 ? TXN_RUN(st, KV_DURABLE, write_version, &v) : rc;
}

static struct store *
finish_open(struct store *st, const char *counters, const char *rates, char err[STORE_ERR])
{
	enum store_rc rc;

	if (!crypt_init() || (st->counters = counters_open(counters)) == NULL ||
	    (st->rates = rates_open(rates)) == NULL) {
		(void)snprintf(err, STORE_ERR, "the counters cannot be opened");
		store_close(&st);
		return NULL;
	}
	if ((rc = check_version(st)) != ST_OK) {
		(void)snprintf(err, STORE_ERR, "the store cannot be opened: %s", store_rc_text(rc));
		store_close(&st);
	}
	return st;
}

/* Opens the mark, which says that this process knows the present layout. Without it, the process is
 * taken for an older one; it works all the same. */
static int
open_mark(const struct settings *s)
{
	char path[INSTANCE_PATH];

	settings_path(s, STORE_MARK, path, sizeof path);
	return open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
}

struct store *
store_open(const struct settings *s, bool create, char err[STORE_ERR])
{
	struct store *st = calloc(1, sizeof *st);
	char path[INSTANCE_PATH], rates[INSTANCE_PATH];
	enum store_rc rc;

	if (st == NULL) {
		(void)snprintf(err, STORE_ERR, "out of memory");
		return NULL;
	}
	st->bdb = true;
	st->mark = open_mark(s);
	if ((st->kv = kv_bdb_open(s, create, &rc, err, STORE_ERR)) == NULL) {
		file_close(&st->mark);
		free(st);
		return NULL;
	}
	settings_path(s, "db/counters", path, sizeof path);
	settings_path(s, "db/rates", rates, sizeof rates);
	return finish_open(st, path, rates, err);
}

struct store *
store_open_ram(void)
{
	struct store *st = calloc(1, sizeof *st);
	char err[STORE_ERR];

	if (st == NULL || (st->kv = kv_ram_open()) == NULL) {
		free(st);
		return NULL;
	}
	st->mark = -1;
	return finish_open(st, NULL, NULL, err);
}

void
store_close(struct store **st)
{
	if (*st == NULL)
		return;
	(*st)->kv->ops->close((*st)->kv);
	counters_close(&(*st)->counters);
	rates_close(&(*st)->rates);
	file_close(&(*st)->mark);
	free(*st);
	*st = NULL;
}

bool
store_worn(const struct store *st)
{
	return st->bdb && kv_bdb_worn(st->kv);
}

const char *
store_rc_text(enum store_rc rc)
{
	static const char *const text[] = { [ST_OK] = "done",
		[ST_NOTFOUND] = "not found",
		[ST_EXISTS] = "exists already",
		[ST_CONFLICT] = "changed by someone else",
		[ST_AGAIN] = "busy, try again",
		[ST_FULL] = "disk space is low",
		[ST_SCHEMA] = "written by a newer version of savemms",
		[ST_CORRUPT] = "a record cannot be read",
		[ST_NOMEM] = "out of memory",
		[ST_IO] = "input or output failed; see the log",
		[ST_REPEAT] = "others kept it from succeeding" };

	return text[rc];
}
