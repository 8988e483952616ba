/*
 * store_discard: removes a job that the operator gives up, also one whose record cannot be used.
 *
 * What such a record would say is read from the keys of the entries that name the job; for that the
 * whole queue is looked at, a slice at a time, so that nobody waits for it. What was found is
 * removed in one transaction. The entry among the jobs of the template or message tells most, so it
 * is looked for last: what it says holds.
 */
#include "store/queue/once.h"
#include "store/queue/queue.h"
#include "store/store_index.h"
#include "store/store_message.h"
#include "store/store_template.h"

/* Entries that are removed at once. Three at most name a job; if a damaged queue has more than
 * that, discarding the job again removes the rest. */
enum { ENTRIES = 32 };

/* The tables whose keys name jobs. */
static const struct listing {
	enum table table;
	size_t key, at_kind, at_id; /* length of a key, and where it has kind and id */
	char state;                 /* of the jobs in it (OF_...); 0: it does not tell */
} listings[] = {
	{ TAB_DUE, DUE_KEY, 1, 19, 0 },
	{ TAB_LEASED, LEASED_KEY, 1, 11, OF_LEASED },
	{ TAB_WAITING, WAITING_KEY, 1, 10, OF_WAITING },
	{ TAB_DEAD, DEAD_KEY, 1, 2, OF_DEAD },
	{ TAB_OF, OF_KEY, 9, 10, 0 },
};

struct purge {
	uint64_t group;
	struct job *was;
	char state; /* 0: not known */
	bool found;
};

/* Notes what an entry says of the job. */
static void
learn(struct purge *p, const struct listing *l, struct slice key, struct slice v)
{
	p->found = true;
	p->was->kind = (enum job_kind)((const unsigned char *)key.p)[l->at_kind];
	if (l->state != 0)
		p->state = l->state;
	if (l->table != TAB_OF)
		return;
	p->group = slice_u64(key, 1);
	if (v.n == OF_VALUE)
		p->state = *(const char *)v.p;
	if (p->group & OF_MESSAGE)
		p->was->message = p->group & ~OF_MESSAGE;
	else
		p->was->mmsid = p->group;
}

static enum store_rc
remove_entry(struct txn *txn, const struct key *k, enum table table)
{
	struct slice key = key_slice(k);
	const unsigned char *b = k->b;
	const struct job due = { .kind = (enum job_kind)b[1],
		.lane = b[2],
		.account = table == TAB_DUE ? slice_u64(key, 3) : 0,
		.due = table == TAB_DUE ? (int64_t)slice_u64(key, 11) : 0,
		.id = table == TAB_DUE ? slice_u64(key, 19) : 0 };

	return table == TAB_DUE ? queue_due_clear(txn, &due) : txn_clear(txn, k);
}

/* What the look at the queue has found. */
struct finds {
	struct {
		const struct listing *in;
		struct key key;
	} entry[ENTRIES];
	size_t n;
};

/* Looks at the next entries of a table, from *from on. Returns ST_NOTFOUND at its end. */
static enum store_rc
look_at_some(struct store *st, const struct listing *l, uint64_t id, struct key *from,
    struct finds *f)
{
	const struct key table = key_of(l->table);
	struct slice key;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	for (unsigned i = 0; rc == ST_OK && i < STORE_SLICE; i++) {
		if ((rc = txn_next(&txn, from, &key, NULL)) == ST_OK &&
		    (!key_has_prefix(key, &table, l->key) || f->n == ENTRIES))
			rc = ST_NOTFOUND;
		if (rc != ST_OK)
			break;
		key_behind(from, key);
		if (slice_u64(key, l->at_id) == id) {
			f->entry[f->n].in = l;
			f->entry[f->n].key.n = 0;
			key_bytes(&f->entry[f->n++].key, key.p, key.n);
		}
	}
	return txn_end(&txn, rc);
}

/* Looks for all entries that name the job. Those of a job that lacks its record do not move. */
static enum store_rc
look(struct store *st, uint64_t id, struct finds *f)
{
	enum store_rc rc = ST_OK;

	f->n = 0;
	for (size_t i = 0; rc == ST_OK && i < sizeof listings / sizeof listings[0]; i++) {
		struct key from = key_of(listings[i].table);

		while ((rc = look_at_some(st, &listings[i], id, &from, f)) == ST_OK)
			;
		if (rc == ST_NOTFOUND)
			rc = ST_OK;
	}
	return rc;
}

/* Removes an entry, if it is still there. */
static enum store_rc
purge_entry(struct txn *txn, struct purge *p, const struct listing *l, const struct key *k)
{
	struct slice v;
	enum store_rc rc = txn_get(txn, k, &v);

	if (rc != ST_OK)
		return rc == ST_NOTFOUND ? ST_OK : rc;
	learn(p, l, key_slice(k), v);
	return remove_entry(txn, k, l->table);
}

/* Removes the record of the job, if there is one, and the entries that name the job, and counts it
 * out. The next postback of its group may run then. Sets kind, and message or mmsid, of *was, as
 * far as the entries tell. Returns ST_NOTFOUND if neither a record nor an entry has the id. */
static enum store_rc
purge(struct txn *txn, uint64_t id, const struct finds *f, struct job *was)
{
	struct purge p = { .was = was };
	struct key record = key_id(TAB_JOB, id);
	struct slice v;
	enum store_rc rc = txn_get(txn, &record, &v);

	*was = (struct job){ .id = id, .why = "", .body = "" };
	p.found = rc == ST_OK;
	if (rc == ST_OK)
		rc = txn_del(txn, &record);
	else if (rc == ST_NOTFOUND)
		rc = ST_OK;
	for (size_t i = 0; rc == ST_OK && i < f->n; i++)
		rc = purge_entry(txn, &p, f->entry[i].in, &f->entry[i].key);
	if (rc == ST_OK && !p.found)
		return ST_NOTFOUND;
	if (rc == ST_OK && p.state != 0 && (unsigned)was->kind < JOB_KINDS)
		rc = queue_count(txn, was->kind, p.state, 0);
	if (rc == ST_OK && p.group != 0 && was->kind == JOB_POSTBACK)
		rc = job_promote(txn, p.group);
	return rc;
}

/* Ends what waits for the job: its message, or the message that waits for the template. The account
 * of a job that was lost is that of the template. */
static enum store_rc
end_waits(struct txn *txn, const struct job *j, bool lost, const struct give_up *end)
{
	struct template *t;
	enum store_rc rc;

	if (j->kind == JOB_DELIVER)
		return give_up(txn, j->message, end);
	if (j->kind != JOB_ENCODE || j->mmsid == 0)
		return ST_OK;
	if (!lost)
		return once_give_up(txn, j->account, j->mmsid, end);
	rc = template_load(txn, j->mmsid, &t);
	if (rc == ST_NOTFOUND || rc == ST_CORRUPT)
		return ST_OK;
	return rc == ST_OK ? once_give_up(txn, t->account, j->mmsid, end) : rc;
}

struct discard_step {
	uint64_t id;
	struct give_up end;
	const struct finds *finds; /* NULL: nobody has looked yet */
	bool lost;                 /* set: there is no record that can be used */
};

static enum store_rc
discard(struct txn *txn, void *ctx)
{
	struct discard_step *s = ctx;
	struct job *j, unreadable;
	enum store_rc rc = job_load(txn, txn->a, s->id, &j);

	s->lost = rc == ST_NOTFOUND || rc == ST_CORRUPT;
	if (rc == ST_OK)
		rc = job_delete(txn, j);
	if (s->lost && s->finds != NULL) {
		rc = purge(txn, s->id, s->finds, &unreadable);
		j = &unreadable;
	}
	return rc == ST_OK ? end_waits(txn, j, s->lost, &s->end) : rc;
}

enum store_rc
store_job_discard(struct store *st, uint64_t id, const struct postback_writer *writer)
{
	struct discard_step s = { id, { "discarded by the operator", writer }, NULL, false };
	struct finds f;
	enum store_rc rc = TXN_RUN(st, KV_DURABLE, discard, &s);

	if (!s.lost)
		return rc;
	s.finds = &f;
	rc = look(st, id, &f);
	return rc == ST_OK ? TXN_RUN(st, KV_DURABLE, discard, &s) : rc;
}
