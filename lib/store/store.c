/* store: opens and closes the store; see store.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/log.h"
#include "store/store_count.h"
#include "store/store_queue.h"
#include "store/store_rate.h"

/* Reads the version of the layout; 0: a new store. */
static enum store_rc
read_version(struct txn *txn, uint64_t *v)
{
	struct key k = key_of(TAB_VERSION);
	enum store_rc rc = txn_get_u64(txn, &k, v);

	return rc == ST_OK && *v > STORE_VERSION ? ST_SCHEMA : rc;
}

/* Brings a new or an older store to the present layout, all or nothing. */
static enum store_rc
write_version(struct txn *txn, void *ctx)
{
	struct key k = key_of(TAB_VERSION);
	uint64_t v = 0;
	enum store_rc rc = read_version(txn, &v);

	(void)ctx;
	if (rc == ST_OK && v == 1) {
		log_info("store: the tables of the queue are made, which version 1 did not have");
		rc = queue_build(txn);
	}
	return rc == ST_OK && v < STORE_VERSION ? txn_put_u64(txn, &k, STORE_VERSION) : rc;
}

/* Refuses a store of a newer version, and completes a new or an older one. It only reads a store of
 * this version, which therefore opens on a full disk. */
static enum store_rc
check_version(struct store *st)
{
	struct txn txn;
	uint64_t v = 0;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = read_version(&txn, &v);
	rc = txn_end(&txn, rc);
	return rc == ST_OK && v < STORE_VERSION ? TXN_RUN(st, KV_DURABLE, write_version, &v) : rc;
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
	if ((st->kv = kv_bdb_open(s, create, &rc, err, STORE_ERR)) == NULL) {
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
