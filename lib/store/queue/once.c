/* once: see once.h; store/store_sending.c creates and finds its entries. */
#include "store/queue/once.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"

struct key
once_key(uint64_t account, uint64_t id)
{
	struct key k = key_id(TAB_ONCE, account);

	key_u64(&k, id);
	return k;
}

struct key
once_goes_key(int64_t expires, uint64_t account, uint64_t id)
{
	struct key k = key_id(TAB_GOES, (uint64_t)expires);

	key_u64(&k, account);
	key_u64(&k, id);
	return k;
}

enum store_rc
once_get(struct txn *txn, uint64_t account, uint64_t id, struct once *out)
{
	struct key k = once_key(account, id);
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	if (rc == ST_OK && v.n != ONCE_VALUE)
		return ST_CORRUPT;
	if (rc == ST_OK) {
		out->expires = (int64_t)slice_u64(v, 0);
		out->message = slice_u64(v, 8);
		out->waits = ((const unsigned char *)v.p)[16] != 0;
	}
	return rc;
}

static enum store_rc
put(struct txn *txn, uint64_t account, uint64_t id, const struct once *o)
{
	struct key k = once_key(account, id);
	unsigned char v[ONCE_VALUE];

	put_u64(v, (uint64_t)o->expires);
	put_u64(v + 8, o->message);
	v[16] = o->waits;
	return txn_put(txn, &k, v, sizeof v);
}

enum store_rc
once_insert(struct txn *txn, const struct template *t, const struct once *o)
{
	struct key goes = once_goes_key(o->expires, t->account, t->id);
	enum store_rc rc = put(txn, t->account, t->id, o);

	return rc == ST_OK ? txn_put(txn, &goes, "", 0) : rc;
}

enum store_rc
once_needed(struct txn *txn, const struct once *o, bool *needed)
{
	struct message *m;
	enum store_rc rc = message_load(txn, txn->a, o->message, &m);

	*needed = rc == ST_OK && m->state == MESSAGE_QUEUED;
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

/* Tells whether the message is one whose time is over. */
static enum store_rc
overdue(struct txn *txn, uint64_t message, bool *is)
{
	struct message *m;
	enum store_rc rc = message_load(txn, txn->a, message, &m);

	*is = rc == ST_OK && message_overdue(m, clock_now());
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

enum store_rc
once_postback(struct txn *txn, const struct template *t, uint64_t *message, bool *told)
{
	const bool failed = template_state(t) == TEMPLATE_FAILED;
	bool late = false;
	struct once o;
	enum store_rc rc = once_get(txn, t->account, t->id, &o);

	*message = rc == ST_OK && o.waits ? o.message : 0;
	*told = rc == ST_CORRUPT ? failed : rc != ST_OK || o.waits;
	if (*message == 0 || failed)
		return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
	rc = overdue(txn, *message, &late);
	*told = !late;
	return rc;
}

/* Reads an entry that is about to change. Nothing waits by one that cannot be read: it is logged
 * and does not hold up what happens to its template. */
static enum store_rc
get_or_pass(struct txn *txn, uint64_t account, uint64_t id, struct once *o)
{
	enum store_rc rc = once_get(txn, account, id, o);

	if (rc != ST_CORRUPT)
		return rc;
	log_error("store: the entry of sendMMS for template %" PRIu64
		  " cannot be read: if a message waits for it, it is not sent",
	    id);
	*o = (struct once){ .waits = false };
	return ST_OK;
}

enum store_rc
once_end_wait(struct txn *txn, uint64_t account, uint64_t id, uint64_t *message)
{
	struct once o;
	enum store_rc rc = get_or_pass(txn, account, id, &o);

	*message = 0;
	if (rc != ST_OK || !o.waits)
		return rc == ST_NOTFOUND ? ST_OK : rc;
	*message = o.message;
	o.waits = false;
	return put(txn, account, id, &o);
}

enum store_rc
once_settle(struct txn *txn, const struct template *t)
{
	/* the postback about the template says it */
	const struct give_up failed = { ONCE_FAILED, NULL };
	const enum template_state state = template_state(t);
	uint64_t message;
	enum store_rc rc;

	if (state == TEMPLATE_ENCODING)
		return ST_OK;
	rc = once_end_wait(txn, t->account, t->id, &message);
	if (rc != ST_OK || message == 0)
		return rc;
	return state == TEMPLATE_READY ? message_queue_delivery(txn, t->account, t->id, message) :
					 give_up(txn, message, &failed);
}

enum store_rc
once_give_up(struct txn *txn, uint64_t account, uint64_t id, const struct give_up *end)
{
	uint64_t message;
	enum store_rc rc = once_end_wait(txn, account, id, &message);

	return rc == ST_OK && message != 0 ? give_up(txn, message, end) : rc;
}

enum store_rc
once_remove(struct txn *txn, const struct template *t, bool *queued)
{
	struct key k = once_key(t->account, t->id);
	struct key goes;
	struct once o;
	enum store_rc rc = get_or_pass(txn, t->account, t->id, &o);

	*queued = rc == ST_OK && o.waits;
	if (*queued)
		rc = message_queue_delivery(txn, t->account, t->id, o.message);
	goes = once_goes_key(o.expires, t->account, t->id);
	if (rc == ST_OK)
		rc = txn_clear(txn,
		    &goes); /* the sweep finds that of an entry that cannot be read */
	return rc == ST_OK ? txn_del(txn, &k) : rc;
}

enum store_rc
once_any(struct txn *txn, uint64_t account, bool *any)
{
	struct key from = key_id(TAB_ONCE, account);
	struct slice key;
	enum store_rc rc = txn_next(txn, &from, &key, NULL);

	*any = rc == ST_OK && key_has_prefix(key, &from, ONCE_KEY);
	return rc == ST_NOTFOUND ? ST_OK : rc;
}
