/*
 * store: see store.h; opening, keys, and the transactions all tables are written in.
 *
 * Promises: a struct txn is one transaction of the engine. On failure it is aborted
 * and nothing of it stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "store/store_private.h"

/* --- keys ---------------------------------------------------------------------- */

void
key_bytes(struct key *k, const void *p, size_t n)
{
	if (n > sizeof k->b - k->n)
		n = sizeof k->b - k->n;	/* names are far shorter */
	memcpy(k->b + k->n, p, n);
	k->n += n;
}

void
key_u8(struct key *k, uint8_t v)
{
	key_bytes(k, &v, 1);
}

void
put_u64(void *p, uint64_t v)
{
	unsigned char *b = p;

	for (int i = 7; i >= 0; i--, v >>= 8)
		b[i] = (unsigned char)v;
}

uint64_t
slice_u64(struct slice s, size_t at)
{
	const unsigned char *b = s.p;
	uint64_t v = 0;

	for (size_t i = at; i < at + 8; i++)
		v = v << 8 | b[i];
	return v;
}

void
key_u64(struct key *k, uint64_t v)
{
	unsigned char b[8];

	put_u64(b, v);
	key_bytes(k, b, sizeof b);
}

struct key
key_of(enum table t)
{
	struct key k;

	k.n = 0;
	key_u8(&k, (uint8_t)t);
	return k;
}

struct key
key_id(enum table t, uint64_t id)
{
	struct key k = key_of(t);

	key_u64(&k, id);
	return k;
}

struct slice
key_slice(const struct key *k)
{
	return (struct slice){ k->b, k->n };
}

bool
key_has_prefix(struct slice s, const struct key *k, size_t len)
{
	return s.n == len && s.n >= k->n && memcmp(s.p, k->b, k->n) == 0;
}

bool
key_is(struct slice s, const struct key *k)
{
	return key_has_prefix(s, k, k->n);
}

void
key_behind(struct key *k, struct slice s)
{
	k->n = 0;
	key_bytes(k, s.p, s.n);
	key_u8(k, 0);
}

/* --- transactions -------------------------------------------------------------- */

enum store_rc
txn_begin(struct txn *txn, struct store *st, enum kv_durability d)
{
	enum store_rc rc;

	txn->st = st;
	txn->kv = st->kv;
	txn->ops = st->kv->ops;
	txn->inside = false;
	buf_init(&txn->buf, KV_VALUE);
	if ((txn->a = arena_new(STORE_ARENA)) == NULL)
		return ST_NOMEM;
	if ((rc = txn->ops->begin(txn->kv, d)) == ST_OK)
		txn->inside = true;
	return rc;
}

enum store_rc
txn_end(struct txn *txn, enum store_rc rc)
{
	if (txn->inside && rc == ST_OK)
		rc = txn->ops->commit(txn->kv);
	else if (txn->inside)
		txn->ops->abort(txn->kv);
	txn->inside = false;
	arena_free(&txn->a);
	buf_free(&txn->buf);
	return rc;
}

enum store_rc
txn_forget(struct txn *txn)
{
	arena_free(&txn->a);
	txn->a = arena_new(STORE_ARENA);
	return txn->a != NULL ? ST_OK : ST_NOMEM;
}

enum store_rc
txn_get(struct txn *txn, const struct key *k, struct slice *v)
{
	return txn->ops->get(txn->kv, key_slice(k), txn->a, v);
}

enum store_rc
txn_next(struct txn *txn, const struct key *from, struct slice *key, struct slice *v)
{
	return txn->ops->next(txn->kv, key_slice(from), txn->a, key, v);
}

enum store_rc
txn_prev(struct txn *txn, const struct key *from, struct slice *key, struct slice *v)
{
	return txn->ops->prev(txn->kv, key_slice(from), txn->a, key, v);
}

enum store_rc
txn_put(struct txn *txn, const struct key *k, const void *p, size_t n)
{
	return txn->ops->put(txn->kv, key_slice(k), (struct slice){ p, n });
}

enum store_rc
txn_put_buf(struct txn *txn, const struct key *k)
{
	if (!buf_ok(&txn->buf))
		return ST_NOMEM;
	return txn_put(txn, k, txn->buf.p, txn->buf.len);
}

enum store_rc
txn_put_u64(struct txn *txn, const struct key *k, uint64_t v)
{
	unsigned char b[8];

	put_u64(b, v);
	return txn_put(txn, k, b, sizeof b);
}

enum store_rc
txn_find_u64(struct txn *txn, const struct key *k, uint64_t *v)
{
	struct slice got;
	enum store_rc rc = txn_get(txn, k, &got);

	if (rc == ST_OK && got.n != 8)
		return ST_CORRUPT;
	if (rc == ST_OK)
		*v = slice_u64(got, 0);
	return rc;
}

enum store_rc
txn_get_u64(struct txn *txn, const struct key *k, uint64_t *v)
{
	enum store_rc rc = txn_find_u64(txn, k, v);

	if (rc != ST_NOTFOUND)
		return rc;
	*v = 0;
	return ST_OK;
}

/* A key that must be there. */
enum store_rc
txn_del(struct txn *txn, const struct key *k)
{
	enum store_rc rc = txn->ops->del(txn->kv, key_slice(k));

	return rc == ST_NOTFOUND ? ST_CORRUPT : rc;
}

enum store_rc
txn_clear(struct txn *txn, const struct key *k)
{
	enum store_rc rc = txn->ops->del(txn->kv, key_slice(k));

	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* A count that comes to 0 has no record. */
enum store_rc
txn_add(struct txn *txn, const struct key *k, int64_t change, uint64_t *now)
{
	enum store_rc rc = txn_get_u64(txn, k, now);

	if (rc != ST_OK)
		return rc;
	if (change < 0 && *now < (uint64_t)-change)
		return ST_CORRUPT;
	*now += (uint64_t)change;
	return *now == 0 ? txn_clear(txn, k) : txn_put_u64(txn, k, *now);
}

enum store_rc
txn_new_id(struct txn *txn, enum table t, uint64_t first, uint64_t *id)
{
	struct key k = key_of(TAB_COUNTER);
	enum store_rc rc;

	key_u8(&k, (uint8_t)t);
	if ((rc = txn_get_u64(txn, &k, id)) != ST_OK)
		return rc;
	*id = *id < first ? first : *id + 1;
	return txn_put_u64(txn, &k, *id);
}

/* --- life ---------------------------------------------------------------------- */

static enum store_rc
read_version(struct store *st)
{
	struct key k = key_of(TAB_VERSION);
	struct txn txn;
	uint64_t v = 0;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = txn_find_u64(&txn, &k, &v);
	if (rc == ST_OK && v > STORE_VERSION)
		rc = ST_SCHEMA;
	return txn_end(&txn, rc);
}

/* A new store gets the version of its layout, an old one must not be newer. One that
 * is there is only read, so that it opens on a full disk. */
static enum store_rc
check_version(struct store *st)
{
	struct key k = key_of(TAB_VERSION);
	struct txn txn;
	uint64_t v = 0;
	enum store_rc rc = read_version(st);

	if (rc != ST_NOTFOUND)
		return rc;
	if ((rc = txn_begin(&txn, st, KV_DURABLE)) == ST_OK)
		rc = txn_find_u64(&txn, &k, &v);
	if (rc == ST_NOTFOUND)
		rc = txn_put_u64(&txn, &k, STORE_VERSION);
	return txn_end(&txn, rc);
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
		(void)snprintf(err, STORE_ERR, "memory is short");
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
	static const char *const text[] = {
		[ST_OK] = "done", [ST_NOTFOUND] = "not found", [ST_EXISTS] = "exists already",
		[ST_CONFLICT] = "changed by someone else", [ST_AGAIN] = "busy, try again",
		[ST_FULL] = "disk space is short", [ST_SCHEMA] = "written by a newer version of savemms",
		[ST_CORRUPT] = "a record cannot be read", [ST_NOMEM] = "memory is short",
		[ST_IO] = "input or output failed; see the log"
	};

	return text[rc];
}
