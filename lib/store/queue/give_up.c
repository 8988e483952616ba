/* give_up: see give_up.h */
#include "store/queue/give_up.h"

#include "base/clock.h"
#include "store/rules/message_rules.h"
#include "store/store_account_load.h"

/* An account that cannot be read may have a URL: whoever posts finds out. */
static enum store_rc
wants_postbacks(struct txn *txn, uint64_t account, bool *wants)
{
	struct account *ac = arena_zalloc(txn->a, sizeof *ac);
	enum store_rc rc = ac != NULL ? account_load(txn, account, ac) : ST_NOMEM;

	*wants = rc == ST_CORRUPT || (rc == ST_OK && ac->postback_url[0] != '\0');
	return rc == ST_CORRUPT || rc == ST_NOTFOUND ? ST_OK : rc;
}

enum store_rc
give_up_tell(struct txn *txn, const struct message *m, const struct postback_writer *writer)
{
	const char *body;
	bool wants = false;
	enum store_rc rc = writer != NULL ? wants_postbacks(txn, m->account, &wants) : ST_OK;

	if (rc != ST_OK || !wants)
		return rc;
	body = writer->write(writer->ctx, m, txn->a);
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
