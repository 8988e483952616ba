/* store_sending: see store_sending.h */
#include "store/store_sending.h"

#include "base/clock.h"
#include "store/kept/kept_record.h"
#include "store/queue/layout1.h"
#include "store/queue/once.h"
#include "store/store_message.h"
#include "store/rules/message_rules.h"
#include "store/store_template.h"

enum { AT_EXPIRES = 1, AT_ACCOUNT = 9, AT_ID = 17 }; /* in a key of TAB_GOES */

enum store_rc
store_sending_possible(struct store *st)
{
	uint64_t layout;
	enum store_rc rc = store_layout(st, &layout);

	return rc == ST_OK && layout == 1 ? ST_CONFLICT : rc;
}

struct create_step {
	struct template *t; /* as they are written; each run sets all that it sets */
	struct message *m;
	struct job *jobs; /* the caller's */
	size_t njobs;
	int64_t lasts, named; /* the page: from now at most, and its end at the latest */
	const struct keep *keep;
};

static enum store_rc
create(struct txn *txn, void *ctx)
{
	struct create_step *s = ctx;
	const enum template_state state = template_state(s->t);
	struct once o;
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc == ST_OK && one)
		rc = ST_CONFLICT;
	if (rc == ST_OK)
		rc = template_insert(txn, s->t, s->jobs, s->njobs);
	if (rc != ST_OK)
		return rc;
	s->m->mmsid = s->t->id;
	s->m->account = s->t->account;
	s->m->expires = s->t->created + s->lasts < s->named ? s->t->created + s->lasts : s->named;
	if ((rc = message_insert(txn, s->m)) != ST_OK)
		return rc;
	o = (struct once){ s->m->expires, s->m->id, state == TEMPLATE_ENCODING };
	rc = once_insert(txn, s->t, &o);
	if (rc == ST_OK && state == TEMPLATE_READY)
		rc = message_queue_delivery(txn, s->m->account, s->m->mmsid, s->m->id);
	return rc == ST_OK ? kept_record_commit(txn, s->keep, s->t->id, s->m) : rc;
}

enum store_rc
store_sending_create(struct store *st, const struct sending *given)
{
	struct template t = *given->t;
	struct message m = *given->m;
	struct create_step s = { &t, &m, given->jobs, given->njobs, given->lasts, given->m->expires,
		given->keep };
	enum store_rc rc = ST_NOTFOUND;

	message_begin(&m);
	if (template_state(&t) == TEMPLATE_FAILED)
		message_failed(&m, ONCE_FAILED, clock_now());
	if (t.account != 0)
		rc = TXN_RUN(st, KV_GROW, create, &s);
	given->t->id = given->m->id = 0;
	if (rc == ST_OK) {
		*given->t = t;
		*given->m = m;
	}
	return rc;
}

enum store_rc
store_sending_of(struct store *st, const struct template *t, bool *once, uint64_t *message)
{
	struct once o = { .waits = false };
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = once_get(&txn, t->account, t->id, &o);
	rc = txn_end(&txn, rc);
	*once = rc == ST_OK || rc == ST_CORRUPT;
	*message = rc == ST_OK && o.waits ? o.message : 0;
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

/* Finds the message that waits for the template, if its time is over; *m is NULL if not. */
static enum store_rc
find_overdue(struct txn *txn, uint64_t account, uint64_t id, struct message **m)
{
	struct once o;
	enum store_rc rc = once_get(txn, account, id, &o);

	*m = NULL;
	if (rc == ST_OK && o.waits)
		rc = message_load(txn, txn->a, o.message, m);
	if (rc != ST_OK || *m == NULL || !message_overdue(*m, clock_now()))
		*m = NULL;
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

struct overdue_step {
	uint64_t account, id;
	const struct postback_writer *writer;
};

static enum store_rc
end_overdue(struct txn *txn, void *ctx)
{
	const struct overdue_step *s = ctx;
	struct message *m;
	uint64_t message;
	enum store_rc rc = find_overdue(txn, s->account, s->id, &m);

	if (rc != ST_OK || m == NULL)
		return rc == ST_OK ? ST_NOTFOUND : rc;
	if ((rc = once_end_wait(txn, s->account, s->id, &message)) != ST_OK)
		return rc;
	message_expired(m, clock_now());
	rc = message_write(txn, m);
	return rc == ST_OK ? give_up_tell(txn, m, s->writer) : rc;
}

enum store_rc
store_sending_overdue(struct store *st, uint64_t account, uint64_t id,
    const struct postback_writer *writer, bool *ended)
{
	struct overdue_step s = { account, id, writer };
	struct message *m = NULL;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ); /* there is seldom anything to change */

	if (rc == ST_OK)
		rc = find_overdue(&txn, account, id, &m);
	*ended = m != NULL;
	if ((rc = txn_end(&txn, rc)) == ST_OK && *ended)
		rc = TXN_RUN(st, KV_DURABLE, end_overdue, &s);
	*ended = *ended && rc == ST_OK;
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* Decides whether the template is to go, and moves x to the next entry. */
static enum store_rc
look(struct txn *txn, struct slice key, int64_t now, struct sending_expiry *x)
{
	bool needed = false;
	struct once o;
	enum store_rc rc;

	if ((int64_t)slice_u64(key, AT_EXPIRES) > now)
		return ST_NOTFOUND;
	x->expires = (int64_t)slice_u64(key, AT_EXPIRES);
	x->account = slice_u64(key, AT_ACCOUNT);
	x->id = slice_u64(key, AT_ID);
	if ((rc = once_get(txn, x->account, x->id, &o)) == ST_OK)
		rc = once_needed(txn, &o, &needed);
	x->gone = !needed && (rc == ST_OK || rc == ST_NOTFOUND);
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
store_sending_expired(struct store *st, struct sending_expiry *x)
{
	const struct key table = key_of(TAB_GOES);
	struct key from = once_goes_key(x->expires, x->account, x->id + 1);
	struct slice key;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	x->gone = false;
	if (rc == ST_OK)
		rc = txn_next(&txn, &from, &key, NULL);
	if (rc == ST_OK)
		rc = key_has_prefix(key, &table, GOES_KEY) ? look(&txn, key, clock_now(), x) :
							     ST_NOTFOUND;
	return txn_end(&txn, rc);
}

static enum store_rc
forget(struct txn *txn, void *ctx)
{
	const struct sending_expiry *x = ctx;
	struct key k = once_goes_key(x->expires, x->account, x->id);
	struct once o;
	enum store_rc rc = once_get(txn, x->account, x->id, &o);

	return rc == ST_NOTFOUND ? txn_clear(txn, &k) : rc;
}

enum store_rc
store_sending_forget(struct store *st, const struct sending_expiry *x)
{
	struct sending_expiry gone = *x;

	return TXN_RUN(st, KV_FAST, forget, &gone);
}
