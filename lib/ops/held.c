/* held: see held.h */
#include "ops/held.h"

#include "base/arena.h"
#include "model/job.h"
#include "send/postback.h"
#include "store/store_held.h"

enum { BODY_MAX = 65536 };

struct teller {
	const struct settings *s;
	const struct account *ac;
};

static const char *
write_postback(void *ctx, const struct message *m, struct arena *a)
{
	const struct teller *t = ctx;
	const struct postback_delivery told = { .routing = &t->s->routing,
		.m = m,
		.dialect = account_postback_dialect(t->ac, m->dialect) };

	return postback_delivery_text(&told, BODY_MAX, a);
}

enum store_rc
held_fail(struct store *st, const struct settings *s, uint64_t message, struct arena *a)
{
	struct account *ac = arena_zalloc(a, sizeof *ac);
	struct teller t = { s, ac };
	const struct postback_writer writer = { write_postback, &t };
	struct message *m;
	enum store_rc rc = ac != NULL ? store_message_get(st, message, a, &m) : ST_NOMEM;

	if (rc == ST_OK && (rc = store_account_by_id(st, m->account, ac)) == ST_NOTFOUND)
		rc = ST_OK; /* it is nobody's: there is nobody to tell */
	if (rc != ST_OK)
		return rc;
	return store_held_fail(st, message, "given up by the operator", a,
	    account_wants_postbacks(ac) ? &writer : NULL);
}

enum store_rc
held_discard(struct store *st, const struct settings *s, uint64_t job, struct arena *a)
{
	struct job *j;
	enum store_rc rc = store_job_get(st, job, a, &j);

	if (rc == ST_OK && j->kind == JOB_DELIVER && j->dead &&
	    (rc = held_fail(st, s, j->message, a)) != ST_NOTFOUND && rc != ST_CORRUPT)
		return rc;
	return store_job_discard(st, job); /* tells what is wrong with it, if anything is */
}
