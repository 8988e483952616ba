/*
 * store_deliver: the outcome of messages: ends their delivery jobs, many in one transaction, and
 * records the reports that come later; see store.h.
 */

#include "base/clock.h"
#include "store/rules/message_rules.h"
#include "store/store_handset.h"
#include "store/store_index.h"
#include "store/store_job.h"
#include "store/store_message.h"

static enum store_rc
load_one(struct txn *txn, struct arena *a, struct deliver_load *l)
{
	enum store_rc rc;

	l->handset = "";
	l->m = NULL;
	if ((l->rc = message_load(txn, a, l->job->message, &l->m)) != ST_OK)
		/* a bad record concerns only its message */
		return l->rc == ST_NOTFOUND || l->rc == ST_CORRUPT ? ST_OK : l->rc;
	rc = handset_load(txn, l->m->to, a, &l->handset);
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
store_deliver_load(struct store *st, struct arena *a, struct deliver_load *l, size_t n, size_t *got)
{
	const size_t before = arena_used(a);
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	for (*got = 0; rc == ST_OK && *got < n && arena_used(a) - before < DELIVER_BYTES; ++*got)
		if ((rc = load_one(&txn, a, &l[*got])) == ST_OK)
			rc = txn_forget(&txn);
	return txn_end(&txn, rc);
}

/* Stores the message as the job's holder leaves it, the index entry that leads to it, and its
 * postback. was: as it is stored now. */
static enum store_rc
store_message(struct txn *txn, const struct deliver_end *e, const struct message *was)
{
	struct message m = message_ended(was, e->m);
	struct key by = message_by_key(BY_TRANSPORT, m.transport, m.transport_id);
	enum store_rc rc;

	if ((rc = message_write(txn, &m)) == ST_OK && m.transport_id[0] != '\0')
		rc = txn_put_u64(txn, &by, m.id);
	if (rc == ST_OK && e->postback != NULL)
		rc = message_queue_postback(txn, &m, e->postback);
	return rc;
}

static enum give
give_of(enum deliver_how how)
{
	return how == DELIVER_RELEASED ? GIVE_RELEASE :
	    how == DELIVER_AGAIN       ? GIVE_AGAIN :
					 GIVE_DEAD_LETTER;
}

/* Reads the job, and the message as it is stored now; *was is NULL if there is nothing to store.
 * What fails here concerns this job alone: nothing is written yet. */
static enum store_rc
load_end(struct txn *txn, const struct deliver_end *e, struct job **held, struct message **was)
{
	enum store_rc rc = job_held(txn, e->job, held);

	*was = NULL;
	if (rc != ST_OK || e->how != DELIVER_ENDED || e->m == NULL)
		return rc;
	rc = message_load(txn, txn->a, e->m->id, was);
	if (rc == ST_NOTFOUND)
		return ST_OK;
	return rc == ST_OK && (*was)->version != e->m->version ? ST_CONFLICT : rc;
}

static enum store_rc
end_one(struct txn *txn, struct deliver_end *e)
{
	struct message *was;
	struct job *held;
	enum store_rc rc = e->rc = load_end(txn, e, &held, &was);

	if (rc == ST_CONFLICT || rc == ST_CORRUPT)
		return ST_OK; /* the others are not affected */
	if (rc == ST_OK && e->how != DELIVER_ENDED)
		return job_give_back(txn, held,
		    &(struct job_return){ give_of(e->how), e->retry_ms, e->why });
	if (rc == ST_OK && was != NULL)
		rc = store_message(txn, e, was);
	return rc == ST_OK ? job_delete(txn, held) : rc;
}

struct ends {
	struct deliver_end *e;
	size_t n;
};

static enum store_rc
end_all(struct txn *txn, void *ctx)
{
	const struct ends *s = ctx;
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && i < s->n; i++)
		if ((rc = end_one(txn, &s->e[i])) == ST_OK)
			rc = txn_forget(txn);
	return rc;
}

enum store_rc
store_deliver_done(struct store *st, struct deliver_end *e, size_t n)
{
	struct ends s = { e, n };

	return TXN_RUN(st, KV_DURABLE, end_all, &s);
}

/* --- reports --------------------------------------------------------------------------- */

struct report_step {
	uint64_t id;
	const struct report *r;
	struct arena *a;
	const struct postback_writer *postback;
};

static enum store_rc
take_report(struct txn *txn, void *ctx)
{
	const struct report_step *s = ctx;
	const char *body;
	struct message *m;
	enum store_rc rc = message_load(txn, s->a, s->id, &m);

	if (rc == ST_OK)
		rc = message_reported(m, s->r, clock_now());
	if (rc == ST_OK)
		rc = message_write(txn, m);
	if (rc == ST_OK)
		rc = handset_remember(txn, m->to, s->r->handset);
	if (rc != ST_OK)
		return rc;
	if ((body = s->postback->write(s->postback->ctx, NULL, m, s->a)) == NULL)
		return ST_NOMEM; /* nobody would ever learn of it; the report comes again */
	return message_queue_postback(txn, m, body);
}

enum store_rc
store_message_report(struct store *st, uint64_t id, const struct report *r, struct arena *a,
    const struct postback_writer *postback)
{
	struct report_step s = { id, r, a, postback };

	return TXN_RUN(st, KV_DURABLE, take_report, &s);
}

struct handset_step {
	uint64_t id;
	const char *handset;
};

static enum store_rc
take_handset(struct txn *txn, void *ctx)
{
	const struct handset_step *s = ctx;
	struct message *m;
	enum store_rc rc = message_load(txn, txn->a, s->id, &m);

	return rc == ST_OK ? handset_remember(txn, m->to, s->handset) : rc;
}

enum store_rc
store_message_handset(struct store *st, uint64_t id, const char *handset)
{
	struct handset_step s = { id, handset };

	return TXN_RUN(st, KV_FAST, take_handset, &s);
}
