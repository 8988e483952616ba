/*
 * store_discard: removes a job that the operator gives up, also one whose record cannot be used.
 *
 * What such a record would say is read from the keys of the entries that name the job; for that the
 * whole queue is read, one entry after the other. The entry among the jobs of the template or
 * message tells most, so it is looked for last: what it says holds.
 */
#include "store/queue/once.h"
#include "store/queue/queue.h"
#include "store/store_index.h"
#include "store/store_message.h"
#include "store/store_template.h"

enum { FORGET = 1024 }; /* so many entries are kept in memory at most */

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
	uint64_t id, group;
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

/* Removes the entries of the job from a table. */
static enum store_rc
purge_table(struct txn *txn, struct purge *p, const struct listing *l)
{
	struct key from = key_of(l->table), table = from;
	struct slice key, v;
	enum store_rc rc;
	unsigned n = 0;

	while (
	    (rc = txn_next(txn, &from, &key, &v)) == ST_OK && key_has_prefix(key, &table, l->key)) {
		struct key k = { .n = 0 };

		key_behind(&from, key);
		if (slice_u64(key, l->at_id) == p->id) {
			key_bytes(&k, key.p, key.n);
			learn(p, l, key, v);
			if ((rc = remove_entry(txn, &k, l->table)) != ST_OK)
				return rc;
		}
		if (++n % FORGET == 0 && (rc = txn_forget(txn)) != ST_OK)
			return rc;
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* Removes the record of the job, if there is one, and all entries that name the job, and counts it
 * out. The next postback of its group may run then. Sets kind, and message or mmsid, of *was, as
 * far as the entries tell. Returns ST_NOTFOUND if neither a record nor an entry has the id. */
static enum store_rc
purge(struct txn *txn, uint64_t id, struct job *was)
{
	struct purge p = { .id = id, .was = was };
	struct key record = key_id(TAB_JOB, id);
	struct slice v;
	enum store_rc rc = txn_get(txn, &record, &v);

	*was = (struct job){ .id = id, .why = "", .body = "" };
	p.found = rc == ST_OK;
	if (rc == ST_OK)
		rc = txn_del(txn, &record);
	else if (rc == ST_NOTFOUND)
		rc = ST_OK;
	for (size_t i = 0; rc == ST_OK && i < sizeof listings / sizeof listings[0]; i++)
		rc = purge_table(txn, &p, &listings[i]);
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
};

static enum store_rc
discard(struct txn *txn, void *ctx)
{
	const struct discard_step *s = ctx;
	struct job *j, unreadable;
	bool lost;
	enum store_rc rc = job_load(txn, txn->a, s->id, &j);

	lost = rc == ST_NOTFOUND || rc == ST_CORRUPT;
	if (rc == ST_OK)
		rc = job_delete(txn, j);
	if (lost) {
		rc = purge(txn, s->id, &unreadable);
		j = &unreadable;
	}
	return rc == ST_OK ? end_waits(txn, j, lost, &s->end) : rc;
}

enum store_rc
store_job_discard(struct store *st, uint64_t id, const struct postback_writer *writer)
{
	struct discard_step s = { id, { "discarded by the operator", writer } };

	return TXN_RUN(st, KV_DURABLE, discard, &s);
}
