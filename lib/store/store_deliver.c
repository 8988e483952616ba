/*
 * store_deliver: the outcome of messages: ends their delivery jobs, many in one transaction, and
 * records the reports that come later; see store.h.
 */
#include <string.h>

#include "base/clock.h"
#include "store/store_index.h"
#include "store/store_job.h"
#include "store/store_message.h"

static enum store_rc
load_handset(struct txn *txn, const char *number, struct arena *a, const char **name)
{
	struct key k = key_of(TAB_HANDSET);
	struct slice v;
	enum store_rc rc;

	key_bytes(&k, number, strlen(number));
	if ((rc = txn_get(txn, &k, &v)) == ST_OK && (*name = arena_memdup(a, v.p, v.n)) == NULL)
		rc = ST_NOMEM;
	return rc;
}

static enum store_rc
load_one(struct txn *txn, struct arena *a, struct deliver_load *l)
{
	enum store_rc rc;

	l->handset = "";
	l->m = NULL;
	if ((l->rc = message_load(txn, a, l->job->message, &l->m)) != ST_OK)
		/* a bad record concerns only its message */
		return l->rc == ST_NOTFOUND || l->rc == ST_CORRUPT ? ST_OK : l->rc;
	rc = load_handset(txn, l->m->to, a, &l->handset);
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
 * postback. */
static enum store_rc
store_message(struct txn *txn, struct deliver_end *e)
{
	struct message *was;
	struct key by;
	enum store_rc rc = message_load(txn, txn->a, e->m->id, &was);

	if (rc != ST_OK)
		return rc;
	if (was->version != e->m->version)
		return ST_CONFLICT;
	e->m->opened =
	    was->opened; /* a page may be viewed before its message is recorded as sent */
	e->m->version++;
	if ((rc = message_write(txn, e->m)) != ST_OK)
		return rc;
	by = message_by_key(BY_TRANSPORT, e->m->transport, e->m->transport_id);
	if (e->m->transport_id[0] != '\0')
		rc = txn_put_u64(txn, &by, e->m->id);
	if (rc == ST_OK && e->postback != NULL)
		rc = message_queue_postback(txn, e->m, e->postback);
	return rc;
}

static enum give
give_of(enum deliver_how how)
{
	return how == DELIVER_RELEASED ? GIVE_RELEASE :
	    how == DELIVER_AGAIN       ? GIVE_AGAIN :
					 GIVE_DEAD_LETTER;
}

static enum store_rc
end_one(struct txn *txn, struct deliver_end *e)
{
	struct job *held;
	enum store_rc rc = job_held(txn, e->job, &held);

	if (rc == ST_OK && e->how != DELIVER_ENDED)
		return job_give_back(txn, held, give_of(e->how), e->retry_ms, e->why);
	if (rc == ST_OK && e->m != NULL)
		rc = store_message(txn, e);
	return rc == ST_OK ? job_delete(txn, held) : rc;
}

enum store_rc
store_deliver_done(struct store *st, struct deliver_end *e, size_t n)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	for (size_t i = 0; rc == ST_OK && i < n; i++) {
		e[i].rc = end_one(&txn, &e[i]);
		/* a job that somebody else holds by now does not affect the others */
		if (e[i].rc != ST_OK && e[i].rc != ST_CONFLICT)
			rc = e[i].rc;
		else
			rc = txn_forget(&txn);
	}
	return txn_end(&txn, rc);
}

/* --- reports --------------------------------------------------------------------------- */

static enum store_rc
remember_handset(struct txn *txn, const char *number, const char *name)
{
	struct key k = key_of(TAB_HANDSET);

	key_bytes(&k, number, strlen(number));
	return name[0] != '\0' ? txn_put(txn, &k, name, strlen(name)) : ST_OK;
}

static enum store_rc
record_report(struct txn *txn, struct message *m, const struct report *r)
{
	enum store_rc rc;

	m->state = r->kind == REPORT_DELIVERED ? MESSAGE_DELIVERED : MESSAGE_UNDELIVERED;
	m->reported = clock_now();
	m->handset = r->handset;
	m->outcome = report_kind_name(r->kind);
	m->why = r->details;
	m->version++;
	rc = message_write(txn, m);
	return rc == ST_OK ? remember_handset(txn, m->to, r->handset) : rc;
}

enum store_rc
store_message_report(struct store *st, uint64_t id, const struct report *r, struct arena *a,
    const struct postback_writer *postback)
{
	const char *body = NULL;
	struct message *m;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = message_load(&txn, a, id, &m);
	if (rc == ST_OK && m->state == MESSAGE_QUEUED)
		rc = ST_AGAIN;
	if (rc == ST_OK && m->state != MESSAGE_SENT)
		rc = ST_EXISTS;
	if (rc == ST_OK)
		rc = record_report(&txn, m, r);
	if (rc == ST_OK && (body = postback->write(postback->ctx, m, a)) == NULL)
		rc = ST_NOMEM; /* nobody would ever learn of it; the report comes again */
	if (rc == ST_OK)
		rc = message_queue_postback(&txn, m, body);
	return txn_end(&txn, rc);
}

enum store_rc
store_message_handset(struct store *st, uint64_t id, const char *handset)
{
	struct message *m;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_FAST);

	if (rc == ST_OK)
		rc = message_load(&txn, txn.a, id, &m);
	if (rc == ST_OK)
		rc = remember_handset(&txn, m->to, handset);
	return txn_end(&txn, rc);
}

enum store_rc
store_handset_get(struct store *st, const char *number, struct arena *a, const char **name)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = load_handset(&txn, number, a, name);
	return txn_end(&txn, rc);
}
