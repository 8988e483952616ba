/* give_up: see give_up.h */
#include "store/queue/give_up.h"

#include "base/clock.h"
#include "store/rules/message_rules.h"
#include "store/store_account_load.h"

/* Reads the account of a message. One that cannot be read may have a URL: whoever posts finds out.
 */
static enum store_rc
load(struct txn *txn, uint64_t id, struct account *ac, bool *wants)
{
	enum store_rc rc = account_load(txn, id, ac);

	*wants = rc == ST_CORRUPT || (rc == ST_OK && account_wants_postbacks(ac));
	if (rc == ST_CORRUPT)
		*ac = (struct account){ .id = id };
	return rc == ST_CORRUPT || rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
give_up_tell(struct txn *txn, const struct message *m, const struct postback_writer *writer)
{
	struct account *ac;
	const char *body;
	bool wants;
	enum store_rc rc;

	if (writer == NULL)
		return ST_OK;
	if ((ac = arena_zalloc(txn->a, sizeof *ac)) == NULL)
		return ST_NOMEM;
	if ((rc = load(txn, m->account, ac, &wants)) != ST_OK || !wants)
		return rc;
	body = writer->write(writer->ctx, ac, m, txn->a);
	return body != NULL ? message_queue_postback(txn, m, body) : ST_NOMEM;
}

enum store_rc
give_up(struct txn *txn, uint64_t message, const struct give_up *g)
{
	struct message *m;
	enum store_rc rc = message_load(txn, txn->a, message, &m);

	if (rc == ST_NOTFOUND || rc == ST_CORRUPT)
		return ST_OK;
	if (rc != ST_OK || !message_given_up(m, g->why, clock_now()))
		return rc;
	rc = message_write(txn, m);
	return rc == ST_OK ? give_up_tell(txn, m, g->writer) : rc;
}
