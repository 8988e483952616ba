/* store_message: messages, and the ways to find them; see store.h */
#include <inttypes.h>
#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/kept/kept_record.h"
#include "store/rules/message_rules.h"
#include "store/store_index.h"
#include "store/queue/layout1.h"
#include "store/store_message.h"
#include "store/store_posted.h"

enum { VERSION_BYTES = 8 };

struct key
message_by_key(enum by by, const char *what, const char *more)
{
	char sha[SHA256_HEX];
	struct key k = key_of(TAB_MESSAGE_BY);

	key_u8(&k, (uint8_t)by);
	key_bytes(&k, what, strlen(what));
	if (by == BY_TRANSPORT) { /* a transport's id may be long, and is only compared */
		crypt_sha256_hex(more, strlen(more), sha);
		key_u8(&k, 0);
		key_bytes(&k, sha, SHA256_HEX - 1);
	}
	return k;
}

struct key
message_sent_key(uint64_t account, uint64_t id)
{
	struct key k = key_id(TAB_SENT, account);

	key_u64(&k, id);
	return k;
}

static struct message *
decode(struct arena *a, uint64_t id, struct slice v)
{
	struct message *m;

	if (v.n < VERSION_BYTES ||
	    (m = message_decode(a, (const char *)v.p + VERSION_BYTES, v.n - VERSION_BYTES)) == NULL)
		return NULL;
	m->id = id;
	m->version = (uint32_t)slice_u64(v, 0);
	return m;
}

enum store_rc
message_load(struct txn *txn, struct arena *a, uint64_t id, struct message **out)
{
	struct key k = key_id(TAB_MESSAGE, id);
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	if (rc == ST_OK && (*out = decode(a, id, v)) == NULL)
		return arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	return rc;
}

enum store_rc
message_write(struct txn *txn, const struct message *m)
{
	struct key k = key_id(TAB_MESSAGE, m->id);
	unsigned char version[VERSION_BYTES];
	const struct message old = layout1_message(m);
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc != ST_OK)
		return rc;
	put_u64(version, m->version);
	buf_reset(&txn->buf);
	buf_add(&txn->buf, version, sizeof version);
	message_encode(one ? &old : m, &txn->buf);
	return txn_put_buf(txn, &k);
}

enum store_rc
message_queue_postback(struct txn *txn, const struct message *m, const char *body)
{
	struct job j = { .kind = JOB_POSTBACK,
		.account = m->account,
		.mmsid = m->mmsid,
		.message = m->id,
		.body = body };

	return job_insert(txn, &j, clock_now());
}

static enum store_rc
put_indexes(struct txn *txn, const struct message *m)
{
	const struct key by[] = {
		message_sent_key(m->account, m->id),
		message_sent_key(0, m->id),
		message_by_key(BY_TRACKING, m->tracking, ""),
		message_by_key(BY_TOKEN, m->token, ""),
	};
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && i < sizeof by / sizeof by[0]; i++)
		rc = i < 2 ? txn_put(txn, &by[i], "", 0) : txn_put_u64(txn, &by[i], m->id);
	return rc;
}

void
message_begin(struct message *m)
{
	m->version = 1;
	m->state = MESSAGE_QUEUED;
	crypt_random_text(m->tracking, TRACKING - 1);
	crypt_random_text(m->token, TRACKING - 1);
}

enum store_rc
message_insert(struct txn *txn, struct message *m)
{
	enum store_rc rc = txn_new_id(txn, TAB_MESSAGE, 1, &m->id);

	m->created = clock_now();
	if (rc == ST_OK)
		rc = message_write(txn, m);
	return rc == ST_OK ? put_indexes(txn, m) : rc;
}

enum store_rc
message_queue_delivery(struct txn *txn, uint64_t account, uint64_t mmsid, uint64_t message)
{
	struct job j = { .kind = JOB_DELIVER,
		.account = account,
		.mmsid = mmsid,
		.message = message };

	return job_insert(txn, &j, clock_now());
}

struct create_step {
	struct message *m; /* as it is written; each run sets all that it sets */
	const struct keep *keep;
};

static enum store_rc
create(struct txn *txn, void *ctx)
{
	const struct create_step *s = ctx;
	struct message *m = s->m;
	struct key template = key_id(TAB_TEMPLATE, m->mmsid);
	struct key sent = key_id(TAB_ONCE, m->account);
	struct slice v;
	enum store_rc rc = txn_get(txn, &template, &v);

	if (rc != ST_OK)
		return rc;
	key_u64(&sent, m->mmsid);
	if ((rc = txn_get(txn, &sent, &v)) != ST_NOTFOUND)
		return rc == ST_OK ? ST_NOTFOUND : rc; /* it belongs to the message of sendMMS */
	rc = message_insert(txn, m);
	if (rc == ST_OK)
		rc = message_queue_delivery(txn, m->account, m->mmsid, m->id);
	return rc == ST_OK ? kept_record_commit(txn, s->keep, m->mmsid, m) : rc;
}

enum store_rc
store_message_create(struct store *st, struct message *m, const struct keep *keep)
{
	struct message made = *m; /* its texts are made before it is written */
	struct create_step s = { &made, keep };
	enum store_rc rc;

	message_begin(&made);
	rc = TXN_RUN(st, KV_GROW, create, &s);
	m->id = 0;
	if (rc == ST_OK)
		*m = made;
	return rc;
}

/* --- finding ------------------------------------------------------------------------- */

enum store_rc
store_message_get(struct store *st, uint64_t id, struct arena *a, struct message **out)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = message_load(&txn, a, id, out);
	return txn_end(&txn, rc);
}

static enum store_rc
get_by(struct store *st, const struct key *by, struct arena *a, struct message **out)
{
	struct txn txn;
	uint64_t id;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = txn_find_u64(&txn, by, &id);
	if (rc == ST_OK && (rc = message_load(&txn, a, id, out)) == ST_NOTFOUND)
		rc = ST_CORRUPT;
	return txn_end(&txn, rc);
}

/* Returns true for a text of the form that the store makes; no other is looked up. */
static bool
our_text(const char *s)
{
	return strlen(s) == TRACKING - 1 && ascii_only(s, ASCII_ALNUM);
}

enum store_rc
store_message_by_tracking(struct store *st, const char *tracking, struct arena *a,
    struct message **out)
{
	struct key k = message_by_key(BY_TRACKING, our_text(tracking) ? tracking : "", "");

	return our_text(tracking) ? get_by(st, &k, a, out) : ST_NOTFOUND;
}

enum store_rc
store_message_by_token(struct store *st, const char *token, struct arena *a, struct message **out)
{
	struct key k = message_by_key(BY_TOKEN, our_text(token) ? token : "", "");

	return our_text(token) ? get_by(st, &k, a, out) : ST_NOTFOUND;
}

enum store_rc
store_message_by_transport(struct store *st, const char *transport, const char *transport_id,
    struct arena *a, struct message **out)
{
	struct key k = message_by_key(BY_TRANSPORT, transport, transport_id);

	return get_by(st, &k, a, out);
}

enum store_rc
store_message_prev(struct store *st, uint64_t account, uint64_t *before, struct arena *a,
    struct message **out)
{
	struct key list = key_id(TAB_SENT, account), from = message_sent_key(account, *before);
	struct slice key;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = txn_prev(&txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, &list, SENT_KEY))
		rc = ST_NOTFOUND;
	if (rc == ST_OK) {
		*before = slice_u64(key, ID_KEY);
		if ((rc = message_load(&txn, a, *before, out)) == ST_NOTFOUND)
			rc = ST_CORRUPT;
	}
	return txn_end(&txn, rc);
}

static enum store_rc
count_view(struct txn *txn, void *ctx)
{
	const uint64_t *id = ctx;
	struct message *m;
	enum store_rc rc = message_load(txn, txn->a, *id, &m);

	if (rc != ST_OK)
		return rc;
	m->opened++;
	return message_write(txn, m);
}

enum store_rc
store_message_opened(struct store *st, uint64_t id)
{
	return TXN_RUN(st, KV_FAST, count_view, &id);
}

/* --- removing ------------------------------------------------------------------------ */

/* Removes the entry of the transport's id, unless the id belongs to a younger message by now: MMSCs
 * count, and begin anew. */
static enum store_rc
forget_transport_id(struct txn *txn, const struct message *m)
{
	struct key by = message_by_key(BY_TRANSPORT, m->transport, m->transport_id);
	uint64_t id = 0;
	enum store_rc rc = txn_get_u64(txn, &by, &id);

	return rc == ST_OK && id == m->id ? txn_clear(txn, &by) : rc;
}

static enum store_rc
remove_message(struct txn *txn, const struct message *m)
{
	const struct key gone[] = {
		message_sent_key(m->account, m->id),
		message_sent_key(0, m->id),
		message_by_key(BY_TRACKING, m->tracking, ""),
		message_by_key(BY_TOKEN, m->token, ""),
		key_id(TAB_MESSAGE, m->id),
	};
	enum store_rc rc = job_delete_all(txn, OF_MESSAGE | m->id);

	if (rc == ST_OK)
		rc = forget_transport_id(txn, m);
	if (rc == ST_OK)
		rc = posted_clear(txn, OF_MESSAGE | m->id);
	for (size_t i = 0; rc == ST_OK && i < sizeof gone / sizeof gone[0]; i++)
		rc = txn_clear(txn, &gone[i]);
	return rc;
}

/* Looks at the first message after *after, and moves *after to it. Sets *young if the message is
 * not older than before; then no later one is. A message that still waits, or that cannot be read,
 * stays and holds up no other. */
static enum store_rc
expire_next(struct txn *txn, int64_t before, uint64_t *after, bool *young, bool *gone)
{
	struct key list = key_id(TAB_SENT, 0), from = message_sent_key(0, *after + 1);
	struct message *m;
	struct slice key;
	enum store_rc rc = txn_next(txn, &from, &key, NULL);

	if (rc == ST_OK && !key_has_prefix(key, &list, SENT_KEY))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	*after = slice_u64(key, ID_KEY);
	if ((rc = message_load(txn, txn->a, *after, &m)) != ST_OK) {
		if (rc == ST_CORRUPT || rc == ST_NOTFOUND)
			log_error("store: message %" PRIu64 " cannot be read, and is kept", *after);
		return rc == ST_CORRUPT || rc == ST_NOTFOUND ? ST_OK : rc;
	}
	switch (message_expires(m, before)) {
	case EXPIRE_REMOVE:
		*gone = true;
		return remove_message(txn, m);
	case EXPIRE_STOP:
		*young = true;
		return ST_OK;
	default:
		return ST_OK;
	}
}

static enum store_rc
expire(struct txn *txn, void *ctx)
{
	struct message_expiry *x = ctx;
	bool young = false;
	enum store_rc rc = ST_OK;

	x->removed = 0;
	for (size_t i = 0; rc == ST_OK && !young && i < x->max; i++) {
		bool gone = false;

		rc = expire_next(txn, x->before, &x->after, &young, &gone);
		x->removed += rc == ST_OK && gone;
		if (rc == ST_OK)
			rc = txn_forget(txn);
	}
	x->over = young || rc == ST_NOTFOUND;
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
store_message_expire(struct store *st, struct message_expiry *x)
{
	struct message_expiry to = *x;
	enum store_rc rc = TXN_RUN(st, KV_DURABLE, expire, &to);

	if (rc == ST_OK)
		*x = to;
	return rc;
}
