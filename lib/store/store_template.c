/*
 * store_template: templates; see store.h. Records are decoded outside the lock where they can be.
 */
#include <string.h>

#include "base/clock.h"
#include "store/kept/kept_record.h"
#include "store/store_index.h"
#include "store/queue/layout1.h"
#include "store/queue/once.h"
#include "store/store_posted.h"
#include "store/store_refs.h"
#include "store/store_template.h"

enum { VERSION_BYTES = 8 };

struct key
template_list_key(uint64_t account, const struct template *t)
{
	struct key k = key_id(TAB_LIST, account);

	key_u64(&k, (uint64_t)t->created);
	key_u64(&k, t->id);
	return k;
}

struct template *
template_decode_value(struct arena *a, uint64_t id, struct slice v)
{
	struct template *t;

	if (v.n < VERSION_BYTES ||
	    (t = template_decode(a, (const char *)v.p + VERSION_BYTES, v.n - VERSION_BYTES)) ==
		NULL)
		return NULL;
	t->id = id;
	t->version = (uint32_t)slice_u64(v, 0);
	return t;
}

enum store_rc
template_load(struct txn *txn, uint64_t id, struct template **out)
{
	struct key k = key_id(TAB_TEMPLATE, id);
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	if (rc == ST_OK && (*out = template_decode_value(txn->a, id, v)) == NULL)
		return arena_failed(txn->a) ? ST_NOMEM : ST_CORRUPT;
	return rc;
}

enum store_rc
template_write(struct txn *txn, const struct template *t)
{
	struct key k = key_id(TAB_TEMPLATE, t->id);
	unsigned char version[VERSION_BYTES];
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc != ST_OK)
		return rc;
	put_u64(version, t->version);
	buf_reset(&txn->buf);
	buf_add(&txn->buf, version, sizeof version);
	if (one)
		template_encode_layout1(t, &txn->buf);
	else
		template_encode(t, &txn->buf);
	return txn_put_buf(txn, &k);
}

/* Adds the template to the list of account (0: all), or removes it from there. */
static enum store_rc
list_change(struct txn *txn, uint64_t account, const struct template *t, int change)
{
	struct key total = key_id(TAB_TOTAL, account), k = template_list_key(account, t);
	uint64_t now;
	enum store_rc rc = change > 0 ? txn_put(txn, &k, "", 0) : txn_del(txn, &k);

	return rc == ST_OK ? txn_add(txn, &total, change, &now) : rc;
}

enum store_rc
template_insert(struct txn *txn, struct template *t, struct job *jobs, size_t njobs)
{
	int64_t now = clock_now();
	enum store_rc rc = txn_new_id(txn, TAB_TEMPLATE, MMSID_FIRST, &t->id);

	t->created = now;
	t->version = 1;
	if (rc == ST_OK)
		rc = template_write(txn, t);
	if (rc == ST_OK)
		rc = refs_change(txn, NULL, t, NULL);
	for (size_t i = 0; rc == ST_OK && i < njobs; i++) {
		jobs[i].mmsid = t->id;
		jobs[i].account = t->account;
		rc = job_insert(txn, &jobs[i], now);
	}
	return rc;
}

struct create_step {
	struct template t; /* as it is written */
	struct job *jobs;  /* the caller's */
	size_t njobs;
	const struct keep *keep;
};

static enum store_rc
create(struct txn *txn, void *ctx)
{
	struct create_step *s = ctx;
	struct template *t = &s->t;
	enum store_rc rc = template_insert(txn, t, s->jobs, s->njobs);

	if (rc == ST_OK)
		rc = list_change(txn, t->account, t, 1);
	if (rc == ST_OK)
		rc = list_change(txn, 0, t, 1);
	return rc == ST_OK ? kept_record_commit(txn, s->keep, t->id, NULL) : rc;
}

enum store_rc
store_template_create(struct store *st, struct template *t, struct job *jobs, size_t njobs,
    const struct keep *keep)
{
	struct create_step s = { .t = *t, .jobs = jobs, .njobs = njobs, .keep = keep };
	enum store_rc rc = t->account != 0 ? TXN_RUN(st, KV_GROW, create, &s) : ST_NOTFOUND;

	t->id = 0;
	if (rc == ST_OK)
		*t = s.t;
	return rc;
}

enum store_rc
store_template_get(struct store *st, uint64_t account, uint64_t id, struct arena *a,
    struct template **out)
{
	struct key k = key_id(TAB_TEMPLATE, id);
	struct arena *raw = arena_new(STORE_ARENA);
	struct slice v;
	struct txn txn;
	enum store_rc rc;

	if (raw == NULL)
		return ST_NOMEM;
	if ((rc = txn_begin(&txn, st, KV_READ)) == ST_OK)
		rc = txn.ops->get(txn.kv, key_slice(&k), raw, &v);
	rc = txn_end(&txn, rc);
	if (rc == ST_OK && (*out = template_decode_value(a, id, v)) == NULL)
		rc = arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	if (rc == ST_OK && account != 0 && (*out)->account != account)
		rc = ST_NOTFOUND;
	arena_free(&raw);
	return rc;
}

/* --- removing ------------------------------------------------------------------- */

struct remove_step {
	uint64_t account, id;
	struct arena *a; /* of the orphans */
	struct orphans orphans;
};

static enum store_rc
remove_record(struct txn *txn, const struct template *t, bool *queued)
{
	struct key k = key_id(TAB_TEMPLATE, t->id);
	enum store_rc rc = job_delete_all(txn, t->id);

	if (rc == ST_OK)
		rc = posted_clear(txn, t->id);
	if (rc == ST_OK && (rc = once_remove(txn, t, queued)) == ST_NOTFOUND) {
		rc = list_change(txn, t->account, t, -1); /* it is in lists, as all others are */
		if (rc == ST_OK)
			rc = list_change(txn, 0, t, -1);
	}
	return rc == ST_OK ? txn_del(txn, &k) : rc;
}

static enum store_rc
remove_template(struct txn *txn, void *ctx)
{
	struct remove_step *s = ctx;
	struct orphans gone;
	struct template *t;
	enum store_rc rc = template_load(txn, s->id, &t);

	if (rc == ST_OK && s->account != 0 && t->account != s->account)
		return ST_NOTFOUND;
	if (rc == ST_OK)
		rc = refs_change(txn, t, NULL, &gone);
	if (rc != ST_OK)
		return rc;
	s->orphans.n = gone.n;
	if ((s->orphans.sha = arena_array(s->a, gone.n + 1, sizeof *gone.sha)) == NULL)
		return ST_NOMEM;
	memcpy(s->orphans.sha, gone.sha, gone.n * sizeof *gone.sha);
	return remove_record(txn, t, &s->orphans.queued);
}

enum store_rc
store_template_remove(struct store *st, uint64_t account, uint64_t id, struct arena *a,
    struct orphans *out)
{
	struct remove_step s = { .account = account, .id = id, .a = a };
	enum store_rc rc = TXN_RUN(st, KV_DURABLE, remove_template, &s);

	*out = rc == ST_OK ? s.orphans : (struct orphans){ .n = 0 };
	return rc;
}

enum store_rc
store_template_count(struct store *st, uint64_t account, uint64_t *n)
{
	struct key k = key_id(TAB_TOTAL, account);
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = txn_get_u64(&txn, &k, n);
	return txn_end(&txn, rc);
}
