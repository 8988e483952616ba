/* Delivery in the store: large messages, what comes between taking up and ending, and
 * messages that are forgotten. */
#include "unit.h"

#include "base/arena.h"
#include "base/clock.h"
#include "flaky.h"
#include "model/text.h"
#include "sample.h"
#include "store/store_held.h"
#include "store/store_index.h"
#include "store/store_txn.h"

enum { LARGE = 900000, MANY = 40 };

static const struct job_want want = { JOB_DELIVER, { LANE_SHORT }, 1, "me", 60000 };
static struct arena *a;
static struct store *st;
static uint64_t account, mmsid;

static int
setup(void **state)
{
	struct account ac;
	struct sample s;

	a = arena_new(512 << 20);
	st = flaky_open();
	assert_true(account_init(&ac, "one"));
	(void)snprintf(ac.postback_url, sizeof ac.postback_url, "http://localhost/told");
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	sample_template(&s, ac.id, 1);
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
	account = ac.id;
	mmsid = s.t.id;
	return 0;
}

/* The same, and from then on the first commit of every step fails. */
static int
setup_again(void **state)
{
	int rc = setup(state);

	flaky_always(st);
	return rc;
}

static int
teardown(void **state)
{
	store_close(&st);
	arena_free(&a);
	return 0;
}

static uint64_t
make(const char *value)
{
	struct message_var var = { "a", value };
	struct message m = { .account = account,
		.mmsid = mmsid,
		.to = "15550001",
		.from = "12345",
		.var = &var,
		.nvar = 1 };

	assert_int_equal(store_message_create(st, &m, NULL), ST_OK);
	return m.id;
}

static struct message *
get(uint64_t id)
{
	struct message *m = NULL;

	assert_int_equal(store_message_get(st, id, a, &m), ST_OK);
	return m;
}

static struct job *
claim(void)
{
	struct job *j;
	uint64_t wait;

	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	return j;
}

/* The message as sent by the transport "mmsc" under that id. */
static enum store_rc
sent(const struct job *j, struct message *m, const char *id)
{
	struct deliver_end end = { .job = j, .m = m };

	m->state = MESSAGE_SENT;
	m->transport_id = id;
	(void)snprintf(m->transport, sizeof m->transport, "mmsc");
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	return end.rc;
}

/* Forgets what is older, and returns how many messages that were. */
static size_t
expire(int64_t before, size_t max)
{
	struct message_expiry x = { .before = before, .max = max };

	assert_int_equal(store_message_expire(st, &x), ST_OK);
	return x.removed;
}

/* A batch of messages that are each as large as a request may be comes to its end, and is
 * forgotten: none of these steps may need memory for all of them at once. */
static void
test_large(void **state)
{
	struct deliver_load l[MANY];
	struct deliver_end end[MANY];
	struct job *job[MANY];
	struct job_batch batch = { .job = job, .max = MANY };
	char *value = arena_zalloc(a, LARGE + 1);
	size_t got, done = 0;

	memset(value, 'x', LARGE);
	for (int i = 0; i < MANY; i++)
		(void)make(value);
	assert_int_equal(store_job_claim_some(st, &want, a, &batch), ST_OK);
	assert_int_equal(batch.n, MANY);
	memset(l, 0, sizeof l);
	for (int i = 0; i < MANY; i++)
		l[i].job = job[i];
	for (; done < MANY; done += got) {
		assert_int_equal(store_deliver_load(st, a, l + done, MANY - done, &got), ST_OK);
		assert_in_range(got, 1, MANY / 2);
	}
	memset(end, 0, sizeof end);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(l[i].rc, ST_OK);
		assert_int_equal(strlen(l[i].m->var[0].value), LARGE);
		l[i].m->state = MESSAGE_SENT;
		end[i] = (struct deliver_end){ .job = job[i], .m = l[i].m };
	}
	assert_int_equal(store_deliver_done(st, end, MANY), ST_OK);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(end[i].rc, ST_OK);
	assert_int_equal(expire(INT64_MAX, 500), MANY);
}

static void
spoil(struct key k)
{
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = txn_put(&txn, &k, "no record at all", 16);
	assert_int_equal(txn_end(&txn, rc), ST_OK);
}

/* Ends that could not be recorded are recorded later as they are, and only once. */
static void
test_ends_again(void **state)
{
	static const enum store_rc why[] = { ST_FULL, ST_AGAIN, ST_IO };
	uint64_t id = make("x"), other = make("y");
	struct job *first = claim(), *second = claim();
	struct message *m = get(id);
	struct deliver_end end[2] = { { .job = first, .m = m, .postback = "<POSTBACK/>" },
		{ .job = second, .how = DELIVER_AGAIN, .retry_ms = 60000, .why = "busy" } };
	struct job_list jobs;

	m->state = MESSAGE_SENT;
	m->transport_id = "e-1";
	(void)snprintf(m->transport, sizeof m->transport, "mmsc");
	for (size_t i = 0; i < COUNT(why); i++) {
		flaky_fail(st, 1, why[i]);
		assert_int_equal(store_deliver_done(st, end, 2), why[i]);
		assert_int_equal(get(id)->state, MESSAGE_QUEUED);
	}
	assert_int_equal(store_deliver_done(st, end, 2), ST_OK);
	assert_int_equal(end[0].rc, ST_OK);
	assert_int_equal(end[1].rc, ST_OK);
	assert_int_equal(get(id)->state, MESSAGE_SENT);
	assert_int_equal(get(id)->version, 2);
	assert_int_equal(get(other)->state, MESSAGE_QUEUED);
	assert_int_equal(store_message_jobs(st, id, 9, a, &jobs), ST_OK);
	assert_int_equal(jobs.n, 1); /* the postback */
	assert_int_equal(store_deliver_done(st, end, 2), ST_OK);
	assert_int_equal(end[0].rc, ST_CONFLICT);
	assert_int_equal(end[1].rc, ST_CONFLICT);
	assert_int_equal(get(id)->version, 2);
}

/* One that cannot be read any more, and one that is gone, keep no other from its end. */
static void
test_ends_of_the_others(void **state)
{
	uint64_t bad = make("x"), gone = make("y"), good = make("z");
	struct job *job[3] = { claim(), claim(), claim() }, *j;
	struct deliver_end end[3] = { { .job = job[0], .m = get(bad) },
		{ .job = job[1], .m = get(gone) }, { .job = job[2] } };
	struct message *m = get(good);
	struct key k = key_id(TAB_MESSAGE, gone);
	struct txn txn;
	enum store_rc rc;

	m->state = MESSAGE_SENT;
	end[2].m = m;
	spoil(key_id(TAB_MESSAGE, bad));
	if ((rc = txn_begin(&txn, st, KV_DURABLE)) == ST_OK)
		rc = txn_del(&txn, &k);
	assert_int_equal(txn_end(&txn, rc), ST_OK);
	assert_int_equal(store_deliver_done(st, end, 3), ST_OK);
	assert_int_equal(end[0].rc, ST_CORRUPT);
	assert_int_equal(end[1].rc, ST_OK);
	assert_int_equal(end[2].rc, ST_OK);
	assert_int_equal(store_job_get(st, job[0]->id, a, &j), ST_OK);
	assert_int_equal(store_job_get(st, job[1]->id, a, &j), ST_NOTFOUND);
	assert_int_equal(get(good)->state, MESSAGE_SENT);
}

/* A page may be looked at before its message is recorded as sent. */
static void
test_opened_meanwhile(void **state)
{
	uint64_t id = make("x");
	struct job *j = claim();
	struct message *m = get(id);

	assert_int_equal(store_message_opened(st, id), ST_OK);
	assert_int_equal(store_message_opened(st, id), ST_OK);
	assert_int_equal(sent(j, m, "o-1"), ST_OK);
	assert_int_equal(get(id)->opened, 2);
	assert_int_equal(get(id)->state, MESSAGE_SENT);
}

/* What was not begun goes back, and that is no attempt; a record that cannot be read is
 * kept, its job dead. */
static void
test_given_back(void **state)
{
	uint64_t id = make("x");
	struct deliver_end end = { .job = claim(), .how = DELIVER_RELEASED, .why = "" };
	struct job *j;

	assert_int_equal(end.job->attempt, 1);
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	end.job = claim();
	assert_int_equal(end.job->attempt, 1);
	assert_int_equal(end.job->message, id);
	end.how = DELIVER_AGAIN;
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	end.job = claim();
	assert_int_equal(end.job->attempt, 2);
	end.how = DELIVER_DEAD_LETTER;
	end.why = "no good";
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	assert_int_equal(store_job_get(st, end.job->id, a, &j), ST_OK);
	assert_true(j->dead);
	assert_string_equal(j->why, "no good");
	assert_int_equal(get(id)->state, MESSAGE_QUEUED);
}

static const char *
no_memory(void *ctx, const struct account *ac, const struct message *m, struct arena *arena)
{
	return NULL;
}

static const char *
write_body(void *ctx, const struct account *ac, const struct message *m, struct arena *arena)
{
	return "told";
}

/* A report whose postback cannot be made is not recorded: it comes again. */
static void
test_report_without_memory(void **state)
{
	const struct report r = { .kind = REPORT_DELIVERED, .handset = "a phone" };
	const struct postback_writer writer = { write_body, NULL }, poor = { no_memory, NULL };
	uint64_t id = make("x");
	const char *name;

	assert_int_equal(store_message_report(st, id, &r, a, &writer), ST_AGAIN);
	assert_int_equal(sent(claim(), get(id), "r-1"), ST_OK);
	assert_int_equal(store_message_report(st, id, &r, a, &poor), ST_NOMEM);
	assert_int_equal(get(id)->state, MESSAGE_SENT);
	assert_int_equal(store_handset_get(st, "15550001", a, &name), ST_NOTFOUND);
	assert_int_equal(store_message_report(st, id, &r, a, &writer), ST_OK);
	assert_int_equal(get(id)->state, MESSAGE_DELIVERED);
}

/* An MMSC that counts anew gives a name again: the younger message keeps it when the older is
 * forgotten. */
static void
test_name_given_again(void **state)
{
	uint64_t old = make("x"), young;
	struct message *m;

	assert_int_equal(sent(claim(), get(old), "7"), ST_OK);
	young = make("y");
	assert_int_equal(sent(claim(), get(young), "7"), ST_OK);
	assert_int_equal(expire(INT64_MAX, 1), 1);
	assert_int_equal(store_message_by_transport(st, "mmsc", "7", a, &m), ST_OK);
	assert_int_equal(m->id, young);
	assert_int_equal(expire(INT64_MAX, 1), 1);
	assert_int_equal(store_message_by_transport(st, "mmsc", "7", a, &m), ST_NOTFOUND);
}

/* One that waits and one that cannot be read keep no other from being forgotten. */
static void
test_expire_passes_by(void **state)
{
	uint64_t waits = make("x"), bad, over;
	struct message *m;
	struct job *first = claim();

	bad = make("x");
	assert_int_equal(sent(claim(), get(bad), "b"), ST_OK);
	spoil(key_id(TAB_MESSAGE, bad));
	over = make("x");
	assert_int_equal(sent(claim(), get(over), "c"), ST_OK);
	assert_int_equal(expire(0, 500), 0);
	assert_int_equal(expire(INT64_MAX, 500), 1);
	assert_int_equal(store_message_get(st, over, a, &m), ST_NOTFOUND);
	assert_int_equal(get(waits)->state, MESSAGE_QUEUED);
	assert_int_equal(first->message, waits);
}

/* However many have to stay, those behind them are reached; a call that fails changes nothing. */
static void
test_expire_goes_on(void **state)
{
	struct message_expiry x = { .before = INT64_MAX, .max = 2 };
	uint64_t last;
	struct message *m;

	for (int i = 0; i < 5; i++)
		(void)make("waits");
	for (int i = 0; i < 5; i++)
		(void)claim();
	last = make("x");
	assert_int_equal(sent(claim(), get(last), "d"), ST_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_message_expire(st, &x), ST_OK);
		assert_int_equal(x.removed, 0);
		assert_false(x.over);
	}
	flaky_fail(st, 1, ST_FULL);
	assert_int_equal(store_message_expire(st, &x), ST_FULL);
	assert_int_equal(get(last)->state, MESSAGE_SENT);
	assert_int_equal(store_message_expire(st, &x), ST_OK);
	assert_int_equal(x.removed, 1);
	assert_int_equal(store_message_get(st, last, a, &m), ST_NOTFOUND);
	assert_int_equal(store_message_expire(st, &x), ST_OK);
	assert_int_equal(x.removed, 0);
	assert_true(x.over);
}

/* Puts a row as version 0.1.0 wrote it: the name alone. */
static void
old_handset(const char *number)
{
	struct key k = key_text(TAB_HANDSET, number);
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_DURABLE);

	if (rc == ST_OK)
		rc = txn_put(&txn, &k, "a phone", 7);
	assert_int_equal(txn_end(&txn, rc), ST_OK);
}

/* Forgets handsets one by one, and returns how many those were. */
static size_t
expire_handsets(int64_t before)
{
	struct handset_expiry x = { .before = before, .max = 1 };
	size_t n = 0, calls = 0;

	while (!x.over) {
		assert_int_equal(store_handset_expire(st, &x), ST_OK);
		n += x.removed;
		assert_in_range(++calls, 1, 10);
	}
	return n;
}

/* A handset is forgotten some time after its last report; of an old row, after it is first seen. */
static void
test_handsets_expire(void **state)
{
	const struct report r = { .kind = REPORT_DELIVERED, .handset = "a phone" };
	const struct postback_writer writer = { write_body, NULL };
	const int64_t began = clock_now();
	uint64_t id = make("x");
	const char *name;

	assert_int_equal(expire_handsets(INT64_MAX), 0);
	assert_int_equal(sent(claim(), get(id), "h-1"), ST_OK);
	assert_int_equal(store_message_report(st, id, &r, a, &writer), ST_OK);
	old_handset("15550002");
	assert_int_equal(store_handset_get(st, "15550002", a, &name), ST_OK);
	assert_string_equal(name, "a phone");
	assert_int_equal(expire_handsets(began), 0);
	assert_int_equal(store_handset_get(st, "15550001", a, &name), ST_OK);
	assert_string_equal(name, "a phone");
	assert_int_equal(store_handset_get(st, "15550002", a, &name), ST_OK);
	assert_string_equal(name, "a phone");
	assert_int_equal(expire_handsets(clock_now() + 1), 2);
	assert_int_equal(store_handset_get(st, "15550001", a, &name), ST_NOTFOUND);
	assert_int_equal(store_handset_get(st, "15550002", a, &name), ST_NOTFOUND);
}

static const char *
told(void *ctx, const struct account *ac, const struct message *m, struct arena *in)
{
	return *(bool *)ctx ? arena_printf(in, "<FAILED>%s</FAILED>", m->why) : NULL;
}

static void
set_postback_url(const char *url)
{
	struct account ac;

	assert_int_equal(store_account_by_id(st, account, &ac), ST_OK);
	(void)snprintf(ac.postback_url, sizeof ac.postback_url, "%s", url);
	assert_int_equal(store_account_put(st, &ac), ST_OK);
}

/* The operator takes a message out of the queue: it has failed, it does not wait for ever, and its
 * customer is told. */
static void
test_discarded(void **state)
{
	const struct job_want post = { JOB_POSTBACK, { LANE_SHORT }, 1, "me", 60000 };
	bool writes = false;
	const struct postback_writer writer = { told, &writes };
	uint64_t id = make("x"), wait;
	struct job *j = claim(), *p;
	struct message *m = get(id);

	assert_int_equal(store_job_discard(st, j->id, &writer), ST_NOMEM);
	assert_int_equal(get(id)->state, MESSAGE_QUEUED);
	writes = true;
	assert_int_equal(store_job_discard(st, j->id, &writer), ST_OK);
	assert_int_equal(get(id)->state, MESSAGE_FAILED);
	assert_string_equal(get(id)->why, "discarded by the operator");
	assert_int_equal(sent(j, m, "d"), ST_CONFLICT);
	assert_int_equal(get(id)->state, MESSAGE_FAILED);
	assert_int_equal(store_job_claim(st, &post, a, &p, &wait), ST_OK);
	assert_int_equal(p->message, id);
	assert_string_equal(p->body, "<FAILED>discarded by the operator</FAILED>");
	assert_int_equal(expire(INT64_MAX, 500), 1);

	set_postback_url(""); /* then there is nobody to tell */
	id = make("y");
	assert_int_equal(store_job_discard(st, claim()->id, &writer), ST_OK);
	assert_int_equal(get(id)->state, MESSAGE_FAILED);
	assert_int_equal(store_job_claim(st, &post, a, &p, &wait), ST_NOTFOUND);
}

/* Nobody knows whether a transport took the message: it waits for the operator, and for ever. */
static void
test_held(void **state)
{
	const struct job_want post = { JOB_POSTBACK, { LANE_SHORT }, 1, "me", 60000 };
	struct deliver_end end = { .how = DELIVER_DEAD_LETTER, .why = "a page" };
	bool writes = false;
	const struct postback_writer writer = { told, &writes };
	uint64_t id = make("x"), wait;
	struct job *j;

	assert_int_equal(store_held_get(st, id, a, &j), ST_NOTFOUND);
	assert_int_equal(store_held_release(st, id), ST_NOTFOUND);
	assert_int_equal(store_held_fail(st, id, "no", NULL), ST_NOTFOUND);
	end.job = claim();
	end.m = get(id);
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	assert_int_equal(store_held_get(st, id, a, &j), ST_OK);
	assert_string_equal(j->why, "a page");
	assert_int_equal(get(id)->state, MESSAGE_QUEUED);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_NOTFOUND);
	assert_int_equal(expire(INT64_MAX, 500), 0);

	assert_int_equal(store_held_release(st, id), ST_OK);
	assert_int_equal(store_held_get(st, id, a, &j), ST_NOTFOUND);
	assert_int_equal(sent(end.job, get(id), "x"), ST_CONFLICT); /* who held it before */
	end.job = claim();
	assert_int_equal(end.job->message, id);
	assert_int_equal(end.job->attempt, 1);
	assert_int_equal(store_held_fail(st, id, "no", NULL), ST_NOTFOUND);

	end.m = get(id);
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	assert_int_equal(store_held_fail(st, id, "given up", &writer), ST_NOMEM);
	assert_int_equal(get(id)->state, MESSAGE_QUEUED);
	writes = true;
	assert_int_equal(store_held_fail(st, id, "given up", &writer), ST_OK);
	assert_int_equal(get(id)->state, MESSAGE_FAILED);
	assert_string_equal(get(id)->why, "given up");
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_NOTFOUND);
	assert_int_equal(store_job_claim(st, &post, a, &j, &wait), ST_OK);
	assert_string_equal(j->body, "<FAILED>given up</FAILED>");
}

static void
remove_template(void)
{
	struct orphans orphans;

	assert_int_equal(store_template_remove(st, account, mmsid, a, &orphans), ST_OK);
}

static void
spoil_template(void)
{
	spoil(key_id(TAB_TEMPLATE, mmsid));
}

/* The postback of a message ends, and is told of, whatever becomes of its template meanwhile. */
static void
posted_after(void (*meanwhile)(void))
{
	const struct job_want post = { JOB_POSTBACK, { LANE_SHORT }, 1, "me", 60000 };
	const struct posted p = { .status = 200, .code = "N101", .why = "" };
	uint64_t id = make("x"), wait;
	struct message *m = get(id);
	struct deliver_end end = { .job = claim(), .m = m, .postback = "<POSTBACK/>" };
	struct posted_list got;
	struct job *j;

	m->state = MESSAGE_SENT;
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	meanwhile();
	assert_int_equal(store_job_claim(st, &post, a, &j, &wait), ST_OK);
	j->posted = &p;
	assert_int_equal(store_job_done(st, j, NULL, NULL, 0), ST_OK);
	assert_int_equal(store_posted(st, mmsid, id, a, &got), ST_OK);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.post[0].status, 200);
	assert_string_equal(got.post[0].code, "N101");
	assert_int_equal(store_job_claim(st, &post, a, &j, &wait), ST_NOTFOUND);
}

static void
test_posted_without_template(void **state)
{
	posted_after(remove_template);
}

static void
test_posted_of_spoilt_template(void **state)
{
	posted_after(spoil_template);
}

static void
expect_orphan(void *ctx, const char *text)
{
	assert_string_equal(text, "message 1 is queued, but no job delivers it");
	++*(int *)ctx;
}

/* What would wait for ever is found by the check. */
static void
test_check_finds_the_forgotten(void **state)
{
	int found = 0;
	struct store_check c = { .fault = expect_orphan, .ctx = &found };
	struct job *j;
	struct txn txn;
	enum store_rc rc;

	assert_int_equal(make("x"), 1);
	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(c.faults, 0);
	j = claim();
	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(found, 0);
	rc = txn_begin(&txn, st, KV_DURABLE);
	if (rc == ST_OK)
		rc = job_delete(&txn, j);
	assert_int_equal(txn_end(&txn, rc), ST_OK);
	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(found, 1);
}

static void
test_mend(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "" },
		{ "as it is: é 😀", "as it is: é 😀" },
		{ "a\r\nb\tc\x7f", "a  b c " },
		{ "cut \xc3", "cut ?" },
		{ "cut \xf0\x9f\x98", "cut ???" },
		{ "\xff\376a", "??a" },
		{ "\xc0\200b", "??b" },
		{ "é\xe9é", "é?é" },
	};
	char text[64];

	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)snprintf(text, sizeof text, "%s", rows[i].in);
		text_mend(text);
		assert_string_equal(text, rows[i].out);
		assert_true(text_valid(text, strlen(text)));
	}
}

#define AGAIN(f)                                              \
	{                                                     \
#f " (again)", f, setup_again, teardown, NULL \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ends_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ends_of_the_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_opened_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_given_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_report_without_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_name_given_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expire_passes_by, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expire_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(test_handsets_expire, setup, teardown),
		cmocka_unit_test_setup_teardown(test_discarded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_held, setup, teardown),
		cmocka_unit_test_setup_teardown(test_posted_without_template, setup, teardown),
		cmocka_unit_test_setup_teardown(test_posted_of_spoilt_template, setup, teardown),
		cmocka_unit_test_setup_teardown(test_check_finds_the_forgotten, setup, teardown),
		cmocka_unit_test(test_mend),
		AGAIN(test_large),
		AGAIN(test_opened_meanwhile),
		AGAIN(test_given_back),
		AGAIN(test_report_without_memory),
		AGAIN(test_name_given_again),
		AGAIN(test_discarded),
		AGAIN(test_posted_without_template),
	};

	return cmocka_run_group_tests_name("deliver", tests, NULL, NULL);
}
