/* What sendMMS stores (store/store_sending.h): a template of no list and its message, together or
 * not at all; the message is delivered once, when the template is ready. After each test the whole
 * store is consistent. */
#include "unit.h"

#include "base/arena.h"
#include "base/clock.h"
#include "flaky.h"
#include "plant.h"
#include "sample.h"
#include "store/queue/once.h"
#include "store/store_sending.h"

enum { HOUR_S = 3600 };

static const struct job_want deliver = { JOB_DELIVER, { LANE_SHORT }, 1, "me", 60000 },
			     encode = { JOB_ENCODE, { LANE_SHORT }, 1, "me", 60000 },
			     post = { JOB_POSTBACK, { LANE_SHORT }, 1, "me", 60000 };
static struct arena *a;
static struct store *st;
static uint64_t account;

static void
show_fault(void *ctx, const char *text)
{
	fail_msg("%s", text);
}

static void
count_fault(void *ctx, const char *text)
{
	assert_true(strstr(text, "is queued, but no job delivers it") != NULL ||
	    strstr(text, "expires as one of sendMMS in account") != NULL);
}

static int
setup(void **state)
{
	struct account ac;

	a = arena_new(256 << 20);
	st = flaky_open();
	assert_true(account_init(&ac, "one"));
	(void)snprintf(ac.postback_url, sizeof ac.postback_url, "http://localhost/told");
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	account = ac.id;
	return 0;
}

static int
teardown(void **state)
{
	store_close(&st);
	arena_free(&a);
	return 0;
}

/* Sends a template whose page lasts until then, but at most an hour; waiting: its first medium is
 * yet to be encoded. */
static enum store_rc
sends_all(int64_t until, int64_t not_after, bool waiting, struct template *t, struct message *m)
{
	static struct sample s;
	struct job job = { .kind = JOB_ENCODE, .why = "", .body = "" };
	const struct sending what = { .t = t,
		.jobs = &job,
		.njobs = waiting ? 1 : 0,
		.lasts = (int64_t)HOUR_S * 1000000,
		.m = m };

	sample_template(&s, account, 1);
	if (waiting)
		s.t.slide[0].medium[0].state = MEDIUM_WAITING;
	*t = s.t;
	*m = message_empty;
	m->account = account;
	m->to = "15550001";
	m->from = "12345";
	m->expires = until;
	m->not_after = not_after;
	return store_sending_create(st, &what);
}

static enum store_rc
sends_until(int64_t until, bool waiting, struct template *t, struct message *m)
{
	return sends_all(until, 0, waiting, t, m);
}

/* Sends one that waits, and that is not to be sent later than then. */
static enum store_rc
sends_by(int64_t not_after, struct template *t, struct message *m)
{
	return sends_all(INT64_MAX, not_after, true, t, m);
}

static enum store_rc
sends(bool waiting, struct template *t, struct message *m)
{
	return sends_until(INT64_MAX, waiting, t, m);
}

/* Returns how many jobs the want finds, and the last of them. */
static size_t
claim_all(const struct job_want *want, struct job **last)
{
	struct job *j;
	uint64_t wait;
	size_t n = 0;

	for (; store_job_claim(st, want, a, &j, &wait) == ST_OK; n++)
		*last = j;
	return n;
}

static bool
claim_one(struct job **j)
{
	uint64_t wait;

	return store_job_claim(st, &deliver, a, j, &wait) == ST_OK;
}

static struct message *
get(uint64_t id)
{
	struct message *m = NULL;

	assert_int_equal(store_message_get(st, id, a, &m), ST_OK);
	return m;
}

static void
assert_waits(const struct template *t, uint64_t expected)
{
	uint64_t message = 99;
	bool once = false;

	assert_int_equal(store_sending_of(st, t, &once, &message), ST_OK);
	assert_true(once);
	assert_int_equal(message, expected);
}

/* One that is ready is delivered at once; nothing lists its template. */
static void
test_ready(void **state)
{
	struct template t, *found;
	struct message m;
	struct job *j = NULL;
	uint64_t n = 9;

	assert_int_equal(sends(false, &t, &m), ST_OK);
	assert_int_equal(m.mmsid, t.id);
	assert_int_equal(strlen(m.tracking), TRACKING - 1);
	assert_int_equal(claim_all(&deliver, &j), 1);
	assert_int_equal(j->message, m.id);
	assert_int_equal(j->mmsid, t.id);
	assert_waits(&t, 0);
	assert_int_equal(store_template_count(st, account, &n), ST_OK);
	assert_int_equal(n, 0);
	assert_int_equal(store_template_count(st, 0, &n), ST_OK);
	assert_int_equal(n, 0);
	assert_int_equal(store_template_get(st, account, t.id, a, &found), ST_OK);
	assert_int_equal(store_account_remove(st, account), ST_EXISTS);
	m = message_empty;
	m.account = account;
	m.mmsid = t.id;
	assert_int_equal(store_message_create(st, &m, NULL),
	    ST_NOTFOUND); /* it is of one message alone */
}

/* Whatever fails leaves nothing behind, and a repetition leaves it once. */
static void
test_all_or_nothing(void **state)
{
	static const enum store_rc why[] = { ST_FULL, ST_AGAIN, ST_IO };
	struct template t, *found;
	struct message m, *none;
	struct job *j;

	for (int waiting = 0; waiting < 2; waiting++)
		for (size_t i = 0; i < COUNT(why); i++) {
			flaky_fail(st, 1, why[i]);
			assert_int_equal(sends(waiting, &t, &m), why[i]);
			assert_int_equal(t.id, 0);
			assert_int_equal(m.id, 0);
			assert_int_equal(claim_all(&deliver, &j) + claim_all(&encode, &j), 0);
			assert_int_equal(store_message_get(st, 1, a, &none), ST_NOTFOUND);
			assert_int_equal(store_template_get(st, 0, MMSID_FIRST, a, &found),
			    ST_NOTFOUND);
		}
	flaky_fail(st, 1, ST_REPEAT);
	assert_int_equal(sends(true, &t, &m), ST_OK);
	assert_waits(&t, m.id);
	assert_int_equal(claim_all(&encode, &j), 1);
	assert_int_equal(claim_all(&deliver, &j), 0);
}

/* The end of the last encode, in the same transaction, ends the wait: once, as the template is. */
static void
test_wait_ends(void **state)
{
	static const struct {
		enum medium_state becomes;
		size_t delivered;
		enum message_state message;
	} row[] = {
		{ MEDIUM_WAITING, 0, MESSAGE_QUEUED }, /* another round follows */
		{ MEDIUM_READY, 1, MESSAGE_QUEUED },
		{ MEDIUM_FAILED, 0, MESSAGE_FAILED },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		struct template t, *now;
		struct message m;
		struct job *j = NULL, *d;

		assert_int_equal(sends(true, &t, &m), ST_OK);
		assert_int_equal(claim_all(&encode, &j), 1);
		assert_int_equal(store_template_get(st, 0, t.id, a, &now), ST_OK);
		now->slide[0].medium[0].state = row[i].becomes;
		flaky_fail(st, 1, ST_IO);
		assert_int_equal(store_job_done(st, j, now, NULL, 0), ST_IO);
		assert_waits(&t, m.id);
		assert_int_equal(claim_all(&deliver, &d), 0);
		flaky_fail(st, 1, ST_REPEAT);
		assert_int_equal(store_job_done(st, j, now, NULL, 0), ST_OK);
		assert_int_equal(store_job_done(st, j, now, NULL, 0), ST_CONFLICT);
		assert_int_equal(claim_all(&deliver, &d), row[i].delivered);
		assert_int_equal(get(m.id)->state, row[i].message);
		assert_waits(&t, row[i].becomes == MEDIUM_WAITING ? m.id : 0);
	}
}

/* What has failed when it is saved is stored like that: nothing is delivered. */
static void
test_failed_at_once(void **state)
{
	struct sample s;
	struct message m = message_empty;
	const struct sending what = { .t = &s.t, .m = &m };
	struct job *d;

	sample_template(&s, account, 1);
	s.t.slide[0].medium[0].state = MEDIUM_FAILED;
	m.account = account;
	assert_int_equal(store_sending_create(st, &what), ST_OK);
	assert_int_equal(get(m.id)->state, MESSAGE_FAILED);
	assert_waits(&s.t, 0);
	assert_int_equal(claim_all(&deliver, &d), 0);
}

/* A helper that dies leaves the encode to another, and the message waiting. */
static void
test_helper_dies(void **state)
{
	const struct job_want brief = { JOB_ENCODE, { LANE_SHORT }, 1, "dies", 0 };
	struct template t, *now;
	struct message m;
	struct job *dead, *j = NULL, *d;
	uint64_t wait;

	assert_int_equal(sends(true, &t, &m), ST_OK);
	assert_int_equal(store_job_claim(st, &brief, a, &dead, &wait), ST_OK);
	assert_int_equal(claim_all(&encode, &j), 1);
	assert_int_equal(store_template_get(st, 0, t.id, a, &now), ST_OK);
	now->slide[0].medium[0].state = MEDIUM_READY;
	assert_int_equal(store_job_done(st, dead, now, NULL, 0), ST_CONFLICT);
	assert_int_equal(claim_all(&deliver, &d), 0);
	assert_int_equal(store_job_done(st, j, now, NULL, 0), ST_OK);
	assert_int_equal(store_job_done(st, dead, now, NULL, 0), ST_CONFLICT);
	assert_int_equal(claim_all(&deliver, &d), 1);
}

static const char *
told(void *ctx, const struct account *ac, const struct message *m, struct arena *in)
{
	return arena_printf(in, "%s: %s", message_state_name(m->state), m->why);
}

static enum store_rc
end_wait(struct txn *txn, void *ctx)
{
	const struct give_up end = { "discarded", NULL };
	const uint64_t *id = ctx;

	return once_give_up(txn, account, *id, &end);
}

/* Another ends the wait for the template. */
static void
another_ends_wait(const struct template *t)
{
	uint64_t id = t->id;

	assert_int_equal(TXN_RUN(st, KV_DURABLE, end_wait, &id), ST_OK);
}

/* Whichever encode of its template is discarded, the customer is told once that the message is not
 * sent, and never that its media are encoded. */
static void
test_discard_is_told(void **state)
{
	const struct postback_writer writer = { told, NULL };
	struct job next = { .kind = JOB_POSTBACK, .why = "", .body = "" }, *j = NULL, *p = NULL;
	struct template t, *now;
	struct message m;
	struct key k;

	for (int lost = 0; lost < 2; lost++) {
		assert_int_equal(sends(true, &t, &m), ST_OK);
		assert_int_equal(claim_all(&encode, &j), 1);
		k = key_id(TAB_JOB, j->id);
		if (lost)
			plant(st, &k, "x", 1);
		flaky_fail(st, 1, ST_REPEAT);
		assert_int_equal(store_job_discard(st, j->id, &writer), ST_OK);
		assert_int_equal(store_job_discard(st, j->id, &writer), ST_NOTFOUND);
		assert_int_equal(get(m.id)->state, MESSAGE_FAILED);
		assert_int_equal(claim_all(&post, &p), 1);
		assert_int_equal(p->message, m.id);
		assert_string_equal(p->body, "failed: discarded by the operator");
		assert_int_equal(store_job_done(st, p, NULL, NULL, 0), ST_OK);
	}
	/* one that was told already: another encode ends it, with the postback N013 */
	assert_int_equal(sends(true, &t, &m), ST_OK);
	assert_int_equal(claim_all(&encode, &j), 1);
	assert_int_equal(store_template_get(st, 0, t.id, a, &now), ST_OK);
	another_ends_wait(&t);
	now->slide[0].medium[0].state = MEDIUM_READY;
	assert_int_equal(store_job_done(st, j, now, &next, 1), ST_OK);
	assert_int_equal(claim_all(&post, &p), 0);
	assert_int_equal(get(m.id)->state, MESSAGE_FAILED);
}

/* Discarding a job of which nothing is left, or only a damaged record, walks over the whole queue,
 * but in short transactions: others go on meanwhile. */
static void
test_discard_lets_others_in(void **state)
{
	enum { JOBS = 3 * STORE_SLICE + 7 };
	const struct postback_writer writer = { told, NULL };
	static struct job jobs[JOBS];
	struct template t;
	struct message m;
	struct sample s;
	struct job *j = NULL;
	struct key k;

	sample_template(&s, account, 1);
	for (size_t i = 0; i < JOBS; i++)
		jobs[i] = (struct job){ .kind = JOB_POSTBACK, .why = "", .body = "" };
	assert_int_equal(store_template_create(st, &s.t, jobs, JOBS, NULL), ST_OK);
	assert_int_equal(sends(true, &t, &m), ST_OK);
	assert_int_equal(claim_all(&encode, &j), 1);
	(void)flaky_longest(st);
	assert_int_equal(store_job_discard(st, j->id + 1, &writer), ST_NOTFOUND);
	assert_in_range(flaky_longest(st), 1, STORE_SLICE);
	k = key_id(TAB_JOB, j->id);
	plant(st, &k, "x", 1);
	assert_int_equal(store_job_discard(st, j->id, &writer), ST_OK);
	assert_in_range(flaky_longest(st), 1, STORE_SLICE);
	assert_int_equal(get(m.id)->state, MESSAGE_FAILED);
}

/* A message whose template is deleted, or whose encode is discarded, does not wait for ever. */
static void
test_given_up(void **state)
{
	struct template t;
	struct message m;
	struct orphans orphans;
	struct job *j = NULL, *d = NULL;

	assert_int_equal(sends(true, &t, &m), ST_OK);
	assert_int_equal(store_template_remove(st, account, t.id, a, &orphans), ST_OK);
	assert_true(orphans.n > 0);
	assert_true(orphans.queued);
	assert_int_equal(claim_all(&encode, &j), 0);
	assert_int_equal(claim_all(&deliver, &d), 1); /* it will find no template */
	assert_int_equal(d->message, m.id);
	assert_int_equal(sends(true, &t, &m), ST_OK);
	assert_int_equal(claim_all(&encode, &j), 1);
	assert_int_equal(store_job_discard(st, j->id, NULL), ST_OK);
	assert_int_equal(get(m.id)->state, MESSAGE_FAILED);
	assert_waits(&t, 0);
	assert_int_equal(claim_all(&deliver, &d), 0);
	assert_int_equal(store_template_remove(st, account, t.id, a, &orphans), ST_OK);
	assert_false(orphans.queued);
	assert_int_equal(store_account_remove(st, account), ST_OK);
}

/* An entry that cannot be read keeps neither the encode from its end nor the template from being
 * deleted; nothing is told that may not be true. */
static void
test_damaged_entry(void **state)
{
	static const struct {
		enum medium_state becomes;
		size_t told;
	} row[] = { { MEDIUM_READY, 0 }, { MEDIUM_FAILED, 1 } };
	struct orphans orphans;
	struct store_check c = { .fault = count_fault };

	for (size_t i = 0; i < COUNT(row); i++) {
		struct job next = { .kind = JOB_POSTBACK, .why = "", .body = "" }, *j = NULL, *p;
		struct template t, *now;
		struct message m;
		struct key k;

		assert_int_equal(sends(true, &t, &m), ST_OK);
		k = once_key(account, t.id);
		plant(st, &k, "short", 5);
		assert_int_equal(claim_all(&encode, &j), 1);
		assert_int_equal(store_template_get(st, 0, t.id, a, &now), ST_OK);
		now->slide[0].medium[0].state = row[i].becomes;
		assert_int_equal(store_job_done(st, j, now, &next, 1), ST_OK);
		assert_int_equal(claim_all(&post, &p), row[i].told);
		assert_int_equal(claim_all(&deliver, &j), 0);
		assert_waits(&t, 0);
		assert_int_equal(store_template_remove(st, account, t.id, a, &orphans), ST_OK);
		assert_false(orphans.queued);
	}
	assert_int_equal(store_check(st, &c), ST_OK);
	/* the messages: nobody knows which they were; the sweep forgets the times when they go */
	assert_int_equal(c.faults, 2 * COUNT(row));
}

/* A message whose time is over before its media are encoded ends then, and its customer is told
 * that, and not that they are encoded. */
static void
test_overdue(void **state)
{
	const struct postback_writer writer = { told, NULL };
	struct job next = { .kind = JOB_POSTBACK, .why = "", .body = "" }, *j = NULL, *p = NULL;
	struct template t, *now;
	struct message m;
	bool ended = true;

	assert_int_equal(sends_by(clock_now() + (int64_t)HOUR_S * 1000000, &t, &m), ST_OK);
	assert_true(get(m.id)->not_after == m.not_after);
	assert_int_equal(store_sending_overdue(st, account, t.id, &writer, &ended), ST_OK);
	assert_false(ended);
	assert_waits(&t, m.id);
	assert_int_equal(claim_all(&encode, &j), 1);

	assert_int_equal(sends_by(1, &t, &m), ST_OK);
	flaky_fail(st, 1, ST_REPEAT);
	assert_int_equal(store_sending_overdue(st, account, t.id, &writer, &ended), ST_OK);
	assert_true(ended);
	assert_int_equal(store_sending_overdue(st, account, t.id, &writer, &ended), ST_OK);
	assert_false(ended);
	assert_waits(&t, 0);
	assert_int_equal(get(m.id)->state, MESSAGE_FAILED);
	assert_string_equal(get(m.id)->outcome, "Expired");
	assert_int_equal(claim_all(&post, &p), 1);
	assert_string_equal(p->body, "failed: " MESSAGE_EXPIRED);
	assert_int_equal(store_job_done(st, p, NULL, NULL, 0), ST_OK);

	/* it is found when the encode ends: whoever delivers it says that it has expired */
	assert_int_equal(claim_all(&encode, &j), 1);
	assert_int_equal(sends_by(1, &t, &m), ST_OK);
	assert_int_equal(claim_all(&encode, &j), 1);
	assert_int_equal(store_template_get(st, 0, t.id, a, &now), ST_OK);
	now->slide[0].medium[0].state = MEDIUM_READY;
	assert_int_equal(store_job_done(st, j, now, &next, 1), ST_OK);
	assert_int_equal(claim_all(&post, &p), 0);
	assert_int_equal(claim_all(&deliver, &j), 1);
}

/* A page ends when its sender says, however long saving took, and never later than it may. */
static void
test_page_ends(void **state)
{
	const int64_t hour = (int64_t)HOUR_S * 1000000, named = clock_now() + hour / 2;
	struct template t;
	struct message m;

	assert_int_equal(sends_until(named, false, &t, &m), ST_OK);
	assert_true(m.expires == named && get(m.id)->expires == named);
	assert_int_equal(sends_until(named + hour, false, &t, &m), ST_OK);
	assert_true(m.expires == t.created + hour && get(m.id)->expires == m.expires);
}

/* Discards every delivery, so that no message is to be sent any more, but that of the message. */
static void
discard_all(uint64_t but)
{
	struct job *j;

	while (claim_one(&j))
		if (j->message != but)
			assert_int_equal(store_job_discard(st, j->id, NULL), ST_OK);
}

static void
assert_next(struct sending_expiry *x, const struct template *t, bool gone)
{
	assert_int_equal(store_sending_expired(st, x), ST_OK);
	assert_int_equal(x->account, t->account);
	assert_int_equal(x->id, t->id);
	assert_int_equal(x->gone, gone);
}

/* Those that have expired are found in all accounts, the first to expire first, whatever else the
 * account sent before; one that is yet to be sent is passed by. */
static void
test_expired(void **state)
{
	const uint64_t old = account;
	struct template t[5];
	struct message m[5];
	struct account ac;
	struct sending_expiry x = { .id = 0 };
	struct orphans orphans;
	struct key k;

	assert_int_equal(sends(false, &t[0], &m[0]), ST_OK); /* lasts */
	assert_int_equal(sends_until(30, false, &t[1], &m[1]), ST_OK);
	assert_int_equal(sends_until(10, false, &t[2], &m[2]), ST_OK);
	assert_int_equal(sends_until(20, false, &t[3], &m[3]), ST_OK);
	assert_true(account_init(&ac, "two"));
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	account = ac.id;
	assert_int_equal(sends_until(15, false, &t[4], &m[4]), ST_OK);
	account = old;
	discard_all(m[3].id);
	assert_next(&x, &t[2], true);
	assert_next(&x, &t[4], true);
	assert_next(&x, &t[3], false);
	assert_next(&x, &t[1], true);
	assert_int_equal(store_sending_expired(st, &x), ST_NOTFOUND);
	assert_int_equal(x.id, t[1].id);
	/* one that cannot be read is named, and passed by */
	k = once_key(account, t[2].id);
	plant(st, &k, "short", 5);
	x = (struct sending_expiry){ .id = 0 };
	assert_int_equal(store_sending_expired(st, &x), ST_CORRUPT);
	assert_int_equal(x.id, t[2].id);
	assert_next(&x, &t[4], true);
	/* what is left of one that was removed goes */
	assert_int_equal(store_template_remove(st, 0, t[2].id, a, &orphans), ST_OK);
	x = (struct sending_expiry){ .id = 0 };
	assert_next(&x, &t[2], true);
	assert_int_equal(store_sending_forget(st, &x), ST_OK);
	x = (struct sending_expiry){ .id = 0 };
	assert_next(&x, &t[4], true);
	assert_int_equal(store_sending_forget(st, &x),
	    ST_OK); /* it is there: nothing is forgotten */
	x = (struct sending_expiry){ .id = 0 };
	assert_next(&x, &t[4], true);
}

static void
say_fault(void *ctx, const char *text)
{
	(void)snprintf(ctx, STORE_ERR, "%s", text);
}

/* A check finds each of the two entries of a template without the other. */
static void
test_check(void **state)
{
	char said[STORE_ERR] = "";
	struct store_check c = { .fault = say_fault, .ctx = said };
	struct template t;
	struct message m;
	struct key goes;

	assert_int_equal(sends_until(7, false, &t, &m), ST_OK);
	goes = once_goes_key(7, account, t.id);
	plant(st, &goes, NULL, 0);
	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(c.faults, 1);
	assert_non_null(strstr(said, "would never expire"));
	plant(st, &goes, "", 0);
	goes = once_goes_key(8, account, t.id);
	plant(st, &goes, "", 0);
	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(c.faults, 1);
	assert_non_null(strstr(said, "but is none that does then"));
}

/* Programs of 0.1.0 would neither wait nor remove such a template: it is not stored. */
static void
test_layout_1(void **state)
{
	struct key k = key_of(TAB_VERSION);
	unsigned char one[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct template t;
	struct sample s;
	struct message m;

	assert_int_equal(store_sending_possible(st), ST_OK);
	plant(st, &k, one, sizeof one);
	assert_int_equal(store_sending_possible(st), ST_CONFLICT);
	assert_int_equal(sends(false, &t, &m), ST_CONFLICT);
	assert_int_equal(t.id, 0);
	sample_template(&s, account, 1);
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
	m = message_empty;
	m.account = account;
	m.mmsid = s.t.id;
	m.not_after = 7;
	assert_int_equal(store_message_create(st, &m, NULL), ST_OK);
	assert_int_equal(get(m.id)->not_after, 0); /* they could not read the record */
	assert_int_equal(store_job_discard(st, 1, NULL), ST_OK);
	one[7] = 2;
	plant(st, &k, one, sizeof one);
}

static int
teardown_checked(void **state)
{
	struct store_check c = { .fault = show_fault };

	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(c.faults, 0);
	return teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ready, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_all_or_nothing, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_wait_ends, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_failed_at_once, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_helper_dies, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_discard_is_told, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_discard_lets_others_in, setup,
		    teardown_checked),
		cmocka_unit_test_setup_teardown(test_given_up, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_damaged_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overdue, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_page_ends, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_expired, setup, teardown_checked),
		cmocka_unit_test_setup_teardown(test_check, setup, teardown),
		cmocka_unit_test_setup_teardown(test_layout_1, setup, teardown_checked),
	};

	return cmocka_run_group_tests_name("sending", tests, NULL, NULL);
}
