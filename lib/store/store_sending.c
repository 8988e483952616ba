/* store_sending: see store_sending.h */
#include "store/store_sending.h"

#include "base/clock.h"
#include "store/queue/layout1.h"
#include "store/queue/once.h"
#include "store/store_message.h"
#include "store/rules/message_rules.h"
#include "store/store_template.h"

enum { AT_ID = 9 };

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
	int64_t lasts; /* the page, from now */
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
	s->m->expires = s->t->created + s->lasts;
	if ((rc = message_insert(txn, s->m)) != ST_OK)
		return rc;
	o = (struct once){ s->m->expires, s->m->id, state == TEMPLATE_ENCODING };
	rc = once_put(txn, s->t->account, s->t->id, &o);
	if (rc == ST_OK && state == TEMPLATE_READY)
		rc = message_queue_delivery(txn, s->m->account, s->m->mmsid, s->m->id);
	return rc;
}

enum store_rc
store_sending_create(struct store *st, const struct sending *given)
{
	struct template t = *given->t;
	struct message m = *given->m;
	struct create_step s = { &t, &m, given->jobs, given->njobs, given->m->expires };
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

/* Looks at one entry: sets *gone if its link has expired and its message is not to be sent any
 * more, and moves *from to the next entry worth a look. */
static enum store_rc
look(struct txn *txn, struct slice key, int64_t now, struct key *from, bool *gone)
{
	const uint64_t account = slice_u64(key, 1);
	bool needed = false;
	struct once o;
	enum store_rc rc;

	key_behind(from, key);
	*gone = false;
	if ((rc = once_get(txn, account, slice_u64(key, AT_ID), &o)) != ST_OK)
		return rc;
	if (o.expires > now) {
		*from = key_id(TAB_ONCE, account + 1);
		return ST_OK;
	}
	if ((rc = once_needed(txn, &o, &needed)) == ST_OK && needed)
		return txn_forget(txn);
	*gone = rc == ST_OK;
	return rc;
}

enum store_rc
store_sending_expired(struct store *st, uint64_t *account, uint64_t *id)
{
	const int64_t now = clock_now();
	struct key table = key_of(TAB_ONCE), from = once_key(*account, *id + 1);
	struct slice key;
	struct txn txn;
	bool gone = false;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	while (rc == ST_OK && !gone && (rc = txn_next(&txn, &from, &key, NULL)) == ST_OK) {
		if (!key_has_prefix(key, &table, ONCE_KEY)) {
			rc = ST_NOTFOUND;
			break;
		}
		*account = slice_u64(key, 1);
		*id = slice_u64(key, AT_ID);
		rc = look(&txn, key, now, &from, &gone);
	}
	return txn_end(&txn, rc);
}
