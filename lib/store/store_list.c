/*
 * store_list: lists of templates; see store_list.h.
 *
 * A list is one state of the store: what it tells was so at one moment between call and return. It
 * is read in several short periods, so that a long one does not keep others out. Each period looks
 * whether the list is still the one that the first period saw. If it is not, all is read again, in
 * longer periods, the longest of which hold everything. Records are decoded outside the lock.
 *
 * A list has not changed if its newest entry and its total are the same. For a template gets its
 * time of creation within a period, so what was added since stands before that entry, or stood
 * there and is gone. The entries behind it can only have become fewer, which the total would show.
 * Known limit: this is not so while the clock is set back.
 */
#include "store/store_list.h"

#include <string.h>

#include "store/store_template.h"

enum {
	TRIES = 8,
	LONGER = 8,            /* each try has periods so many times as long */
	BYTES = 1 << 20,       /* of records that a period of the first try reads */
	BYTES_MOST = 64 << 20, /* of any try */
	IDS_MOST = 256 << 20,
	RECORD_MEMORY = 64 << 20
};

/* What tells whether a list has changed. */
struct mark {
	struct key newest; /* n is 0: the list is empty */
	uint64_t total;
};

struct lister {
	struct store *st;
	const struct template_query *q;
	const struct template_reader *reader; /* NULL: only ids are wanted */
	struct arena *a;                      /* holds id; made anew for each try */
	struct mark mark;
	bool marked, over, told; /* the mark is set, all ids are found, begin() is called */
	struct key at;           /* the last entry seen */
	uint64_t seen, total;
	uint64_t *id;
	size_t max, n, next;   /* ids wanted and found; the first whose record is not read yet */
	size_t entries, bytes; /* that a period may read */
};

/* The records read in one period. */
struct records {
	struct arena *a;
	struct slice *v;
	size_t n;
};

/* Returns a key behind all entries of the account's list. */
static struct key
list_end(uint64_t account)
{
	struct key k = key_id(TAB_LIST, account);

	key_u64(&k, UINT64_MAX);
	key_u64(&k, UINT64_MAX);
	key_u8(&k, 0);
	return k;
}

/* Returns where the list that is asked for begins: behind its first entry. */
static struct key
list_begin(const struct template_query *q)
{
	struct key k = key_id(TAB_LIST, q->account);

	if (q->before_id == 0)
		return list_end(q->account);
	key_u64(&k, (uint64_t)q->before_created);
	key_u64(&k, q->before_id);
	return k;
}

/* Finds the entry before *at and moves *at there. Returns ST_NOTFOUND at the end of the list. */
static enum store_rc
entry_before(struct txn *txn, uint64_t account, struct key *at)
{
	struct key prefix = key_id(TAB_LIST, account);
	struct slice key;
	enum store_rc rc = txn_prev(txn, at, &key, NULL);

	if (rc == ST_OK && !key_has_prefix(key, &prefix, LIST_KEY))
		rc = ST_NOTFOUND;
	if (rc != ST_OK)
		return rc;
	at->n = 0;
	key_bytes(at, key.p, key.n);
	return ST_OK;
}

static enum store_rc
read_mark(struct txn *txn, uint64_t account, struct mark *out)
{
	struct key total = key_id(TAB_TOTAL, account);
	enum store_rc rc;

	out->newest = list_end(account);
	if ((rc = entry_before(txn, account, &out->newest)) == ST_NOTFOUND)
		out->newest.n = 0;
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	return txn_get_u64(txn, &total, &out->total);
}

/* Begins with the list as it is now. */
static enum store_rc
start(struct lister *l, const struct mark *now)
{
	const struct template_query *q = l->q;

	l->mark = *now;
	l->marked = true;
	l->total = now->total;
	l->at = list_begin(q);
	l->max = q->max < now->total ? q->max : (size_t)now->total;
	l->over = q->since <= 0 && q->skip >= now->total;
	l->id = arena_array(l->a, l->max + 1, sizeof *l->id);
	return l->id != NULL ? ST_OK : ST_NOMEM;
}

/* Returns ST_CONFLICT if the list is no longer what it was in the first period. */
static enum store_rc
compare(struct txn *txn, struct lister *l)
{
	struct mark now;
	enum store_rc rc = read_mark(txn, l->q->account, &now);

	if (rc != ST_OK)
		return rc;
	if (!l->marked)
		return start(l, &now);
	return now.total == l->mark.total && now.newest.n == l->mark.newest.n &&
		memcmp(now.newest.b, l->mark.newest.b, now.newest.n) == 0 ?
	    ST_OK :
	    ST_CONFLICT;
}

/* Looks at one more entry. With since all that match are counted, wanted or not. */
static enum store_rc
walk_one(struct txn *txn, struct lister *l)
{
	enum store_rc rc = ST_NOTFOUND;

	if (l->n < l->max || l->q->since > 0)
		rc = entry_before(txn, l->q->account, &l->at);
	if (rc == ST_OK && (int64_t)slice_u64(key_slice(&l->at), 9) < l->q->since)
		rc = ST_NOTFOUND;
	if (rc == ST_NOTFOUND) {
		l->over = true;
		if (l->q->since > 0)
			l->total = l->seen;
		return ST_OK;
	}
	if (rc == ST_OK && l->seen++ >= l->q->skip && l->n < l->max)
		l->id[l->n++] = slice_u64(key_slice(&l->at), 17);
	return rc;
}

static enum store_rc
walk(struct txn *txn, struct lister *l)
{
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && !l->over && i < l->entries; i++) {
		rc = walk_one(txn, l);
		if (rc == ST_OK && i % STORE_SLICE == STORE_SLICE - 1)
			rc = txn_forget(txn);
	}
	return rc;
}

/* Reads the next records, as many as the period may. */
static enum store_rc
read_records(struct txn *txn, struct lister *l, struct records *out)
{
	enum store_rc rc = ST_OK;
	size_t bytes = 0;

	if ((out->v = arena_array(out->a, l->n - l->next + 1, sizeof *out->v)) == NULL)
		return ST_NOMEM;
	while (rc == ST_OK && l->next + out->n < l->n && bytes < l->bytes) {
		struct key k = key_id(TAB_TEMPLATE, l->id[l->next + out->n]);
		struct slice *v = &out->v[out->n];

		rc = txn->ops->get(txn->kv, key_slice(&k), out->a, v);
		if (rc == ST_OK)
			bytes += out->v[out->n++].n;
	}
	return rc == ST_NOTFOUND ? ST_CORRUPT : rc;
}

static enum store_rc
one_period(struct lister *l, struct records *out)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, l->st, KV_READ);

	if (rc == ST_OK)
		rc = compare(&txn, l);
	if (rc == ST_OK)
		rc = walk(&txn, l);
	if (rc == ST_OK && l->over && l->reader != NULL)
		rc = read_records(&txn, l, out);
	return txn_end(&txn, rc);
}

/* Passes the records on. Sets *more to false when the reader wants no more. */
static enum store_rc
pass_on(struct lister *l, const struct records *r, bool *more)
{
	for (size_t i = 0; *more && i < r->n; i++) {
		struct arena *a = arena_new(RECORD_MEMORY);
		struct template *t = a != NULL ?
		    template_decode_value(a, l->id[l->next++], r->v[i]) :
		    NULL;
		bool short_of_memory = a == NULL || arena_failed(a);

		if (t != NULL)
			*more = l->reader->take(l->reader->ctx, t);
		arena_free(&a);
		if (t == NULL)
			return short_of_memory ? ST_NOMEM : ST_CORRUPT;
	}
	return ST_OK;
}

static enum store_rc
step(struct lister *l, bool *more)
{
	struct records r = { .a = arena_new((size_t)BYTES_MOST + 2 * KV_VALUE) };
	enum store_rc rc = r.a != NULL ? one_period(l, &r) : ST_NOMEM;

	if (rc == ST_OK && l->over && l->reader != NULL && !l->told) {
		l->told = true;
		l->reader->begin(l->reader->ctx, l->total);
	}
	if (rc == ST_OK)
		rc = pass_on(l, &r, more);
	arena_free(&r.a);
	*more = *more && !(l->over && (l->reader == NULL || l->next == l->n));
	return rc;
}

/* Reads the whole list. Returns ST_CONFLICT if it has changed meanwhile. */
static enum store_rc
try_once(struct lister *l)
{
	bool more = true;
	enum store_rc rc = ST_OK;

	l->marked = l->over = l->told = false;
	l->seen = l->n = l->next = 0;
	if ((l->a = arena_new(IDS_MOST)) == NULL)
		return ST_NOMEM;
	while (rc == ST_OK && more)
		rc = step(l, &more);
	return rc;
}

/* Tries until the list did not change meanwhile. On ST_OK l->a is left to the caller. */
static enum store_rc
run(struct lister *l)
{
	enum store_rc rc = ST_CONFLICT;

	l->entries = STORE_SLICE;
	l->bytes = BYTES;
	for (int i = 0; rc == ST_CONFLICT && i < TRIES; i++) {
		if ((rc = try_once(l)) != ST_OK)
			arena_free(&l->a);
		l->entries *= LONGER;
		l->bytes = l->bytes < BYTES_MOST / LONGER ? l->bytes * LONGER : BYTES_MOST;
	}
	return rc == ST_CONFLICT ? ST_AGAIN : rc;
}

enum store_rc
store_template_each(struct store *st, const struct template_query *q,
    const struct template_reader *reader)
{
	struct lister l = { .st = st, .q = q, .reader = reader };
	enum store_rc rc = run(&l);

	arena_free(&l.a);
	return rc;
}

enum store_rc
store_template_find(struct store *st, const struct template_query *q, struct arena *a,
    struct template_found *out)
{
	struct lister l = { .st = st, .q = q };
	enum store_rc rc = run(&l);

	memset(out, 0, sizeof *out);
	if (rc == ST_OK && (out->id = arena_array(a, l.n + 1, sizeof *out->id)) == NULL)
		rc = ST_NOMEM;
	if (rc == ST_OK) {
		memcpy(out->id, l.id, l.n * sizeof *out->id);
		out->n = l.n;
		out->total = l.total;
	}
	arena_free(&l.a);
	return rc;
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
		if (v[i].p != NULL && (t[i] = template_decode_value(a, id[i], v[i])) == NULL)
			rc = arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	arena_free(&raw);
	return rc;
}
