/* store_held: see store_held.h */
#include "store/store_held.h"

#include "base/clock.h"
#include "store/queue/give_up.h"
#include "store/rules/job_rules.h"
#include "store/rules/message_rules.h"
#include "store/store_index.h"
#include "store/store_message.h"

/* Finds the message's job of delivery, if it is a dead letter. There is at most one. */
static enum store_rc
held_job(struct txn *txn, struct arena *a, uint64_t message, struct job **out)
{
	const struct job any = { .kind = JOB_DELIVER, .message = message };
	struct key of = key_id(TAB_OF, job_group(&any)), from;
	enum store_rc rc;

	key_u8(&of, (uint8_t)JOB_DELIVER);
	from = of;
	rc = job_load_next_of(txn, &from, &of, a, out);
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

static enum store_rc
release_held(struct txn *txn, void *ctx)
{
	const uint64_t *message = ctx;
	struct job *j, old;
	enum store_rc rc = held_job(txn, txn->a, *message, &j);

	if (rc != ST_OK)
		return rc;
	old = *j;
	return job_made_due(j, clock_now(), true) ? job_change(txn, &old, j) : ST_CONFLICT;
}

enum store_rc
store_held_release(struct store *st, uint64_t message)
{
	return TXN_RUN(st, KV_DURABLE, release_held, &message);
}

struct fail_step {
	uint64_t message;
	struct give_up end;
};

static enum store_rc
fail_held(struct txn *txn, void *ctx)
{
	const struct fail_step *s = ctx;
	struct message *m;
	struct job *j;
	enum store_rc rc = held_job(txn, txn->a, s->message, &j);

	if (rc == ST_OK)
		rc = message_load(txn, txn->a, s->message, &m);
	if (rc != ST_OK)
		return rc;
	message_failed(m, s->end.why, clock_now());
	if ((rc = message_write(txn, m)) == ST_OK)
		rc = job_delete(txn, j);
	return rc == ST_OK ? give_up_tell(txn, m, s->end.writer) : rc;
}

enum store_rc
store_held_fail(struct store *st, uint64_t message, const char *why,
    const struct postback_writer *writer)
{
	struct fail_step s = { message, { why, writer } };

	return TXN_RUN(st, KV_DURABLE, fail_held, &s);
}
