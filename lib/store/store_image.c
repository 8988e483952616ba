/*
 * store_image: image templates; see store.h. A record is written as a whole, even when it replaces
 * another; the list of an account is an index of keys without values.
 */
#include <string.h>

#include "base/clock.h"
#include "store/store_account_load.h"
#include "store/store_image.h"
#include "store/store_refs.h"

struct key
image_list_key(uint64_t account, uint64_t id)
{
	struct key k = key_id(TAB_IMAGES, account);

	key_u64(&k, id);
	return k;
}

static enum store_rc
decode(struct arena *a, uint64_t id, struct slice v, struct image_template **out)
{
	*out = image_template_decode(a, v.p, v.n);
	if (*out == NULL)
		return arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	(*out)->id = id;
	return ST_OK;
}

enum store_rc
image_load(struct txn *txn, uint64_t id, struct image_template **out)
{
	struct key k = key_id(TAB_IMAGE, id);
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	return rc == ST_OK ? decode(txn->a, id, v, out) : rc;
}

/* Finds the id of the account's first image template with an id above after. */
static enum store_rc
next_key(struct txn *txn, uint64_t account, uint64_t after, uint64_t *id)
{
	struct key from = image_list_key(account, after), list = key_id(TAB_IMAGES, account);
	struct slice key;
	enum store_rc rc;

	key_u8(&from, 0); /* the smallest key after it */
	if ((rc = txn_next(txn, &from, &key, NULL)) != ST_OK)
		return rc;
	if (!key_has_prefix(key, &list, IMAGES_KEY))
		return ST_NOTFOUND;
	*id = slice_u64(key, 9);
	return ST_OK;
}

enum store_rc
image_any(struct txn *txn, uint64_t account, bool *any)
{
	uint64_t id;
	enum store_rc rc = next_key(txn, account, 0, &id);

	*any = rc == ST_OK;
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

struct image_step {
	struct image_template it; /* as it is written */
	uint64_t account, id;     /* of the one to remove */
	char orphan[SHA256_HEX];  /* "": none */
};

static enum store_rc
write_image(struct txn *txn, const struct image_template *it)
{
	struct key k = key_id(TAB_IMAGE, it->id);

	buf_reset(&txn->buf);
	image_template_encode(it, &txn->buf);
	return txn_put_buf(txn, &k);
}

static enum store_rc
create(struct txn *txn, void *ctx)
{
	struct image_template *it = &((struct image_step *)ctx)->it;
	struct account ac;
	struct key list;
	uint64_t left;
	enum store_rc rc = account_load(txn, it->account, &ac);

	if (rc == ST_OK)
		rc = txn_new_id(txn, TAB_IMAGE, 1, &it->id);
	if (rc != ST_OK)
		return rc;
	it->created = clock_now();
	list = image_list_key(it->account, it->id);
	if ((rc = write_image(txn, it)) == ST_OK)
		rc = txn_put(txn, &list, "", 0);
	return rc == ST_OK ? refs_add(txn, it->sha, 1, &left) : rc;
}

enum store_rc
store_image_create(struct store *st, struct image_template *it)
{
	struct image_step s = { .it = *it };
	enum store_rc rc = TXN_RUN(st, KV_GROW, create, &s);

	it->id = rc == ST_OK ? s.it.id : 0;
	if (rc == ST_OK)
		it->created = s.it.created;
	return rc;
}

static enum store_rc
replace(struct txn *txn, void *ctx)
{
	struct image_step *s = ctx;
	struct image_template *was;
	uint64_t left = 1;
	enum store_rc rc = image_load(txn, s->it.id, &was);

	if (rc != ST_OK || was->account != s->it.account)
		return rc == ST_OK ? ST_NOTFOUND : rc;
	s->it.created = was->created;
	if (strcmp(was->sha, s->it.sha) != 0) {
		if ((rc = refs_add(txn, s->it.sha, 1, &left)) == ST_OK)
			rc = refs_add(txn, was->sha, -1, &left);
		if (rc == ST_OK && left == 0)
			memcpy(s->orphan, was->sha, SHA256_HEX);
	}
	return rc == ST_OK ? write_image(txn, &s->it) : rc;
}

/* Tells the caller which blob nothing refers to any more. */
static enum store_rc
tell_orphan(const struct image_step *s, enum store_rc rc, char orphan[SHA256_HEX])
{
	orphan[0] = '\0';
	if (rc == ST_OK)
		memcpy(orphan, s->orphan, SHA256_HEX);
	return rc;
}

enum store_rc
store_image_replace(struct store *st, struct image_template *it, char orphan[SHA256_HEX])
{
	struct image_step s = { .it = *it };
	enum store_rc rc = TXN_RUN(st, KV_GROW, replace, &s);

	if (rc == ST_OK)
		it->created = s.it.created;
	return tell_orphan(&s, rc, orphan);
}

enum store_rc
store_image_get(struct store *st, uint64_t account, uint64_t id, struct arena *a,
    struct image_template **out)
{
	struct key k = key_id(TAB_IMAGE, id);
	struct slice v;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = txn_get(&txn, &k, &v);
	if (rc == ST_OK)
		rc = decode(a, id, v, out);
	if (rc == ST_OK && account != 0 && (*out)->account != account)
		rc = ST_NOTFOUND;
	return txn_end(&txn, rc);
}

enum store_rc
store_image_next(struct store *st, uint64_t account, uint64_t *after, struct arena *a,
    struct image_template **out)
{
	struct slice v;
	struct txn txn;
	struct key k;
	uint64_t id = 0;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = next_key(&txn, account, *after, &id);
	if (rc == ST_OK) {
		*after = id;
		k = key_id(TAB_IMAGE, id);
		if ((rc = txn_get(&txn, &k, &v)) == ST_NOTFOUND)
			rc = ST_CORRUPT;
	}
	if (rc == ST_OK)
		rc = decode(a, id, v, out);
	return txn_end(&txn, rc);
}

static enum store_rc
remove_image(struct txn *txn, void *ctx)
{
	struct image_step *s = ctx;
	struct key k = key_id(TAB_IMAGE, s->id), list;
	struct image_template *it;
	uint64_t left;
	enum store_rc rc = image_load(txn, s->id, &it);

	if (rc != ST_OK)
		return rc;
	if (s->account != 0 && it->account != s->account)
		return ST_NOTFOUND;
	list = image_list_key(it->account, s->id);
	if ((rc = refs_add(txn, it->sha, -1, &left)) == ST_OK && left == 0)
		memcpy(s->orphan, it->sha, SHA256_HEX);
	if (rc == ST_OK)
		rc = txn_del(txn, &list);
	return rc == ST_OK ? txn_del(txn, &k) : rc;
}

enum store_rc
store_image_remove(struct store *st, uint64_t account, uint64_t id, char orphan[SHA256_HEX])
{
	struct image_step s = { .account = account, .id = id };

	return tell_orphan(&s, TXN_RUN(st, KV_DURABLE, remove_image, &s), orphan);
}
