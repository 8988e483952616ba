/* The outcome of an encode is put into the template as it is stored then, or kept for a later try.
 */
#include "helper/encode.h"
#include "unit.h"

#include "store/queue/once.h"
#include "store/store_sending.h"
#include "store/store_template.h"
#include "unit/store/flaky.h"

static struct settings settings;
static struct helper h;
static struct arena *a;
static uint64_t mmsid;
static struct job *job;
static struct message message; /* that waits for the template, if its id is not 0 */

/* Stores the template with its encode; sent: as sendMMS does, for an account with a postback URL.
 */
static enum store_rc
store_it(struct template *t, struct job *made, bool sent)
{
	const struct sending what = { .t = t, .jobs = made, .njobs = 1, .m = &message };
	struct account ac;
	enum store_rc rc;

	if (!sent)
		return store_template_create(h.store, t, made, 1, NULL);
	message = message_empty;
	message.to = "15550001";
	message.from = "12345";
	if (!account_init(&ac, "one"))
		return ST_NOMEM;
	(void)snprintf(ac.postback_url, sizeof ac.postback_url, "http://localhost/told");
	if ((rc = store_account_put(h.store, &ac)) != ST_OK)
		return rc;
	t->account = ac.id;
	return store_sending_create(h.store, &what);
}

static int
set_up_as(bool sent)
{
	const struct job_want want = { JOB_ENCODE, { LANE_SHORT }, 1, "me", 60000 };
	struct medium m = { .kind = KIND_AUDIO,
		.state = MEDIUM_WAITING,
		.format = FORMAT_AMR,
		.url = "http://localhost/a.amr",
		.mime = "audio/amr",
		.bytes = 1 };
	struct slide slide = { .medium = &m, .nmedium = 1 };
	struct template t = { .account = 1,
		.name = "n",
		.subject = "",
		.fallback = "",
		.reference = "",
		.slide = &slide,
		.nslide = 1 };
	struct job made = { .kind = JOB_ENCODE, .why = "", .body = "" };
	uint64_t wait;

	memset(&h, 0, sizeof h);
	h.settings = &settings;
	memset(m.sha, 'a', SHA256_HEX - 1);
	settings_defaults(&settings, "/tmp");
	a = arena_new(1 << 20);
	h.store = flaky_open();
	if (a == NULL || h.store == NULL || store_it(&t, &made, sent) != ST_OK ||
	    store_job_claim(h.store, &want, a, &job, &wait) != ST_OK)
		return -1;
	mmsid = t.id;
	return 0;
}

static int
set_up(void **state)
{
	return set_up_as(false);
}

static int
set_up_sent(void **state)
{
	return set_up_as(true);
}

static int
tear_down(void **state)
{
	store_close(&h.store);
	arena_free(&a);
	return 0;
}

static enum store_rc
change(struct txn *txn, void *ctx)
{
	struct template *t;
	enum store_rc rc = template_load(txn, *(const uint64_t *)ctx, &t);

	if (rc != ST_OK)
		return rc;
	t->version++;
	return template_write(txn, t);
}

/* Another changes the template; ctx: how the store fails then, once. */
static void
other(void *ctx)
{
	const enum store_rc *then = ctx;

	assert_int_equal(TXN_RUN(h.store, KV_DURABLE, change, &mmsid), ST_OK);
	if (*then != ST_OK)
		flaky_fail(h.store, 1, *then);
}

static void
test_changed_meanwhile(void **state)
{
	/* how the renewal of the lease fails when the template has changed, and what comes of it */
	static const enum store_rc row[] = { ST_OK, ST_FULL, ST_IO, ST_AGAIN };

	for (size_t i = 0; i < COUNT(row); i++) {
		struct encode e = { .h = &h, .job = job, .arena = a, .failed = true, .why = "bad" };
		enum store_rc then = row[i];
		struct template *t;

		if (i > 0)
			assert_int_equal(set_up(NULL), 0);
		e.job = job;
		e.arena = a;
		flaky_fail(h.store, 1, ST_REPEAT);
		flaky_meanwhile(h.store, other, &then);
		assert_int_equal(encode_commit(&e), row[i]);
		assert_int_equal(store_template_get(h.store, 0, mmsid, a, &t), ST_OK);
		if (row[i] != ST_OK) {
			assert_int_equal(t->slide[0].medium[0].state, MEDIUM_WAITING);
			assert_int_equal(encode_commit(&e), ST_OK); /* it is tried again */
			assert_int_equal(store_template_get(h.store, 0, mmsid, a, &t), ST_OK);
		}
		assert_int_equal(t->slide[0].medium[0].state, MEDIUM_FAILED);
		assert_string_equal(t->slide[0].medium[0].why, "bad");
		assert_int_equal(encode_commit(&e), ST_CONFLICT); /* the job is no more */
		if (i + 1 < COUNT(row))
			assert_int_equal(tear_down(NULL), 0);
	}
}

static void
test_lease_lost(void **state)
{
	struct encode e = { .h = &h, .job = job, .arena = a, .failed = true, .why = "bad" };
	struct template *t;

	assert_int_equal(store_job_release(h.store, job, 0, "given back"), ST_OK);
	assert_int_equal(encode_commit(&e), ST_CONFLICT);
	assert_int_equal(store_template_get(h.store, 0, mmsid, a, &t), ST_OK);
	assert_int_equal(t->slide[0].medium[0].state, MEDIUM_WAITING);
}

/* Returns the only job of the message, which is of that kind. */
static struct job *
only_job(enum job_kind kind)
{
	struct job_list jobs;
	struct job *found = NULL;

	assert_int_equal(store_message_jobs(h.store, message.id, 9, a, &jobs), ST_OK);
	for (size_t i = 0; i < jobs.n; i++)
		if (jobs.job[i]->kind == kind) {
			assert_null(found);
			found = jobs.job[i];
		}
	return found;
}

/* What the customer of sendMMS is told, and whether the message goes on, is decided at once. */
static void
test_sent(void **state)
{
	for (int failed = 0; failed < 2; failed++) {
		struct encode e = { .h = &h,
			.job = job,
			.arena = a,
			.failed = failed,
			.why = "bad" };
		struct message *m;
		struct job *told, *next;

		if (failed) {
			assert_int_equal(tear_down(NULL), 0);
			assert_int_equal(set_up_sent(NULL), 0);
			e.job = job;
			e.arena = a;
		}
		assert_null(only_job(JOB_DELIVER));
		assert_int_equal(encode_commit(&e), ST_OK);
		assert_non_null(told = only_job(JOB_POSTBACK));
		assert_string_equal(told->body, ""); /* it is what the template says */
		next = only_job(JOB_DELIVER);
		assert_int_equal(next != NULL, !failed);
		assert_true(next == NULL || next->mmsid == mmsid);
		assert_int_equal(store_message_get(h.store, message.id, a, &m), ST_OK);
		assert_int_equal(m->state, failed ? MESSAGE_FAILED : MESSAGE_QUEUED);
	}
}

static enum store_rc
end_wait(struct txn *txn, void *ctx)
{
	const struct give_up end = { "discarded", NULL };
	const uint64_t *account = ctx;

	return once_give_up(txn, *account, mmsid, &end);
}

static void
discards(void *ctx)
{
	(void)ctx;
	assert_int_equal(TXN_RUN(h.store, KV_DURABLE, end_wait, &message.account), ST_OK);
}

/* Whoever is told that a message is not sent is not told that its media are encoded. */
static void
test_discarded_meanwhile(void **state)
{
	struct encode e = { .h = &h, .job = job, .arena = a, .why = "" };
	struct template *t;
	struct message *m;

	flaky_fail(h.store, 1, ST_REPEAT);
	flaky_meanwhile(h.store, discards, NULL);
	assert_int_equal(encode_commit(&e), ST_OK);
	assert_null(only_job(JOB_POSTBACK));
	assert_null(only_job(JOB_DELIVER));
	assert_int_equal(store_message_get(h.store, message.id, a, &m), ST_OK);
	assert_int_equal(m->state, MESSAGE_FAILED);
	assert_int_equal(store_template_get(h.store, 0, mmsid, a, &t), ST_OK);
	assert_int_equal(t->slide[0].medium[0].state, MEDIUM_READY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changed_meanwhile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lease_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_discarded_meanwhile, set_up_sent, tear_down),
		cmocka_unit_test_setup_teardown(test_sent, set_up_sent, tear_down),
	};

	return cmocka_run_group_tests_name("encode_commit", tests, NULL, NULL);
}
