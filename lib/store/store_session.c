/*
 * store_session: who is signed in to the console; see session.h.
 *
 * The store keeps only the SHA-256 of the id that a browser shows: nobody who reads the store or a
 * backup can use it. An account has at most SESSIONS_MAX sessions; a new one replaces those that
 * are over and then the one unused longest. The use of a session is written at most once a minute,
 * and not synced: a power cut may end a session early. Ending one is synced.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/record.h"
#include "store/rules/session_rules.h"
#include "store/store_session.h"

enum { SESSIONS_MAX = 20, RANDOM = 32 };

static const struct record_form record_form = { "session", 1 };

/* Turns "<account>-<random>" into the key. Returns false if id has another form. */
static bool
session_key(const char *id, struct key *k)
{
	const char *dash = strchr(id, '-');
	char number[24], hex[SHA256_HEX];
	uint64_t account;

	if (dash == NULL || (size_t)(dash - id) >= sizeof number || strlen(dash + 1) != RANDOM)
		return false;
	(void)snprintf(number, sizeof number, "%.*s", (int)(dash - id), id);
	if (!num_u64(number, 1, INT64_MAX, &account))
		return false;
	crypt_sha256_hex(id, strlen(id), hex);
	*k = key_id(TAB_SESSION, account);
	key_bytes(k, hex, strlen(hex));
	return true;
}

static enum store_rc
read_session(struct arena *a, struct slice key, struct slice v, struct session *out)
{
	struct record r;

	*out = (struct session){ .account = slice_u64(key, 1) };
	if (!record_open(&r, a, v.p, v.n, &record_form))
		return arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	while (record_next(&r)) {
		if (record_is(&r, "created"))
			out->created = (int64_t)record_number(&r, 0, INT64_MAX);
		else if (record_is(&r, "seen"))
			out->seen = (int64_t)record_number(&r, 0, INT64_MAX);
		else if (record_is(&r, "mark"))
			record_text(&r, out->mark, sizeof out->mark);
		else
			r.bad = true;
	}
	return record_whole(&r) ? ST_OK : arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
}

bool
session_readable(struct arena *a, struct slice key, struct slice v)
{
	struct session se;

	return read_session(a, key, v, &se) == ST_OK;
}

static enum store_rc
write_session(struct txn *txn, const struct key *k, const struct session *se)
{
	buf_reset(&txn->buf);
	record_start(&txn->buf, &record_form);
	record_u64(&txn->buf, "created", (uint64_t)se->created);
	record_u64(&txn->buf, "seen", (uint64_t)se->seen);
	record_str(&txn->buf, "mark", se->mark);
	record_end(&txn->buf);
	return txn_put_buf(txn, k);
}

/* Finds the next session of the account at or after *at, and moves *at past it. */
static enum store_rc
next_session(struct txn *txn, uint64_t account, struct key *at, struct key *found,
    struct session *se)
{
	const struct key of = key_id(TAB_SESSION, account);
	struct slice key, v;
	enum store_rc rc = txn_next(txn, at, &key, &v);

	if (rc == ST_OK && !key_has_prefix(key, &of, SESSION_KEY))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	found->n = 0;
	key_bytes(found, key.p, key.n);
	key_behind(at, key);
	if ((rc = read_session(txn->a, key, v, se)) == ST_CORRUPT) {
		se->created = se->seen = 0; /* long over */
		rc = ST_OK;
	}
	return rc;
}

/* Makes room for one more session. */
static enum store_rc
make_room(struct txn *txn, uint64_t account, const struct session_limits *l)
{
	struct key at = key_id(TAB_SESSION, account), found, oldest;
	int64_t now = clock_now(), seen = INT64_MAX;
	struct session se;
	unsigned n = 0;
	enum store_rc rc;

	while ((rc = next_session(txn, account, &at, &found, &se)) == ST_OK) {
		if (session_over(&se, l, now)) {
			if ((rc = txn_del(txn, &found)) != ST_OK)
				return rc;
			continue;
		}
		n++;
		if (se.seen < seen) {
			seen = se.seen;
			oldest = found;
		}
	}
	if (rc != ST_NOTFOUND)
		return rc;
	return n >= SESSIONS_MAX ? txn_del(txn, &oldest) : ST_OK;
}

struct create_step {
	struct key k;
	struct session se;
	const struct session_limits *l;
};

static enum store_rc
create(struct txn *txn, void *ctx)
{
	const struct create_step *s = ctx;
	enum store_rc rc = make_room(txn, s->se.account, s->l);

	return rc == ST_OK ? write_session(txn, &s->k, &s->se) : rc;
}

enum store_rc
store_session_create(struct store *st, uint64_t account, const struct session_limits *l,
    const char *mark, char id[SESSION_ID])
{
	struct create_step s = { .se = { .account = account, .created = clock_now() }, .l = l };
	char random[RANDOM + 1];

	crypt_random_text(random, RANDOM);
	(void)snprintf(id, SESSION_ID, "%" PRIu64 "-%s", account, random);
	(void)snprintf(s.se.mark, sizeof s.se.mark, "%s", mark);
	s.se.seen = s.se.created;
	return session_key(id, &s.k) ? TXN_RUN(st, KV_FAST, create, &s) : ST_CORRUPT;
}

struct use_step {
	const struct key *k;
	const struct session *se; /* as it is written */
};

static enum store_rc
write_use(struct txn *txn, void *ctx)
{
	const struct use_step *s = ctx;
	struct slice v;
	enum store_rc rc = txn_get(txn, s->k, &v); /* signed out meanwhile? */

	return rc == ST_OK ? write_session(txn, s->k, s->se) : rc;
}

/* Records that the session is used now. A full disk does not end a session. */
static enum store_rc
note_use(struct store *st, const struct key *k, struct session *se)
{
	struct use_step s = { k, se };
	enum store_rc rc;

	se->seen = clock_now();
	rc = TXN_RUN(st, KV_FAST, write_use, &s);
	return rc == ST_FULL ? ST_OK : rc;
}

enum store_rc
store_session_use(struct store *st, const char *id, const struct session_limits *l,
    struct session *out)
{
	struct slice v;
	struct txn txn;
	struct key k;
	enum store_rc rc;

	if (!session_key(id, &k))
		return ST_NOTFOUND;
	if ((rc = txn_begin(&txn, st, KV_READ)) == ST_OK)
		rc = txn_get(&txn, &k, &v);
	if (rc == ST_OK)
		rc = read_session(txn.a, key_slice(&k), v, out);
	if ((rc = txn_end(&txn, rc)) != ST_OK)
		return rc == ST_CORRUPT ? ST_NOTFOUND : rc;
	if (session_over(out, l, clock_now()))
		return ST_NOTFOUND;
	return session_worth_noting(out, l, clock_now()) ? note_use(st, &k, out) : ST_OK;
}

static enum store_rc
end(struct txn *txn, void *ctx)
{
	const struct key *k = ctx;

	return txn_clear(txn, k);
}

enum store_rc
store_session_end(struct store *st, const char *id)
{
	struct key k;

	/* A power cut must not bring back a session that somebody ended. */
	return session_key(id, &k) ? TXN_RUN(st, KV_DURABLE, end, &k) : ST_OK;
}

enum store_rc
session_end_all(struct txn *txn, uint64_t account)
{
	struct key at = key_id(TAB_SESSION, account), found;
	struct session se;
	enum store_rc rc;

	while ((rc = next_session(txn, account, &at, &found, &se)) == ST_OK)
		if ((rc = txn_del(txn, &found)) != ST_OK)
			return rc;
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

static enum store_rc
end_all(struct txn *txn, void *ctx)
{
	const uint64_t *account = ctx;

	return session_end_all(txn, *account);
}

enum store_rc
store_session_end_all(struct store *st, uint64_t account)
{
	return TXN_RUN(st, KV_DURABLE, end_all, &account);
}
