/* store_held: see store_held.h */
#include "store/store_held.h"

#include "base/clock.h"
#include "store/store_index.h"
#include "store/store_message.h"

/* Finds the message's job of delivery, if it is a dead letter. There is at most one. */
static enum store_rc
held_job(struct txn *txn, struct arena *a, uint64_t message, struct job **out)
{
	const struct job any = { .kind = JOB_DELIVER, .message = message };
	struct key from = job_of_key(&any), of = key_id(TAB_OF, job_group(&any));
	struct slice key;
	enum store_rc rc;

	key_u8(&of, (uint8_t)JOB_DELIVER);
	rc = txn_next(txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, &of, OF_KEY))
		rc = ST_NOTFOUND;
	if (rc == ST_OK && (rc = job_load(txn, a, slice_u64(key, 10), out)) == ST_NOTFOUND)
		rc = ST_CORRUPT;
	return rc == ST_OK && !(*out)->dead ? ST_NOTFOUND : rc;
}

enum store_rc
store_held_get(struct store *st, uint64_t message, struct arena *a, struct job **out)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = held_job(&txn, a, message, out);
	return txn_end(&txn, rc);
}

enum store_rc
store_held_release(struct store *st, uint64_t message)
{
	struct job *j, old;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = held_job(&txn, txn.a, message, &j);
	if (rc == ST_OK) {
		old = *j;
		j->dead = 0;
		j->token++;
		j->attempt = j->faults = 0;
		j->due = clock_now();
		rc = job_change(&txn, &old, j);
	}
	return txn_end(&txn, rc);
}

enum store_rc
store_held_fail(struct store *st, uint64_t message, const char *why, struct arena *a,
    const struct postback_writer *writer)
{
	const char *body = NULL;
	struct message *m;
	struct job *j;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = held_job(&txn, a, message, &j);
	if (rc == ST_OK)
		rc = message_load(&txn, a, message, &m);
	if (rc == ST_OK) {
		m->state = MESSAGE_FAILED;
		m->reported = clock_now();
		m->why = why;
		m->version++;
		rc = message_write(&txn, m);
	}
	if (rc == ST_OK)
		rc = job_delete(&txn, j);
	if (rc == ST_OK && writer != NULL &&
	    ((body = writer->write(writer->ctx, m, a)) == NULL ||
		(rc = message_queue_postback(&txn, m, body)) != ST_OK))
		rc = body == NULL ? ST_NOMEM : rc;
	return txn_end(&txn, rc);
}
