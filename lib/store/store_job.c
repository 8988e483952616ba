/* store_job: jobs that are held, ended or given back, and postbacks that are queued again; see
 * store.h and store_index.c. store_claim.c chooses the next job. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/store_index.h"
#include "store/store_job.h"
#include "store/store_message.h"
#include "store/store_posted.h"
#include "store/store_refs.h"
#include "store/store_template.h"

enum { MAX_MS = 1000000000 };

int64_t
job_later(int64_t now, uint64_t ms)
{
	return now + (int64_t)(ms < MAX_MS ? ms : MAX_MS) * 1000;
}

/* --- the holder of a lease --------------------------------------------------------- */

enum store_rc
job_held(struct txn *txn, const struct job *j, struct job **out)
{
	enum store_rc rc = job_load(txn, txn->a, j->id, out);

	if (rc == ST_NOTFOUND)
		return ST_CONFLICT;
	if (rc == ST_OK && ((*out)->token != j->token || (*out)->dead || (*out)->owner[0] == '\0'))
		return ST_CONFLICT;
	return rc;
}

static enum store_rc
renew(struct txn *txn, const struct job_renewal *r, uint64_t lease_ms)
{
	const struct job claimed = { .id = r->id, .token = r->token };
	struct job *now, old;
	enum store_rc rc = job_held(txn, &claimed, &now);

	if (rc != ST_OK)
		return rc;
	old = *now;
	now->due = job_later(clock_now(), lease_ms);
	now->permille = r->permille;
	now->left_ms = r->left_ms;
	return job_change(txn, &old, now);
}

enum store_rc
store_job_renew_some(struct store *st, struct job_renewal *r, size_t n, uint64_t lease_ms)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_FAST);

	for (size_t i = 0; rc == ST_OK && i < n; i++) {
		r[i].rc = renew(&txn, &r[i], lease_ms);
		/* what is wrong with one job does not affect the others */
		if (r[i].rc != ST_OK && r[i].rc != ST_CONFLICT && r[i].rc != ST_CORRUPT)
			rc = r[i].rc;
		else
			rc = txn_forget(&txn);
	}
	return txn_end(&txn, rc);
}

enum store_rc
store_job_renew(struct store *st, const struct job *j, uint64_t lease_ms, unsigned permille,
    unsigned left_ms)
{
	struct job_renewal one = { j->id, j->token, permille, left_ms, ST_OK };
	enum store_rc rc = store_job_renew_some(st, &one, 1, lease_ms);

	return rc == ST_OK ? one.rc : rc;
}

/* Replaces the stored template by t. Returns ST_CONFLICT unless both have the same version. */
static enum store_rc
replace(struct txn *txn, const struct template *was, struct template *t)
{
	enum store_rc rc;

	if (was->version != t->version || was->id != t->id || was->account != t->account)
		return ST_CONFLICT;
	t->created = was->created; /* the list sorts by it */
	t->version++;
	if ((rc = refs_change(txn, was, t, NULL)) == ST_OK)
		rc = template_write(txn, t);
	return rc;
}

/* The changes that the end of a job makes. */
struct job_end {
	struct template *t; /* NULL: the template stays */
	struct job *next;   /* the jobs that follow */
	size_t nnext;
};

/* Ends a job. Sets *gone if its template no longer exists; the job is removed all the same. */
static enum store_rc
end_job(struct txn *txn, const struct job *j, const struct job_end *end, bool *gone)
{
	struct template *was = NULL;
	struct job *now = NULL;
	enum store_rc rc = template_load(txn, j->mmsid, &was), held = job_held(txn, j, &now);

	*gone = rc == ST_NOTFOUND && j->message == 0; /* a message outlives its template */
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	if (held != ST_OK)
		return held == ST_CONFLICT && *gone ? ST_OK : held;
	rc = job_delete(txn, now);
	if (rc != ST_OK || *gone)
		return rc;
	if (j->posted != NULL && (rc = posted_add(txn, j)) != ST_OK)
		return rc;
	if (end->t != NULL)
		rc = replace(txn, was, end->t);
	for (size_t i = 0; rc == ST_OK && i < end->nnext; i++) {
		end->next[i].mmsid = j->mmsid;
		end->next[i].account = j->account;
		rc = job_insert(txn, &end->next[i], clock_now());
	}
	return rc;
}

enum store_rc
store_job_done(struct store *st, const struct job *j, struct template *t, struct job *next,
    size_t nnext)
{
	const struct job_end end = { t, next, nnext };
	uint32_t version = t != NULL ? t->version : 0;
	bool gone = false;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = end_job(&txn, j, &end, &gone);
	rc = txn_end(&txn, rc);
	if ((rc != ST_OK || gone) && t != NULL)
		t->version = version;
	return rc == ST_OK && gone ? ST_NOTFOUND : rc;
}

enum store_rc
job_give_back(struct txn *txn, struct job *held, enum give how, uint64_t delay_ms, const char *why)
{
	bool fault = how == GIVE_FAULT || how == GIVE_KEEP;
	struct job old = *held;

	held->owner[0] = '\0';
	held->due = job_later(clock_now(), delay_ms);
	held->dead = how == GIVE_DEAD_LETTER || how == GIVE_KEEP;
	if ((how == GIVE_RELEASE || fault) && held->attempt > 0)
		held->attempt--;
	if (fault && held->faults < UINT32_MAX)
		held->faults++;
	held->why = why != NULL ? why : "";
	held->permille = held->left_ms = 0;
	return job_change(txn, &old, held);
}

static enum store_rc
give_back(struct store *st, const struct job *j, enum give how, uint64_t delay_ms, const char *why)
{
	struct job *now;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = job_held(&txn, j, &now);
	if (rc == ST_OK)
		rc = job_give_back(&txn, now, how, delay_ms, why);
	if (rc == ST_OK && j->posted != NULL)
		rc = posted_add(&txn, j);
	return txn_end(&txn, rc);
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
store_job_next(struct store *st, uint64_t after, struct arena *a, struct job **out)
{
	struct key from = key_id(TAB_JOB, after + 1), table = key_of(TAB_JOB);
	struct slice key;
	struct txn txn;
	enum store_rc rc = after < UINT64_MAX ? txn_begin(&txn, st, KV_READ) : ST_NOTFOUND;

	if (after == UINT64_MAX)
		return rc;
	if (rc == ST_OK)
		rc = txn_next(&txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, &table, 9))
		rc = ST_NOTFOUND;
	if (rc == ST_OK)
		rc = job_load(&txn, a, slice_u64(key, 1), out);
	return txn_end(&txn, rc);
}

enum store_rc
store_job_next_dead_letter(struct store *st, enum job_kind kind, uint64_t after, struct arena *a,
    struct job **out)
{
	struct key from = key_of(TAB_DEAD), of;
	struct slice key;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	key_u8(&from, (uint8_t)kind);
	of = from;
	key_u64(&from, after);
	key_u8(&from, 0);
	if (rc == ST_OK)
		rc = txn_next(&txn, &from, &key, NULL);
	if (rc == ST_OK && !key_has_prefix(key, &of, DEAD_KEY))
		rc = ST_NOTFOUND;
	if (rc == ST_OK && (rc = job_load(&txn, a, slice_u64(key, 2), out)) == ST_NOTFOUND)
		rc = ST_CORRUPT;
	return txn_end(&txn, rc);
}

/* Makes a job that nobody holds due now. anew: its counts begin again. */
static enum store_rc
make_due(struct store *st, uint64_t id, bool anew)
{
	int64_t now = clock_now();
	struct job *j, old;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = job_load(&txn, txn.a, id, &j);
	if (rc == ST_OK && j->owner[0] != '\0' && j->due > now)
		rc = ST_CONFLICT;
	if (rc == ST_OK) {
		old = *j;
		j->owner[0] = '\0';
		j->token++; /* a holder whose lease has expired loses it here */
		j->attempt = anew ? 0 : j->attempt;
		j->faults = anew ? 0 : j->faults;
		j->dead = 0;
		j->due = now;
		rc = job_change(&txn, &old, j);
	}
	return txn_end(&txn, rc);
}

enum store_rc
store_job_requeue(struct store *st, uint64_t id)
{
	return make_due(st, id, true);
}

enum store_rc
store_job_wake(struct store *st, uint64_t id)
{
	return make_due(st, id, false);
}

/* Marks the queued message of a discarded job as failed. A message that cannot be read stays as it
 * is. */
static enum store_rc
give_up_message(struct txn *txn, uint64_t id)
{
	struct message *m;
	enum store_rc rc = message_load(txn, txn->a, id, &m);

	if (rc == ST_NOTFOUND || rc == ST_CORRUPT || (rc == ST_OK && m->state != MESSAGE_QUEUED))
		return ST_OK;
	if (rc != ST_OK)
		return rc;
	m->state = MESSAGE_FAILED;
	m->reported = clock_now();
	m->why = "discarded by the operator";
	m->version++;
	return message_write(txn, m);
}

enum store_rc
store_job_discard(struct store *st, uint64_t id)
{
	struct job *j;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = job_load(&txn, txn.a, id, &j);
	if (rc == ST_OK)
		rc = job_delete(&txn, j);
	if (rc == ST_OK && j->kind == JOB_DELIVER)
		rc = give_up_message(&txn, j->message);
	return txn_end(&txn, rc);
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

enum store_rc
store_postback_add(struct store *st, uint64_t account, uint64_t mmsid)
{
	struct job j = { .kind = JOB_POSTBACK,
		.account = account,
		.mmsid = mmsid,
		.why = "",
		.body = "" };
	struct template *t;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = template_load(&txn, mmsid, &t);
	if (rc == ST_OK && t->account != account)
		rc = ST_NOTFOUND;
	if (rc == ST_OK && template_state(t) == TEMPLATE_ENCODING)
		rc = ST_CONFLICT;
	if (rc == ST_OK)
		rc = job_insert(&txn, &j, clock_now());
	return txn_end(&txn, rc);
}
