/*
 * store_template: templates; see store.h.
 *
 * A list is read in several short periods, so that a long one does not keep others out; changes
 * made meanwhile may or may not show in it. Records are decoded outside the lock.
 */
#include <string.h>

#include "base/clock.h"
#include "store/store_index.h"
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

static struct template *
decode(struct arena *a, uint64_t id, struct slice v)
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

	if (rc == ST_OK && (*out = decode(txn->a, id, v)) == NULL)
		return arena_failed(txn->a) ? ST_NOMEM : ST_CORRUPT;
	return rc;
}

enum store_rc
template_write(struct txn *txn, const struct template *t)
{
	struct key k = key_id(TAB_TEMPLATE, t->id);
	unsigned char version[VERSION_BYTES];

	put_u64(version, t->version);
	buf_reset(&txn->buf);
	buf_add(&txn->buf, version, sizeof version);
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

struct create_step {
	struct template t; /* as it is written */
	struct job *jobs;  /* the caller's */
	size_t njobs;
	bool whole; /* only the commit was left to do */
};

static enum store_rc
create(struct txn *txn, void *ctx)
{
	struct create_step *s = ctx;
	struct template *t = &s->t;
	int64_t now = clock_now();
	enum store_rc rc = txn_new_id(txn, TAB_TEMPLATE, MMSID_FIRST, &t->id);

	t->created = now;
	t->version = 1;
	if (rc == ST_OK)
		rc = template_write(txn, t);
	if (rc == ST_OK)
		rc = list_change(txn, t->account, t, 1);
	if (rc == ST_OK)
		rc = list_change(txn, 0, t, 1);
	if (rc == ST_OK)
		rc = refs_change(txn, NULL, t, NULL);
	for (size_t i = 0; rc == ST_OK && i < s->njobs; i++) {
		s->jobs[i].mmsid = t->id;
		s->jobs[i].account = t->account;
		rc = job_insert(txn, &s->jobs[i], now);
	}
	s->whole = rc == ST_OK;
	return rc;
}

/* Writes a template once more, unchanged, if it is there. */
static enum store_rc
confirm(struct txn *txn, void *ctx)
{
	const struct create_step *s = ctx;
	struct template *there;
	enum store_rc rc = template_load(txn, s->t.id, &there);

	if (rc != ST_OK)
		return rc;
	if (there->created != s->t.created || there->account != s->t.account)
		return ST_NOTFOUND;
	return template_write(txn, there);
}

/* A commit whose write or sync failed with rc may still be in the log, and the next recovery would
 * find it: a template that is stored, though refused. So this function looks for it after that
 * recovery. If it is there, writing it once more, unchanged, makes sure that it is on disk; then
 * the template is stored. The time of creation identifies it: if the commit was lost, another
 * template may have its id by now. */
static enum store_rc
confirm_commit(struct store *st, struct create_step *s, enum store_rc rc)
{
	return TXN_RUN(st, KV_DURABLE, confirm, s) == ST_OK ? ST_OK : rc;
}

enum store_rc
store_template_create(struct store *st, struct template *t, struct job *jobs, size_t njobs)
{
	struct create_step s = { .t = *t, .jobs = jobs, .njobs = njobs };
	enum store_rc rc = t->account != 0 ? TXN_RUN(st, KV_GROW, create, &s) : ST_NOTFOUND;

	if (rc != ST_OK && s.whole)
		rc = confirm_commit(st, &s, rc);
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
	if (rc == ST_OK && (*out = decode(a, id, v)) == NULL)
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
remove_record(struct txn *txn, const struct template *t)
{
	struct key k = key_id(TAB_TEMPLATE, t->id);
	enum store_rc rc = job_delete_all(txn, t->id);

	if (rc == ST_OK)
		rc = posted_clear(txn, t->id);
	if (rc == ST_OK)
		rc = list_change(txn, t->account, t, -1);
	if (rc == ST_OK)
		rc = list_change(txn, 0, t, -1);
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
	return remove_record(txn, t);
}

enum store_rc
store_template_remove(struct store *st, uint64_t account, uint64_t id, struct arena *a,
    struct orphans *out)
{
	struct remove_step s = { .account = account, .id = id, .a = a };
	enum store_rc rc = TXN_RUN(st, KV_DURABLE, remove_template, &s);

	*out = rc == ST_OK ? s.orphans : (struct orphans){ NULL, 0 };
	return rc;
}

/* --- lists ---------------------------------------------------------------------- */

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

struct walk {
	struct key at; /* the last entry seen */
	uint64_t account, skip, seen;
	int64_t since;
	size_t max, n; /* ids wanted, found */
	uint64_t *id;
	bool count_on; /* walk to the end even if max are found */
	bool over;
};

static enum store_rc
walk_start(struct store *st, struct walk *w, struct arena *a, uint64_t *total)
{
	enum store_rc rc = store_template_count(st, w->account, total);

	if (rc != ST_OK)
		return rc;
	w->at = key_id(TAB_LIST, w->account);
	key_u64(&w->at, UINT64_MAX);
	key_u64(&w->at, UINT64_MAX);
	key_u8(&w->at, 0);
	if (w->max > *total)
		w->max = (size_t)*total;
	w->id = arena_array(a, w->max + 1, sizeof *w->id);
	return w->id != NULL ? ST_OK : ST_NOMEM;
}

/* Looks at one more entry. Returns ST_NOTFOUND at the end. */
static enum store_rc
walk_one(struct txn *txn, struct walk *w)
{
	struct key prefix = key_id(TAB_LIST, w->account);
	struct slice key;
	enum store_rc rc;

	if (w->n == w->max && !w->count_on)
		return ST_NOTFOUND;
	if ((rc = txn_prev(txn, &w->at, &key, NULL)) != ST_OK)
		return rc;
	if (!key_has_prefix(key, &prefix, LIST_KEY) || (int64_t)slice_u64(key, 9) < w->since)
		return ST_NOTFOUND;
	w->at.n = 0;
	key_bytes(&w->at, key.p, key.n);
	if (w->seen++ >= w->skip && w->n < w->max)
		w->id[w->n++] = slice_u64(key, 17);
	return ST_OK;
}

/* Finds the ids of a page. Reads one slice of entries in each period. */
static enum store_rc
walk_all(struct store *st, struct walk *w)
{
	while (!w->over) {
		struct txn txn;
		enum store_rc rc = txn_begin(&txn, st, KV_READ);

		for (int i = 0; rc == ST_OK && i < STORE_SLICE; i++)
			rc = walk_one(&txn, w);
		if (rc == ST_NOTFOUND) {
			w->over = true;
			rc = ST_OK;
		}
		if ((rc = txn_end(&txn, rc)) != ST_OK)
			return rc;
	}
	return ST_OK;
}

enum store_rc
store_template_read(struct store *st, const uint64_t *id, size_t n, struct arena *a,
    struct template **t)
{
	struct slice v[TEMPLATES_READ];
	struct arena *raw = n <= TEMPLATES_READ ?
	    arena_new((size_t)TEMPLATES_READ * (KV_VALUE + 4096)) :
	    NULL;
	struct txn txn;
	enum store_rc rc;

	if (raw == NULL)
		return ST_NOMEM;
	rc = txn_begin(&txn, st, KV_READ);
	for (size_t i = 0; rc == ST_OK && i < n; i++) {
		struct key k = key_id(TAB_TEMPLATE, id[i]);

		v[i].p = NULL;
		if ((rc = txn.ops->get(txn.kv, key_slice(&k), raw, &v[i])) == ST_NOTFOUND)
			rc = ST_OK;
	}
	rc = txn_end(&txn, rc);
	for (size_t i = 0; rc == ST_OK && i < n; i++)
		if (v[i].p != NULL && (t[i] = decode(a, id[i], v[i])) == NULL)
			rc = arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	arena_free(&raw);
	return rc;
}

enum store_rc
store_template_find(struct store *st, const struct template_query *q, struct arena *a,
    struct template_found *out)
{
	struct walk w = { .account = q->account,
		.since = q->since,
		.skip = q->skip,
		.max = q->max,
		.count_on = q->since > 0 };
	enum store_rc rc;

	memset(out, 0, sizeof *out);
	if ((rc = walk_start(st, &w, a, &out->total)) != ST_OK ||
	    (q->since <= 0 && q->skip >= out->total))
		return rc;
	if ((rc = walk_all(st, &w)) != ST_OK)
		return rc;
	if (q->since > 0)
		out->total = w.seen;
	out->id = w.id;
	out->n = w.n;
	return ST_OK;
}

enum store_rc
store_template_list(struct store *st, const struct template_query *q, struct arena *a,
    struct template_page *out)
{
	struct template_found f;
	enum store_rc rc = store_template_find(st, q, a, &f);

	memset(out, 0, sizeof *out);
	if (rc != ST_OK)
		return rc;
	out->total = f.total;
	if ((out->t = arena_array(a, f.n + 1, sizeof(struct template *))) == NULL)
		return ST_NOMEM;
	for (size_t i = 0; rc == ST_OK && i < f.n; i += TEMPLATES_READ)
		rc = store_template_read(st, &f.id[i],
		    f.n - i < TEMPLATES_READ ? f.n - i : TEMPLATES_READ, a, &out->t[i]);
	for (size_t i = 0; rc == ST_OK && i < f.n; i++)
		if (out->t[i] != NULL)
			out->t[out->n++] = out->t[i];
	return rc;
}
