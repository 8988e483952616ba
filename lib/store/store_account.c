/* store_account: accounts; see store.h */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "store/kept/kept_record.h"
#include "store/migrate.h"
#include "store/queue/layout1.h"
#include "store/store_account_load.h"
#include "store/store_image.h"
#include "store/queue/once.h"
#include "store/store_session.h"

/* Moves an account's index entry from key old to key k (NULL: none). Returns ST_EXISTS if k is
 * taken. */
static enum store_rc
move_entry(struct txn *txn, uint64_t id, const struct key *old, const struct key *k)
{
	enum store_rc rc;
	uint64_t who;

	if (old != NULL && k != NULL && key_is(key_slice(old), k))
		return ST_OK;
	if (k != NULL) {
		if ((rc = txn_find_u64(txn, k, &who)) != ST_NOTFOUND)
			return rc == ST_OK ? ST_EXISTS : rc;
		if ((rc = txn_put_u64(txn, k, id)) != ST_OK)
			return rc;
	}
	return old != NULL ? txn_del(txn, old) : ST_OK;
}

/* Moves the account's three index entries from old (NULL: new account) to ac (NULL: account
 * removed). An empty user is in no index. */
static enum store_rc
index_account(struct txn *txn, uint64_t id, const struct account *old, const struct account *ac)
{
	struct key was[3], is[3];
	const struct account *both[2] = { old, ac };
	bool user[2] = { old != NULL && old->user[0] != '\0', ac != NULL && ac->user[0] != '\0' };
	enum store_rc rc;

	for (int i = 0; i < 2; i++) {
		struct key *k = i == 0 ? was : is;

		if (both[i] == NULL)
			continue;
		k[0] = key_text(TAB_NAME, both[i]->name);
		k[1] = key_secret(both[i]->key);
		k[2] = key_text(TAB_USER, both[i]->user);
	}
	for (int i = 0; i < 2; i++)
		if ((rc = move_entry(txn, id, old ? &was[i] : NULL, ac ? &is[i] : NULL)) != ST_OK)
			return rc;
	return move_entry(txn, id, user[0] ? &was[2] : NULL, user[1] ? &is[2] : NULL);
}

enum store_rc
store_account_fits(struct store *st, const struct account *ac, const char **key)
{
	uint64_t layout = STORE_LAYOUT;
	enum store_rc rc = ST_OK;

	if ((*key = account_newer(ac)) != NULL && (rc = store_layout(st, &layout)) == ST_OK &&
	    layout > 1)
		*key = NULL;
	return rc;
}

struct put_step {
	const struct account *given;
	uint64_t id; /* what it gets */
	uint32_t version;
	int64_t created;
};

static enum store_rc
put_account(struct txn *txn, void *ctx)
{
	struct put_step *s = ctx;
	struct account old, ac = *s->given;
	bool new = ac.id == 0, one = false;
	enum store_rc rc = layout1_is(txn, &one);
	struct key k;

	if (rc != ST_OK || (one && account_newer(&ac) != NULL))
		return rc != ST_OK ? rc : ST_CONFLICT;
	rc = new ? txn_new_id(txn, TAB_ACCOUNT, 1, &ac.id) : account_load(txn, ac.id, &old);
	if (rc == ST_OK && !new &&old.version != ac.version)
		return ST_CONFLICT;
	if (rc == ST_OK)
		rc = index_account(txn, ac.id, new ? NULL : &old, &ac);
	if (rc != ST_OK)
		return rc;
	ac.version = new ? 1 : ac.version + 1;
	if (new)
		ac.created = clock_now();
	account_encode(&ac, &txn->buf);
	k = key_id(TAB_ACCOUNT, ac.id);
	s->id = ac.id;
	s->version = ac.version;
	s->created = ac.created;
	return txn_put_buf(txn, &k);
}

enum store_rc
store_account_put(struct store *st, struct account *ac)
{
	struct put_step s = { .given = ac };
	enum store_rc rc = TXN_RUN(st, KV_GROW, put_account, &s);

	if (rc == ST_OK) {
		ac->id = s.id;
		ac->version = s.version;
		ac->created = s.created;
	}
	return rc;
}

struct gone_step {
	uint64_t id;
	const char *url;
};

static enum store_rc
put_gone(struct txn *txn, void *ctx)
{
	const struct gone_step *s = ctx;
	struct key k = key_id(TAB_ACCOUNT, s->id);
	struct account ac;
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc == ST_OK && one)
		rc = ST_CONFLICT;
	if (rc == ST_OK)
		rc = account_load(txn, s->id, &ac);
	if (rc == ST_OK && strcmp(ac.postback_url, s->url) != 0)
		rc = ST_CONFLICT;
	if (rc == ST_OK && ac.postback_gone != 0)
		rc = ST_EXISTS;
	if (rc != ST_OK)
		return rc;
	ac.version++;
	ac.postback_gone = clock_now();
	account_encode(&ac, &txn->buf);
	return txn_put_buf(txn, &k);
}

enum store_rc
store_account_gone(struct store *st, uint64_t id, const char *url)
{
	struct gone_step s = { id, url };

	return TXN_RUN(st, KV_DURABLE, put_gone, &s);
}

/* Reads the account that an index entry points at. */
static enum store_rc
by_index(struct store *st, const struct key *k, struct account *out)
{
	struct txn txn;
	uint64_t id;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = txn_find_u64(&txn, k, &id);
	if (rc == ST_OK && (rc = account_load(&txn, id, out)) == ST_NOTFOUND)
		rc = ST_CORRUPT;
	return txn_end(&txn, rc);
}

enum store_rc
store_account_by_key(struct store *st, const char *key, struct account *out)
{
	struct key k = key_secret(key);
	enum store_rc rc = by_index(st, &k, out);

	return rc == ST_OK && !crypt_equal(out->key, key) ? ST_NOTFOUND : rc;
}

enum store_rc
store_account_by_name(struct store *st, const char *name, struct account *out)
{
	struct key k = key_text(TAB_NAME, name);

	return by_index(st, &k, out);
}

enum store_rc
store_account_by_id(struct store *st, uint64_t id, struct account *out)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = account_load(&txn, id, out);
	return txn_end(&txn, rc);
}

/* Copies the name out of an entry's key. Returns false if it is none that an account can have. */
static bool
name_of(struct slice key, char name[ACCOUNT_NAME])
{
	if (key.n < 2 || key.n > ACCOUNT_NAME)
		return false;
	memcpy(name, (const char *)key.p + 1, key.n - 1);
	name[key.n - 1] = '\0';
	return true;
}

enum store_rc
store_account_next(struct store *st, char after[ACCOUNT_NAME], struct account *out)
{
	struct key from = key_text(TAB_NAME, after), table = key_of(TAB_NAME);
	struct slice key, v;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (after[0] != '\0')
		key_u8(&from, 0); /* the smallest key after it */
	if (rc == ST_OK)
		rc = txn_next(&txn, &from, &key, &v);
	if (rc == ST_OK && !key_has_prefix(key, &table, key.n))
		rc = ST_NOTFOUND;
	if (rc == ST_OK && !name_of(key, after))
		rc = ST_CORRUPT;
	if (rc == ST_OK && v.n != 8)
		rc = ST_CORRUPT;
	if (rc == ST_OK && (rc = account_load(&txn, slice_u64(v, 0), out)) == ST_NOTFOUND)
		rc = ST_CORRUPT;
	return txn_end(&txn, rc);
}

enum { KEPT_AT_ONCE = 500 }; /* answers removed in one transaction */

struct remove_step {
	uint64_t id;
	bool more; /* it is still there: only some of its kept answers are removed */
};

static enum store_rc
remove_account(struct txn *txn, void *ctx)
{
	struct remove_step *s = ctx;
	const uint64_t id = s->id;
	struct key total = key_id(TAB_TOTAL, id), k = key_id(TAB_ACCOUNT, id);
	struct account ac;
	bool images, once;
	uint64_t n;
	enum store_rc rc = account_load(txn, id, &ac);

	if (rc == ST_OK)
		rc = txn_get_u64(txn, &total, &n);
	if (rc == ST_OK)
		rc = image_any(txn, id, &images);
	if (rc == ST_OK)
		rc = once_any(txn, id, &once);
	if (rc == ST_OK && (n > 0 || images || once))
		return ST_EXISTS;
	if (rc == ST_OK)
		rc = kept_record_forget(txn, id, KEPT_AT_ONCE, &s->more);
	if (rc != ST_OK || s->more)
		return rc;
	rc = index_account(txn, id, &ac, NULL);
	if (rc == ST_OK)
		rc = session_end_all(txn, id);
	return rc == ST_OK ? txn_del(txn, &k) : rc;
}

enum store_rc
store_account_remove(struct store *st, uint64_t id)
{
	struct remove_step s = { .id = id };
	enum store_rc rc;

	do
		rc = TXN_RUN(st, KV_DURABLE, remove_account, &s);
	while (rc == ST_OK && s.more);
	return rc;
}
