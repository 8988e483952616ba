/*
 * store_handset: the handsets last seen for numbers; see store.h.
 *
 * A value is the handset's name, a byte 0 and the time of the report. Values of version 0.1.0 are
 * the name alone: the time at which the sweep first sees one stands for that of its report.
 */
#include <string.h>

#include "base/clock.h"
#include "store/store_handset.h"

enum { TIME_BYTES = 8 };

static struct key
handset_key(const char *number)
{
	return key_text(TAB_HANDSET, number);
}

enum store_rc
handset_load(struct txn *txn, const char *number, struct arena *a, const char **name)
{
	struct key k = handset_key(number);
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	/* the copy ends with a 0 in any case */
	if (rc == ST_OK && (*name = arena_memdup(a, v.p, v.n)) == NULL)
		rc = ST_NOMEM;
	return rc;
}

/* Returns the length of the name in a value. */
static size_t
name_length(struct slice v)
{
	const char *end = v.n > 0 ? memchr(v.p, '\0', v.n) : NULL;

	return end != NULL ? (size_t)(end - (const char *)v.p) : v.n;
}

bool
handset_readable(struct slice v)
{
	size_t n = name_length(v);

	return n > 0 && (v.n == n || v.n == n + 1 + TIME_BYTES);
}

/* Returns the time of the report; 0 if the value does not tell. */
static int64_t
seen_at(struct slice v)
{
	size_t n = name_length(v);

	return v.n == n + 1 + TIME_BYTES ? (int64_t)slice_u64(v, n + 1) : 0;
}

static enum store_rc
write_handset(struct txn *txn, const struct key *k, struct slice name)
{
	unsigned char seen[1 + TIME_BYTES] = { 0 };

	put_u64(seen + 1, (uint64_t)clock_now());
	buf_reset(&txn->buf);
	buf_add(&txn->buf, name.p, name.n);
	buf_add(&txn->buf, seen, sizeof seen);
	return txn_put_buf(txn, k);
}

enum store_rc
handset_remember(struct txn *txn, const char *number, const char *name)
{
	struct key k = handset_key(number);

	return name[0] != '\0' ? write_handset(txn, &k, (struct slice){ name, strlen(name) }) :
				 ST_OK;
}

enum store_rc
store_handset_get(struct store *st, const char *number, struct arena *a, const char **name)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = handset_load(&txn, number, a, name);
	return txn_end(&txn, rc);
}

/* Looks at the first handset at or after *at, and moves *at past it. Returns ST_NOTFOUND at the
 * end. */
static enum store_rc
expire_next(struct txn *txn, struct key *at, int64_t before, bool *gone)
{
	struct key table = key_of(TAB_HANDSET), k;
	int64_t seen, now = clock_now();
	struct slice key, v;
	enum store_rc rc = txn_next(txn, at, &key, &v);

	if (rc == ST_OK && !key_has_prefix(key, &table, key.n))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	k.n = 0;
	key_bytes(&k, key.p, key.n);
	key_behind(at, key);
	seen = seen_at(v);
	if (seen <= 0 || seen > now) /* or the clock was set back */
		return write_handset(txn, &k, (struct slice){ v.p, name_length(v) });
	*gone = seen < before;
	return *gone ? txn_del(txn, &k) : ST_OK;
}

static enum store_rc
expire(struct txn *txn, void *ctx)
{
	struct handset_expiry *x = ctx;
	struct key at = handset_key(x->after);
	enum store_rc rc = ST_OK;

	if (x->after[0] != '\0')
		key_u8(&at, 0);
	x->removed = 0;
	for (size_t i = 0; rc == ST_OK && i < x->max; i++) {
		bool gone = false;

		rc = expire_next(txn, &at, x->before, &gone);
		x->removed += rc == ST_OK && gone;
		if (rc == ST_OK)
			rc = txn_forget(txn);
	}
	/* at: the table's letter, the number, 0 */
	memcpy(x->after, at.b + 1, at.n - 1);
	x->after[sizeof x->after - 1] = '\0';
	x->over = rc == ST_NOTFOUND;
	return x->over ? ST_OK : rc;
}

enum store_rc
store_handset_expire(struct store *st, struct handset_expiry *x)
{
	struct handset_expiry to = *x;
	enum store_rc rc = TXN_RUN(st, KV_FAST, expire, &to);

	if (rc == ST_OK)
		*x = to;
	return rc;
}
