/*
 * store_plan: results of encoding a source, kept so that the same work is not done again; see
 * plan.h. A plan is either in the making (its record has an owner and the end of its hold) or made
 * (it has a text). Losing a plan costs one encode, nothing more: plans need not survive a power
 * cut.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/record.h"
#include "store/plan.h"
#include "store/store_job.h"
#include "store/store_plan.h"

enum { HOLD_SLACK_US = 60 * 1000000 };

static const struct record_form record_form = { "plan", 1 };

struct plan {
	char owner[JOB_OWNER]; /* "": made */
	int64_t until;
	const char *text;
};

/* Returns the key of a plan. Its name is hex that we made; any other name gives the key of no
 * plan. */
static struct key
plan_key(const char *plan)
{
	struct key k = key_of(TAB_PLAN);
	unsigned char digest[SHA256_BYTES];

	if (crypt_digest_bytes(plan, digest))
		key_bytes(&k, digest, sizeof digest);
	return k;
}

static enum store_rc
read_plan(struct arena *a, struct slice v, struct plan *p)
{
	struct record r;

	*p = (struct plan){ .text = "" };
	if (!record_open(&r, a, v.p, v.n, &record_form))
		return arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	while (record_next(&r)) {
		if (record_is(&r, "owner"))
			record_text(&r, p->owner, sizeof p->owner);
		else if (record_is(&r, "until"))
			p->until = (int64_t)record_number(&r, 0, INT64_MAX);
		else if (record_is(&r, "text"))
			p->text = r.value;
		else
			r.bad = true;
	}
	return record_whole(&r) ? ST_OK : arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
}

bool
plan_readable(struct arena *a, struct slice v)
{
	struct plan p;

	return read_plan(a, v, &p) == ST_OK;
}

static enum store_rc
write_plan(struct txn *txn, const struct key *k, const struct plan *p)
{
	buf_reset(&txn->buf);
	record_start(&txn->buf, &record_form);
	record_str(&txn->buf, "owner", p->owner);
	record_u64(&txn->buf, "until", (uint64_t)p->until);
	record_str(&txn->buf, "text", p->text);
	record_end(&txn->buf);
	return txn_put_buf(txn, k);
}

static enum store_rc
load_plan(struct txn *txn, const struct key *k, struct arena *a, struct plan *p)
{
	struct slice v;
	enum store_rc rc = txn_get(txn, k, &v);

	if (rc == ST_OK)
		rc = read_plan(a, v, p);
	return rc == ST_CORRUPT ? ST_NOTFOUND : rc; /* the plan is then made anew */
}

/* Returns true if a hold is over. One that ends later than any hold requested now would is from
 * before the clock was set back. */
static bool
hold_over(const struct plan *p, uint64_t hold_ms)
{
	int64_t now = clock_now();

	return p->until <= now || p->until > job_later(now, hold_ms) + HOLD_SLACK_US;
}

static void
hold(struct plan *p, const struct plan_claim *c)
{
	(void)snprintf(p->owner, sizeof p->owner, "%s", c->owner);
	p->until = job_later(clock_now(), c->hold_ms);
	p->text = "";
}

struct plan_step {
	const struct plan_claim *c;
	struct arena *a; /* of what take() finds */
	const char
	    *text;   /* put, forget: given; take: found, NULL if the plan is the claimer's now */
	bool making; /* take: another owner is making it */
};

static enum store_rc
take(struct txn *txn, void *ctx)
{
	struct plan_step *s = ctx;
	struct key k = plan_key(s->c->plan);
	struct plan p;
	enum store_rc rc = load_plan(txn, &k, s->a, &p);

	if (rc == ST_NOTFOUND ||
	    (rc == ST_OK && p.owner[0] != '\0' && hold_over(&p, s->c->hold_ms))) {
		hold(&p, s->c);
		return write_plan(txn, &k, &p);
	}
	if (rc == ST_OK) {
		s->text = p.text;
		s->making = p.owner[0] != '\0';
	}
	return rc;
}

enum store_rc
store_plan_take(struct store *st, const struct plan_claim *c, struct arena *a, const char **text)
{
	struct plan_step s = { .c = c, .a = a };
	enum store_rc rc = TXN_RUN(st, KV_FAST, take, &s);

	*text = rc == ST_OK ? s.text : NULL;
	if (rc != ST_OK)
		return rc;
	return s.text == NULL ? ST_NOTFOUND : s.making ? ST_AGAIN : ST_OK;
}

/* Reads a plan that its claimer holds. Returns ST_CONFLICT if he does not. */
static enum store_rc
load_held(struct txn *txn, const struct key *k, const struct plan_claim *c, struct plan *p)
{
	enum store_rc rc = load_plan(txn, k, txn->a, p);

	if (rc == ST_NOTFOUND || (rc == ST_OK && strcmp(p->owner, c->owner) != 0))
		return ST_CONFLICT;
	return rc;
}

static enum store_rc
hold_on(struct txn *txn, void *ctx)
{
	const struct plan_step *s = ctx;
	struct key k = plan_key(s->c->plan);
	struct plan p;
	enum store_rc rc = load_held(txn, &k, s->c, &p);

	if (rc != ST_OK)
		return rc;
	hold(&p, s->c);
	return write_plan(txn, &k, &p);
}

enum store_rc
store_plan_hold(struct store *st, const struct plan_claim *c)
{
	struct plan_step s = { .c = c };

	return TXN_RUN(st, KV_FAST, hold_on, &s);
}

static enum store_rc
put(struct txn *txn, void *ctx)
{
	const struct plan_step *s = ctx;
	const struct plan made = { .text = s->text };
	struct key k = plan_key(s->c->plan);
	struct plan p;
	enum store_rc rc = load_held(txn, &k, s->c, &p);

	return rc == ST_OK ? write_plan(txn, &k, &made) : rc;
}

enum store_rc
store_plan_put(struct store *st, const struct plan_claim *c, const char *text)
{
	struct plan_step s = { .c = c, .text = text };

	return TXN_RUN(st, KV_FAST, put, &s);
}

static enum store_rc
drop(struct txn *txn, void *ctx)
{
	const struct plan_step *s = ctx;
	struct key k = plan_key(s->c->plan);
	struct plan p;
	enum store_rc rc = load_held(txn, &k, s->c, &p);

	return rc == ST_OK ? txn_del(txn, &k) : rc;
}

enum store_rc
store_plan_drop(struct store *st, const struct plan_claim *c)
{
	struct plan_step s = { .c = c };

	return TXN_RUN(st, KV_FAST, drop, &s);
}

/* A record that cannot be read has no text. */
static enum store_rc
forget(struct txn *txn, void *ctx)
{
	const struct plan_step *s = ctx;
	struct key k = plan_key(s->c->plan);
	struct plan p;
	enum store_rc rc = load_plan(txn, &k, txn->a, &p);

	if (rc == ST_OK && (p.owner[0] != '\0' || strcmp(p.text, s->text) != 0))
		return ST_CONFLICT;
	return rc == ST_OK || rc == ST_NOTFOUND ? txn_clear(txn, &k) : rc;
}

enum store_rc
store_plan_forget(struct store *st, const char *plan, const char *text)
{
	const struct plan_claim c = { .plan = plan };
	struct plan_step s = { .c = &c, .text = text };

	return TXN_RUN(st, KV_FAST, forget, &s);
}

enum store_rc
store_plan_next(struct store *st, const char *after, struct arena *a, char plan[SHA256_HEX],
    const char **text)
{
	struct key from = key_of(TAB_PLAN), table = key_of(TAB_PLAN);
	struct slice key, v;
	struct plan p = { .owner = "?" };
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	if (after[0] != '\0') {
		from = plan_key(after);
		key_u8(&from, 0);
	}
	while (rc == ST_OK && p.owner[0] != '\0') {
		rc = txn_next(&txn, &from, &key, &v);
		if (rc == ST_OK && !key_has_prefix(key, &table, PLAN_KEY))
			rc = ST_NOTFOUND;
		if (rc != ST_OK)
			break;
		crypt_digest_hex((const char *)key.p + 1, plan);
		key_behind(&from, key);
		if (read_plan(a, v, &p) != ST_OK)
			p = (struct plan){ .text = "" }; /* the sweep drops what it cannot read */
	}
	if (rc == ST_OK)
		*text = p.text;
	return txn_end(&txn, rc);
}
