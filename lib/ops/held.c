/* held: see held.h */
#include "ops/held.h"

#include "send/postback.h"
#include "store/store_held.h"
#include "store/store_sending.h"

enum { BODY_MAX = 65536 };

static const char *
write_postback(void *ctx, const struct account *ac, const struct message *m, struct arena *a)
{
	const struct settings *const *s = ctx;
	const struct postback_delivery told = { .routing = &(*s)->routing,
		.m = m,
		.dialect = account_postback_dialect(ac, m->dialect) };

	return postback_delivery_text(&told, BODY_MAX, a);
}

enum store_rc
held_fail(struct store *st, const struct settings *s, uint64_t message)
{
	const struct postback_writer writer = { write_postback, &s };

	return store_held_fail(st, message, "given up by the operator", &writer);
}

enum store_rc
held_discard(struct store *st, const struct settings *s, uint64_t job)
{
	const struct postback_writer writer = { write_postback, &s };

	return store_job_discard(st, job, &writer);
}

enum store_rc
held_overdue(struct store *st, const struct settings *s, uint64_t account, uint64_t mmsid,
    bool *ended)
{
	const struct postback_writer writer = { write_postback, &s };

	return store_sending_overdue(st, account, mmsid, &writer, ended);
}
