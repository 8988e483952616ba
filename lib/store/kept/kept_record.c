/* kept_record: see kept_record.h */
#include "store/kept/kept_record.h"

#include <string.h>

#include "base/record.h"

enum { STATUS_MIN = 100, STATUS_MAX = 599, AT_ACCOUNT = 1, AT_NAME = 9 };

static const struct record_form record_form = { "kept", 1 };

struct key
kept_record_key(uint64_t account, const unsigned char name[SHA256_BYTES])
{
	struct key k = key_id(TAB_KEPT, account);

	key_bytes(&k, name, SHA256_BYTES);
	return k;
}

struct key
kept_record_at(int64_t created, uint64_t account, const unsigned char name[SHA256_BYTES])
{
	struct key k = key_id(TAB_KEPT_AT, (uint64_t)created);

	key_u64(&k, account);
	key_bytes(&k, name, SHA256_BYTES);
	return k;
}

/* Reads the field that r stands at. */
static void
read_field(struct record *r, struct kept_record *out)
{
	if (record_is(r, "created"))
		out->seen.created = (int64_t)record_number(r, 0, INT64_MAX);
	else if (record_is(r, "until"))
		out->seen.until = (int64_t)record_number(r, 0, INT64_MAX);
	else if (record_is(r, "token"))
		out->token = record_number(r, 0, UINT64_MAX);
	else if (record_is(r, "print"))
		record_text(r, out->seen.print, sizeof out->seen.print);
	else if (record_is(r, "status"))
		out->answer.status = (unsigned)record_number(r, STATUS_MIN, STATUS_MAX);
	else if (record_is(r, "dialect"))
		out->answer.dialect = (enum dialect)record_number(r, 0, DIALECTS - 1);
	else if (record_is(r, "result"))
		r->bad = r->bad || (out->answer.code = error_by_code(r->value)) == E_NONE;
	else if (record_is(r, "body"))
		out->answer.body = r->value;
	else
		r->bad = true;
}

enum store_rc
kept_record_read(struct arena *a, struct slice v, struct kept_record *out)
{
	struct record r;

	*out = (struct kept_record){ .seen = { .state = KEPT_RUNNING } };
	if (!record_open(&r, a, v.p, v.n, &record_form))
		return arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	while (record_next(&r))
		read_field(&r, out);
	if (out->answer.body != NULL)
		out->seen.state = KEPT_DONE;
	if (!record_whole(&r) || !crypt_is_sha256_hex(out->seen.print) ||
	    (out->answer.body != NULL) != (out->answer.status != 0))
		return arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	return ST_OK;
}

enum store_rc
kept_record_load(struct txn *txn, struct arena *a, const struct kept_use *u,
    struct kept_record *out)
{
	struct key k = kept_record_key(u->account, u->name);
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	*out = (struct kept_record){ .seen = { .state = KEPT_FREE } };
	if (rc == ST_NOTFOUND)
		return ST_OK;
	return rc == ST_OK ? kept_record_read(a, v, out) : rc;
}

static void
encode(const struct kept_record *r, struct buf *b)
{
	const struct kept_answer *an = &r->answer;

	buf_reset(b);
	record_start(b, &record_form);
	record_u64(b, "created", (uint64_t)r->seen.created);
	record_str(b, "print", r->seen.print);
	if (r->seen.state == KEPT_RUNNING) {
		record_u64(b, "until", (uint64_t)r->seen.until);
		record_u64(b, "token", r->token);
	} else {
		record_u64(b, "status", an->status);
		record_u64(b, "dialect", an->dialect);
		record_str(b, "result", error_code(an->code));
		record_str(b, "body", an->body);
	}
	record_end(b);
}

enum store_rc
kept_record_write(struct txn *txn, const struct kept_use *u, const struct kept_record *old,
    const struct kept_record *r)
{
	struct key k = kept_record_key(u->account, u->name),
		   before = kept_record_at(old->seen.created, u->account, u->name),
		   at = kept_record_at(r->seen.created, u->account, u->name);
	const bool exists = old->seen.state != KEPT_FREE,
		   moves = !exists || old->seen.created != r->seen.created;
	enum store_rc rc = exists && moves ? txn_clear(txn, &before) : ST_OK;

	encode(r, &txn->buf);
	if (rc == ST_OK)
		rc = txn_put_buf(txn, &k);
	return rc == ST_OK && moves ? txn_put(txn, &at, "", 0) : rc;
}

enum store_rc
kept_record_remove(struct txn *txn, const struct kept_use *u, const struct kept_record *old)
{
	struct key k = kept_record_key(u->account, u->name),
		   at = kept_record_at(old->seen.created, u->account, u->name);
	enum store_rc rc = txn_clear(txn, &at);

	return rc == ST_OK ? txn_clear(txn, &k) : rc;
}

/* Removes the account's first record. Returns ST_NOTFOUND if it has none. One that cannot be read
 * leaves its place in the order, which the sweep removes. */
static enum store_rc
forget_first(struct txn *txn, const struct key *of)
{
	struct kept_use u = { .account = slice_u64(key_slice(of), AT_ACCOUNT) };
	struct kept_record r;
	struct slice key, v;
	enum store_rc rc = txn_next(txn, of, &key, &v);

	if (rc == ST_OK && !key_has_prefix(key, of, KEPT_KEY))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	memcpy(u.name, (const unsigned char *)key.p + AT_NAME, sizeof u.name);
	rc = kept_record_read(txn->a, v, &r);
	return rc == ST_OK || rc == ST_CORRUPT ? kept_record_remove(txn, &u, &r) : rc;
}

enum store_rc
kept_record_forget(struct txn *txn, uint64_t account, size_t max, bool *more)
{
	const struct key of = key_id(TAB_KEPT, account);
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && i < max; i++)
		if ((rc = forget_first(txn, &of)) == ST_OK)
			rc = txn_forget(txn);
	*more = rc == ST_OK;
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
kept_record_commit(struct txn *txn, const struct keep *k, uint64_t mmsid, const struct message *m)
{
	struct kept_record old, done;
	enum store_rc rc = ST_OK;

	if (k == NULL || (rc = kept_record_load(txn, txn->a, &k->use, &old)) != ST_OK)
		return rc;
	if (old.seen.state != KEPT_RUNNING || old.token != k->use.token)
		return ST_CONFLICT;
	done = old;
	done.seen.state = KEPT_DONE;
	if (!k->write(k->ctx, mmsid, m, &done.answer))
		return ST_NOMEM;
	return kept_record_write(txn, &k->use, &old, &done);
}
