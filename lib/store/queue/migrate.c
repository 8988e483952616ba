/* migrate: see migrate.h and layout1.h */
#include "store/migrate.h"
#include "store/queue/layout1.h"
#include "store/queue/queue.h"

static enum store_rc
count_jobs(struct txn *txn, struct store_migration *m)
{
	enum store_rc rc = ST_OK;

	m->jobs = 0;
	for (int kind = 0; rc == ST_OK && kind < JOB_KINDS; kind++) {
		struct job_stats n = { .queued = { 0 } };

		rc = layout1_stats(txn, (enum job_kind)kind, 0, &n);
		m->jobs += n.queued[kind] + n.leased[kind] + n.dead[kind];
	}
	return rc;
}

static enum store_rc
migrate(struct txn *txn, void *ctx)
{
	struct store_migration *m = ctx;
	struct key k = key_of(TAB_VERSION);
	enum store_rc rc = txn_layout(txn, &m->from);

	m->to = STORE_VERSION;
	if (rc != ST_OK || m->from == m->to)
		return rc;
	if (!m->may(m->ctx))
		return ST_CONFLICT;
	if ((rc = count_jobs(txn, m)) != ST_OK || m->dry)
		return rc;
	if ((rc = txn_put_u64(txn, &k, STORE_VERSION)) != ST_OK)
		return rc;
	txn->layout = STORE_VERSION; /* what follows is written in it */
	return queue_build(txn);
}

enum store_rc
store_migrate(struct store *st, struct store_migration *m)
{
	return TXN_RUN(st, m->dry ? KV_READ : KV_DURABLE, migrate, m);
}

static enum store_rc
read_layout(struct txn *txn, void *ctx)
{
	return txn_layout(txn, ctx);
}

enum store_rc
store_layout(struct store *st, uint64_t *layout)
{
	return TXN_RUN(st, KV_READ, read_layout, layout);
}
