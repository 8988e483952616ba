/* kept: see kept.h */
#include "store/kept/kept.h"

#include <string.h>

#include "base/clock.h"
#include "store/kept/kept_record.h"
#include "store/queue/layout1.h"

enum { AT_CREATED = 1, AT_ACCOUNT = 9, AT_NAME = 17 };
_Static_assert((int)KEPT_AT_KEY == (int)KEPT_AT, "the walk keeps a whole key");

void
store_kept_use(struct kept_use *u, uint64_t account, const char *action, const char *key)
{
	char hex[SHA256_HEX];
	struct sha256 s;

	crypt_sha256_start(&s);
	crypt_sha256_add(&s, action, strlen(action) + 1);
	crypt_sha256_add(&s, key, strlen(key));
	crypt_sha256_end(&s, hex);
	(void)!crypt_digest_bytes(hex, u->name); /* it is always 64 hex digits */
	u->account = account;
	crypt_random(&u->token, sizeof u->token);
}

struct begin_step {
	const struct kept_use *use;
	struct arena *a; /* of the answer */
	bool takes;
	struct kept_begun b;
};

static enum store_rc
begin(struct txn *txn, void *ctx)
{
	struct begin_step *s = ctx;
	const int64_t now = clock_now();
	struct kept_record old, taken = { .seen = { .state = KEPT_RUNNING } };
	const struct key owner = key_id(TAB_ACCOUNT, s->use->account);
	struct slice found;
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc == ST_OK && one)
		rc = ST_CONFLICT;
	if (rc == ST_OK)
		rc = kept_record_load(txn, s->a, s->use, &old);
	if (rc != ST_OK)
		return rc;
	s->b.next = kept_next(&old.seen, s->use->print, now, s->b.ttl_s);
	s->b.answer = old.answer;
	s->b.left_ms = (old.seen.until - now + 999) / 1000;
	if (s->b.next != KEPT_RUN)
		return ST_OK;
	if ((rc = txn_get(txn, &owner, &found)) != ST_OK || !s->takes)
		return rc;
	taken.seen.created = now;
	taken.seen.until = now + (int64_t)s->b.lease_ms * 1000;
	memcpy(taken.seen.print, s->use->print, sizeof taken.seen.print);
	taken.token = s->use->token;
	return kept_record_write(txn, s->use, &old, &taken);
}

/* Writes an answer that is kept once more. A commit is seen by others before it is on disk; the one
 * that writes this is on disk when it returns, and so are all before it. */
static enum store_rc
settle(struct txn *txn, void *ctx)
{
	const struct begin_step *s = ctx;
	struct kept_record r;
	enum store_rc rc = kept_record_load(txn, txn->a, s->use, &r);

	if (rc == ST_OK && r.seen.state != KEPT_DONE)
		rc = ST_AGAIN; /* it was not there any more just now: the next try runs */
	return rc == ST_OK ? kept_record_write(txn, s->use, &r, &r) : rc;
}

/* Looks at the key, and takes it or not. A power cut may take back that it has begun, for it takes
 * the request too. */
static enum store_rc
decide(struct store *st, struct begin_step s, struct kept_begun *b)
{
	enum store_rc rc = TXN_RUN(st, s.takes ? KV_FAST : KV_READ, begin, &s);

	if (rc == ST_OK && s.b.next == KEPT_REPLAY && s.b.answer.code == E_NONE)
		rc = TXN_RUN(st, KV_DURABLE, settle, &s);
	if (rc == ST_OK)
		*b = s.b;
	return rc;
}

enum store_rc
store_kept_look(struct store *st, const struct kept_use *u, struct arena *a, struct kept_begun *b)
{
	return decide(st, (struct begin_step){ u, a, false, *b }, b);
}

enum store_rc
store_kept_begin(struct store *st, const struct kept_use *u, struct arena *a, struct kept_begun *b)
{
	return decide(st, (struct begin_step){ u, a, true, *b }, b);
}

struct end_step {
	const struct kept_use *use;
	const struct kept_answer *answer; /* NULL: the key is given back */
};

static enum store_rc
end(struct txn *txn, void *ctx)
{
	const struct end_step *s = ctx;
	struct kept_record old, done;
	enum store_rc rc = kept_record_load(txn, txn->a, s->use, &old);

	if (rc != ST_OK || old.seen.state != KEPT_RUNNING || old.token != s->use->token)
		return rc;
	if (s->answer == NULL)
		return kept_record_remove(txn, s->use, &old);
	done = old;
	done.seen.state = KEPT_DONE;
	done.answer = *s->answer;
	return kept_record_write(txn, s->use, &old, &done);
}

enum store_rc
store_kept_end(struct store *st, const struct kept_use *u, const struct kept_answer *answer)
{
	struct end_step s = { u, answer };
	/* Failures that somebody has kept must not take the reserve of the disk. */
	enum store_rc rc = answer != NULL ? TXN_RUN(st, KV_GROW, end, &s) : ST_FULL;

	if (rc != ST_FULL)
		return rc;
	s.answer = NULL;
	return TXN_RUN(st, KV_FAST, end, &s);
}

/* --- removing ------------------------------------------------------------------------------ */

/* Finds the first key behind x->after, and moves that to it. Returns ST_NOTFOUND if there is none.
 */
static enum store_rc
next_key(struct txn *txn, struct kept_expiry *x, struct slice *key)
{
	struct key table = key_of(TAB_KEPT_AT), from = table;
	enum store_rc rc;

	if (x->nafter > 0)
		key_behind(&from, (struct slice){ x->after, x->nafter });
	rc = txn_next(txn, &from, key, NULL);
	if (rc == ST_OK && !key_has_prefix(*key, &table, KEPT_AT))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	memcpy(x->after, key->p, KEPT_AT);
	x->nafter = KEPT_AT;
	return ST_OK;
}

/* Does so, but leaves out those that are young, which stand together: from behind the horizon on,
 * all are from before the clock was set back. */
static enum store_rc
next_old(struct txn *txn, struct kept_expiry *x, int64_t now, struct slice *key)
{
	struct key horizon;
	enum store_rc rc = next_key(txn, x, key);

	if (rc != ST_OK || !kept_young((int64_t)slice_u64(*key, AT_CREATED), now, x->ttl_s))
		return rc;
	horizon = key_id(TAB_KEPT_AT, (uint64_t)kept_horizon(now, x->ttl_s) + 1);
	memcpy(x->after, horizon.b, horizon.n);
	x->nafter = horizon.n;
	return next_key(txn, x, key);
}

/* Removes the next record that is over. One that cannot be read goes as well: it is of no use to
 * anybody. */
static enum store_rc
expire_next(struct txn *txn, struct kept_expiry *x, int64_t now)
{
	struct kept_use u;
	struct kept_record r;
	struct slice key;
	int64_t created;
	enum store_rc rc = next_old(txn, x, now, &key);

	if (rc != ST_OK)
		return rc;
	u.account = slice_u64(key, AT_ACCOUNT);
	memcpy(u.name, (const unsigned char *)key.p + AT_NAME, sizeof u.name);
	created = (int64_t)slice_u64(key, AT_CREATED);
	rc = kept_record_load(txn, txn->a, &u, &r);
	if (rc == ST_OK && !kept_over(&r.seen, now, x->ttl_s))
		return ST_OK;
	if (rc != ST_OK && rc != ST_CORRUPT)
		return rc;
	r.seen.created = created;
	x->removed++;
	return kept_record_remove(txn, &u, &r);
}

static enum store_rc
expire(struct txn *txn, void *ctx)
{
	struct kept_expiry *x = ctx;
	const int64_t now = clock_now();
	enum store_rc rc = ST_OK;

	x->removed = 0;
	for (size_t i = 0; rc == ST_OK && i < x->max; i++)
		if ((rc = expire_next(txn, x, now)) == ST_OK)
			rc = txn_forget(txn);
	x->over = rc == ST_NOTFOUND;
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
store_kept_expire(struct store *st, struct kept_expiry *x)
{
	struct kept_expiry to = *x;
	enum store_rc rc = TXN_RUN(st, KV_FAST, expire, &to);

	if (rc == ST_OK)
		*x = to;
	return rc;
}
