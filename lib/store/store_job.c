/* store_job: jobs that are held, ended or given back, and postbacks that are queued again; see
 * store.h and store_index.c. store_claim.c chooses the next job. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/queue/layout1.h"
#include "store/queue/once.h"
#include "store/store_index.h"
#include "store/store_job.h"
#include "store/store_posted.h"
#include "store/store_refs.h"
#include "store/store_template.h"

/* --- the holder of a lease --------------------------------------------------------- */

enum store_rc
job_held(struct txn *txn, const struct job *j, struct job **out)
{
	enum store_rc rc = job_load(txn, txn->a, j->id, out);

	if (rc == ST_NOTFOUND)
		return ST_CONFLICT;
	return rc == ST_OK && !job_is_held(*out, j) ? ST_CONFLICT : rc;
}

struct renew_step {
	struct job_renewal *r; /* each run sets rc of all */
	size_t n;
	uint64_t lease_ms;
};

static enum store_rc
renew_one(struct txn *txn, const struct job_renewal *r, uint64_t lease_ms)
{
	const struct job claimed = { .id = r->id, .token = r->token };
	struct job *now, old;
	enum store_rc rc = job_held(txn, &claimed, &now);

	if (rc != ST_OK)
		return rc;
	old = *now;
	job_renewed(now, job_later(clock_now(), lease_ms), r->permille, r->left_ms);
	return job_change(txn, &old, now);
}

static enum store_rc
renew_some(struct txn *txn, void *ctx)
{
	const struct renew_step *s = ctx;
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && i < s->n; i++) {
		struct job_renewal *r = &s->r[i];

		r->rc = renew_one(txn, r, s->lease_ms);
		/* what is wrong with one job does not affect the others */
		if (r->rc != ST_OK && r->rc != ST_CONFLICT && r->rc != ST_CORRUPT)
			rc = r->rc;
		else
			rc = txn_forget(txn);
	}
	return rc;
}

enum store_rc
store_job_renew_some(struct store *st, struct job_renewal *r, size_t n, uint64_t lease_ms)
{
	struct renew_step s = { r, n, lease_ms };

	return TXN_RUN(st, KV_FAST, renew_some, &s);
}

enum store_rc
store_job_renew(struct store *st, const struct job *j, uint64_t lease_ms, unsigned permille,
    unsigned left_ms)
{
	struct job_renewal one = { j->id, j->token, permille, left_ms, ST_OK };
	enum store_rc rc = store_job_renew_some(st, &one, 1, lease_ms);

	return rc == ST_OK ? one.rc : rc;
}

/* The end of a job, and the changes that come with it. */
struct end_step {
	const struct job *j;
	const struct template *t; /* takes the place of the stored one; NULL: that stays */
	struct job *next;         /* the jobs that follow; the caller's */
	size_t nnext;
	int64_t created; /* of the template */
	bool gone;       /* the template no longer exists; the job is removed all the same */
};

/* Replaces the stored template by that of the step. Returns ST_CONFLICT unless both have the same
 * version. */
static enum store_rc
replace(struct txn *txn, const struct template *was, struct end_step *s)
{
	struct template t = *s->t;
	enum store_rc rc;

	if (was->version != t.version || was->id != t.id || was->account != t.account)
		return ST_CONFLICT;
	s->created = t.created = was->created; /* the list sorts by it */
	t.version++;
	if ((rc = refs_change(txn, was, &t, NULL)) == ST_OK)
		rc = template_write(txn, &t);
	return rc;
}

/* Looks for the template of a job that ends; reads it only if it is to be replaced: a record that
 * is no good must not keep the job from its end. */
static enum store_rc
find_template(struct txn *txn, const struct end_step *s, struct template **was)
{
	struct key k = key_id(TAB_TEMPLATE, s->j->mmsid);
	struct slice v;

	if (s->t != NULL)
		return template_load(txn, s->j->mmsid, was);
	return s->j->message != 0 ? ST_OK : txn_get(txn, &k, &v); /* a message outlives it */
}

/* Adds a job that follows. Whether the encoding postback of a template of sendMMS is one depends on
 * the message that waits, which another may have ended until now. */
static enum store_rc
add_next(struct txn *txn, const struct end_step *s, struct job *next)
{
	bool told = true;
	enum store_rc rc = ST_OK;

	next->mmsid = s->j->mmsid;
	next->account = s->j->account;
	if (s->t != NULL && next->kind == JOB_POSTBACK)
		rc = once_postback(txn, s->t, &next->message, &told);
	return rc == ST_OK && told ? job_insert(txn, next, clock_now()) : rc;
}

static enum store_rc
end_job(struct txn *txn, void *ctx)
{
	struct end_step *s = ctx;
	const struct job *j = s->j;
	struct template *was = NULL;
	struct job *now = NULL;
	enum store_rc rc = find_template(txn, s, &was), held = job_held(txn, j, &now);

	s->gone = rc == ST_NOTFOUND;
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	if (held != ST_OK)
		return held == ST_CONFLICT && s->gone ? ST_OK : held;
	rc = job_delete(txn, now);
	if (rc != ST_OK || s->gone)
		return rc;
	if (j->posted != NULL && (rc = posted_add(txn, j)) != ST_OK)
		return rc;
	if (s->t != NULL)
		rc = replace(txn, was, s);
	for (size_t i = 0; rc == ST_OK && i < s->nnext; i++)
		rc = add_next(txn, s, &s->next[i]);
	return rc == ST_OK && s->t != NULL ? once_settle(txn, s->t) : rc;
}

enum store_rc
store_job_done(struct store *st, const struct job *j, struct template *t, struct job *next,
    size_t nnext)
{
	struct end_step s = { .j = j, .t = t, .next = next, .nnext = nnext };
	enum store_rc rc = TXN_RUN(st, KV_DURABLE, end_job, &s);

	if (rc != ST_OK || s.gone)
		return rc == ST_OK ? ST_NOTFOUND : rc;
	if (t != NULL) {
		t->created = s.created;
		t->version++;
	}
	return ST_OK;
}

enum store_rc
job_give_back(struct txn *txn, struct job *held, const struct job_return *r)
{
	struct job old = *held;

	job_returned(held, clock_now(), r);
	return job_change(txn, &old, held);
}

struct give_step {
	const struct job *j;
	struct job_return r;
};

static enum store_rc
give(struct txn *txn, void *ctx)
{
	const struct give_step *s = ctx;
	struct job *now;
	bool one = false;
	enum store_rc rc = job_held(txn, s->j, &now);

	if (rc == ST_OK)
		rc = layout1_is(txn, &one);
	if (rc == ST_OK && !one && now->body[0] == '\0')
		now->body = s->j->body;
	if (rc == ST_OK)
		rc = job_give_back(txn, now, &s->r);
	return rc == ST_OK && s->j->posted != NULL ? posted_add(txn, s->j) : rc;
}

static enum store_rc
give_back(struct store *st, const struct job *j, enum give how, uint64_t delay_ms, const char *why)
{
	struct give_step s = { j, { how, delay_ms, why } };

	return TXN_RUN(st, KV_DURABLE, give, &s);
}

enum store_rc
store_job_retry(struct store *st, const struct job *j, uint64_t delay_ms, const char *why)
{
	return give_back(st, j, GIVE_AGAIN, delay_ms, why);
}

enum store_rc
store_job_release(struct store *st, const struct job *j, uint64_t delay_ms, const char *why)
{
	return give_back(st, j, GIVE_RELEASE, delay_ms, why);
}

enum store_rc
store_job_fault(struct store *st, const struct job *j, uint64_t delay_ms, const char *why)
{
	return give_back(st, j, GIVE_FAULT, delay_ms, why);
}

enum store_rc
store_job_keep(struct store *st, const struct job *j, const char *why)
{
	return give_back(st, j, GIVE_KEEP, 0, why);
}

enum store_rc
store_job_dead_letter(struct store *st, const struct job *j, const char *why)
{
	return give_back(st, j, GIVE_DEAD_LETTER, 0, why);
}

/* --- the operator ------------------------------------------------------------------ */

enum store_rc
store_job_get(struct store *st, uint64_t id, struct arena *a, struct job **out)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (rc == ST_OK)
		rc = job_load(&txn, a, id, out);
	return txn_end(&txn, rc);
}

enum store_rc
store_job_next(struct store *st, uint64_t *after, struct arena *a, struct job **out)
{
	struct key from = key_id(TAB_JOB, *after + 1), table = key_of(TAB_JOB);
	struct slice key;
	struct txn txn;
	enum store_rc rc = *after < UINT64_MAX ? txn_begin(&txn, st, KV_READ) : ST_NOTFOUND;

	if (*after == UINT64_MAX)
		return rc;
	if (rc == ST_OK)
		rc = txn_next(&txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, &table, 9))
		rc = ST_NOTFOUND;
	if (rc == ST_OK) {
		*after = slice_u64(key, 1);
		rc = job_load(&txn, a, *after, out);
	}
	return txn_end(&txn, rc);
}

enum store_rc
store_job_next_dead_letter(struct store *st, enum job_kind kind, uint64_t *after, struct arena *a,
    struct job **out)
{
	struct key from = key_of(TAB_DEAD), of;
	struct slice key;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	key_u8(&from, (uint8_t)kind);
	of = from;
	key_u64(&from, *after);
	key_u8(&from, 0);
	if (rc == ST_OK)
		rc = txn_next(&txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, &of, DEAD_KEY))
		rc = ST_NOTFOUND;
	if (rc == ST_OK) {
		*after = slice_u64(key, 2);
		if ((rc = job_load(&txn, a, *after, out)) == ST_NOTFOUND)
			rc = ST_CORRUPT;
	}
	return txn_end(&txn, rc);
}

struct due_step {
	uint64_t id;
	bool anew; /* its counts begin again */
};

static enum store_rc
make_due(struct txn *txn, void *ctx)
{
	const struct due_step *s = ctx;
	struct job *j, old;
	enum store_rc rc = job_load(txn, txn->a, s->id, &j);

	if (rc != ST_OK)
		return rc;
	old = *j;
	return job_made_due(j, clock_now(), s->anew) ? job_change(txn, &old, j) : ST_CONFLICT;
}

enum store_rc
store_job_requeue(struct store *st, uint64_t id)
{
	struct due_step s = { id, true };

	return TXN_RUN(st, KV_DURABLE, make_due, &s);
}

enum store_rc
store_job_wake(struct store *st, uint64_t id)
{
	struct due_step s = { id, false };

	return TXN_RUN(st, KV_DURABLE, make_due, &s);
}

enum store_rc
store_job_stats(struct store *st, struct job_stats *out)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	memset(out, 0, sizeof *out);
	for (int kind = 0; rc == ST_OK && kind < JOB_KINDS; kind++)
		rc = queue_stats(&txn, (enum job_kind)kind, clock_now(), out);
	return txn_end(&txn, rc);
}

/* --- the account ------------------------------------------------------------------- */

struct postback_step {
	uint64_t account, mmsid;
};

static enum store_rc
add_postback(struct txn *txn, void *ctx)
{
	const struct postback_step *s = ctx;
	struct job j = { .kind = JOB_POSTBACK,
		.account = s->account,
		.mmsid = s->mmsid,
		.why = "",
		.body = "" };
	struct template *t;
	enum store_rc rc = template_load(txn, s->mmsid, &t);

	if (rc == ST_OK && t->account != s->account)
		rc = ST_NOTFOUND;
	if (rc == ST_OK && template_state(t) == TEMPLATE_ENCODING)
		rc = ST_CONFLICT;
	return rc == ST_OK ? job_insert(txn, &j, clock_now()) : rc;
}

enum store_rc
store_postback_add(struct store *st, uint64_t account, uint64_t mmsid)
{
	struct postback_step s = { account, mmsid };

	return TXN_RUN(st, KV_DURABLE, add_postback, &s);
}
