/* check_messages: compares messages and the indexes that lead to them; see check.c */
#include <inttypes.h>

#include "store/check/check.h"
#include "store/store_handset.h"
#include "store/store_message.h"
#include "store/queue/once.h"
#include "store/store_template.h"

/* Loads the message that id names. A message that cannot be read is reported at its own record. */
static enum store_rc
load(struct check *c, uint64_t id, const char *where, struct message **m)
{
	enum store_rc rc = message_load(&c->txn, c->txn.a, id, m);

	if (rc == ST_NOTFOUND)
		check_fault(c, "message %" PRIu64 " is in the index of %s, but does not exist", id,
		    where);
	if (rc == ST_OK)
		return rc;
	*m = NULL;
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

/* Checks that a queued message has a job, dead or alive, that delivers it, or else waits for the
 * template that sendMMS made. */
static enum store_rc
check_waits(struct check *c, const struct message *m)
{
	struct key jobs = key_id(TAB_OF, OF_MESSAGE | m->id);
	struct once o;
	struct slice key;
	enum store_rc rc = once_get(&c->txn, m->account, m->mmsid, &o);

	if (rc != ST_OK && rc != ST_NOTFOUND && rc != ST_CORRUPT)
		return rc;
	if (rc == ST_OK && o.waits && o.message == m->id)
		return ST_OK;
	key_u8(&jobs, JOB_DELIVER);
	rc = txn_next(&c->txn, &jobs, &key, NULL);
	if (rc == ST_NOTFOUND || (rc == ST_OK && !key_has_prefix(key, &jobs, OF_KEY))) {
		check_fault(c, "message %" PRIu64 " is queued, but no job delivers it", m->id);
		rc = ST_OK;
	}
	return rc;
}

enum store_rc
check_message(struct check *c, struct slice key, struct slice v)
{
	static const char *const where[] = { "its account", "all", "TRACKINGIDs", "tokens",
		"transport ids" };
	uint64_t id = slice_u64(key, 1);
	struct message *m;
	enum store_rc rc = message_load(&c->txn, c->txn.a, id, &m);

	(void)v;
	c->out->messages++;
	if (id > c->last_id[3])
		c->last_id[3] = id;
	if (rc == ST_CORRUPT) {
		check_fault(c, "message %" PRIu64 ": its record cannot be read", id);
		return ST_OK;
	}
	if (rc == ST_OK) {
		const struct key by[] = {
			message_sent_key(m->account, id),
			message_sent_key(0, id),
			message_by_key(BY_TRACKING, m->tracking, ""),
			message_by_key(BY_TOKEN, m->token, ""),
			message_by_key(BY_TRANSPORT, m->transport, m->transport_id),
		};
		size_t n = m->transport_id[0] != '\0' ? 5 : 4;
		bool found = true;

		for (size_t i = 0; rc == ST_OK && i < n; i++)
			if ((rc = check_has(c, &by[i], &found)) == ST_OK && !found)
				check_fault(c, "message %" PRIu64 " is not in the index of %s", id,
				    where[i]);
		if (rc == ST_OK && m->state == MESSAGE_QUEUED)
			rc = check_waits(c, m);
	}
	return rc;
}

enum store_rc
check_message_index(struct check *c, struct slice key, struct slice v)
{
	struct message *m;
	struct key k;
	uint64_t id;
	enum store_rc rc;

	if (v.n != 8 || key.n < 3) {
		check_fault(c, "an entry that finds a message cannot be read");
		return ST_OK;
	}
	id = slice_u64(v, 0);
	if ((rc = load(c, id, "messages by text", &m)) != ST_OK || m == NULL)
		return rc;
	switch (((const char *)key.p)[1]) {
	case BY_TRACKING:
		k = message_by_key(BY_TRACKING, m->tracking, "");
		break;
	case BY_TOKEN:
		k = message_by_key(BY_TOKEN, m->token, "");
		break;
	default:
		k = message_by_key(BY_TRANSPORT, m->transport, m->transport_id);
	}
	if (!key_is(key, &k))
		check_fault(c, "message %" PRIu64 " is found by a text that is not its own", id);
	return ST_OK;
}

enum store_rc
check_sent(struct check *c, struct slice key, struct slice v)
{
	uint64_t account = slice_u64(key, 1), id = slice_u64(key, ID_KEY);
	struct message *m;
	enum store_rc rc = load(c, id, "sent messages", &m);

	(void)v;
	if (rc == ST_OK && m != NULL && account != 0 && account != m->account)
		check_fault(c,
		    "message %" PRIu64 " is in the list of account %" PRIu64
		    ", but belongs to %" PRIu64,
		    id, account, m->account);
	return rc;
}

enum store_rc
check_once(struct check *c, struct slice key, struct slice v)
{
	const uint64_t account = slice_u64(key, 1), id = slice_u64(key, ID_KEY);
	struct template *t = NULL;
	struct message *m = NULL;
	bool found = false;
	struct key goes;
	struct once o;
	enum store_rc rc = template_load(&c->txn, id, &t);

	(void)v;
	if (rc == ST_NOTFOUND || (rc == ST_OK && t->account != account))
		check_fault(c,
		    "template %" PRIu64 " is of sendMMS in account %" PRIu64 ", but not there", id,
		    account);
	if (rc != ST_OK && rc != ST_NOTFOUND && rc != ST_CORRUPT)
		return rc;
	if ((rc = once_get(&c->txn, account, id, &o)) == ST_CORRUPT) {
		check_fault(c, "template %" PRIu64 ": its entry of sendMMS cannot be read", id);
		return ST_OK;
	}
	if (rc != ST_OK)
		return rc;
	goes = once_goes_key(o.expires, account, id);
	if ((rc = check_has(c, &goes, &found)) == ST_OK && !found)
		check_fault(c, "template %" PRIu64 " of sendMMS would never expire", id);
	if (rc != ST_OK || !o.waits)
		return rc;
	if ((rc = load(c, o.message, "those that wait", &m)) != ST_OK || m == NULL)
		return rc;
	if (m->mmsid != id || m->state != MESSAGE_QUEUED ||
	    (t != NULL && template_state(t) != TEMPLATE_ENCODING))
		check_fault(c, "message %" PRIu64 " waits for template %" PRIu64 ", but need not",
		    o.message, id);
	return ST_OK;
}

enum store_rc
check_goes(struct check *c, struct slice key, struct slice v)
{
	const uint64_t account = slice_u64(key, 9), id = slice_u64(key, 17);
	struct once o;
	enum store_rc rc = once_get(&c->txn, account, id, &o);

	(void)v;
	if (rc == ST_NOTFOUND || (rc == ST_OK && (uint64_t)o.expires != slice_u64(key, 1)))
		check_fault(c,
		    "template %" PRIu64 " expires as one of sendMMS in account %" PRIu64
		    ", but is none that does then",
		    id, account);
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

enum store_rc
check_handset(struct check *c, struct slice key, struct slice v)
{
	if (key.n < 2 || !handset_readable(v))
		check_fault(c, "the record of a handset cannot be read");
	return ST_OK;
}
