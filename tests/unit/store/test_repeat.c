/* A step of the store whose transaction has to be done again does the same as one that succeeds at
 * once, and tells its caller the same. */
#include "unit.h"

#include "base/arena.h"
#include "flaky.h"
#include "sample.h"
#include "store/session.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct arena *a;
static struct store *st;
static struct account ac;

static int
set_up(void **state)
{
	a = arena_new(64 << 20);
	st = flaky_open();
	if (a == NULL || st == NULL || !account_init(&ac, "one"))
		return -1;
	return store_account_put(st, &ac) == ST_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	store_close(&st);
	arena_free(&a);
	return 0;
}

/* The next step has to be done three times. */
static void
meet(void)
{
	flaky_fail(st, 2, ST_REPEAT);
}

static void
print_fault(void *ctx, const char *text)
{
	print_message("%s\n", text);
}

static void
assert_sound(void)
{
	struct store_check c = { .fault = print_fault };

	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(c.faults, 0);
}

/* One that never succeeds leaves nothing, and its caller may try later. */
static void
test_never(void **state)
{
	struct account other;
	struct sample s;

	assert_true(account_init(&other, "two"));
	flaky_fail(st, 1000, ST_REPEAT);
	assert_int_equal(store_account_put(st, &other), ST_AGAIN);
	assert_int_equal(other.id, 0);
	assert_int_equal(other.version, 0);
	sample_template(&s, ac.id, 1);
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_AGAIN);
	assert_int_equal(s.t.id, 0);
	flaky_fail(st, 0, ST_OK);
	assert_int_equal(store_account_by_name(st, "two", &other), ST_NOTFOUND);
	assert_sound();
}

static void
test_account(void **state)
{
	struct account other, got;

	assert_true(account_init(&other, "two"));
	meet();
	assert_int_equal(store_account_put(st, &other), ST_OK);
	assert_int_equal(other.id, 2);
	assert_int_equal(other.version, 1);
	meet();
	assert_int_equal(store_account_put(st, &other), ST_OK);
	assert_int_equal(other.version, 2);
	assert_int_equal(store_account_by_name(st, "two", &got), ST_OK);
	assert_int_equal(got.version, 2);
	meet();
	assert_int_equal(store_account_remove(st, other.id), ST_OK);
	assert_sound();
}

/* As many blobs are told of as nothing refers to any more, each once. */
static void
test_template(void **state)
{
	struct job jobs[2] = { { .kind = JOB_ENCODE, .why = "", .body = "" },
		{ .kind = JOB_POSTBACK, .why = "", .body = "" } };
	struct orphans once, again;
	struct job_list list;
	struct sample s;
	uint64_t n;

	sample_template(&s, ac.id, 1);
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
	assert_int_equal(store_template_remove(st, 0, s.t.id, a, &once), ST_OK);
	assert_true(once.n > 1);
	meet();
	assert_int_equal(store_template_create(st, &s.t, jobs, 2, NULL), ST_OK);
	assert_int_equal(s.t.version, 1);
	assert_int_equal(jobs[0].mmsid, s.t.id);
	assert_int_equal(jobs[1].id, jobs[0].id + 1);
	assert_int_equal(store_template_count(st, ac.id, &n), ST_OK);
	assert_int_equal(n, 1);
	assert_int_equal(store_job_list(st, s.t.id, 9, a, &list), ST_OK);
	assert_int_equal(list.n, 2);
	assert_sound();
	meet();
	assert_int_equal(store_template_remove(st, ac.id, s.t.id, a, &again), ST_OK);
	assert_int_equal(again.n, once.n);
	assert_memory_equal(again.sha, once.sha, once.n * sizeof *once.sha);
	flaky_fail(st, 1, ST_IO);
	sample_template(&s, ac.id, 2);
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_IO);
	assert_int_equal(s.t.id, 0);
	assert_sound();
}

static struct job *
claim(enum job_kind kind)
{
	const struct job_want want = { kind, { LANE_SHORT }, 1, "me", 60000 };
	struct job *j = NULL;
	uint64_t wait;

	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	return j;
}

static void
test_job(void **state)
{
	struct job jobs[2] = { { .kind = JOB_ENCODE, .why = "", .body = "" },
		{ .kind = JOB_ENCODE, .why = "", .body = "" } };
	struct job next = { .kind = JOB_POSTBACK, .why = "", .body = "" }, *first, *second, *got;
	struct template *t, *there;
	struct sample s;

	sample_template(&s, ac.id, 1);
	assert_int_equal(store_template_create(st, &s.t, jobs, 2, NULL), ST_OK);
	assert_int_equal(store_template_get(st, 0, s.t.id, a, &t), ST_OK);
	first = claim(JOB_ENCODE);
	second = claim(JOB_ENCODE);
	flaky_fail(st, 1, ST_FULL);
	assert_int_equal(store_job_done(st, first, t, &next, 1), ST_FULL);
	assert_int_equal(t->version, 1);
	meet();
	assert_int_equal(store_job_done(st, first, t, &next, 1), ST_OK);
	assert_int_equal(t->version, 2);
	assert_int_equal(store_template_get(st, 0, s.t.id, a, &there), ST_OK);
	assert_int_equal(there->version, 2);
	meet();
	assert_int_equal(store_job_fault(st, second, 60000, "why"), ST_OK);
	assert_int_equal(store_job_get(st, second->id, a, &got), ST_OK);
	assert_int_equal(got->faults, 1);
	assert_int_equal(got->attempt, 0);
	meet();
	assert_int_equal(store_job_requeue(st, second->id), ST_OK);
	assert_int_equal(store_job_get(st, second->id, a, &got), ST_OK);
	assert_int_equal(got->token, second->token + 1);
	meet();
	assert_int_equal(store_job_discard(st, second->id, NULL), ST_OK);
	assert_sound();
}

static const char *
write_body(void *ctx, const struct account *whose, const struct message *m, struct arena *arena)
{
	++*(int *)ctx;
	return "told";
}

/* A message has the TRACKINGID under which it is found, is delivered once and told of once. */
static void
test_message(void **state)
{
	struct message m = { .account = ac.id, .to = "15550001", .from = "1" }, *got;
	const struct report r = { .kind = REPORT_DELIVERED, .handset = "a phone" };
	uint64_t before;
	int written = 0;
	const struct postback_writer writer = { write_body, &written };
	struct deliver_end end = { .postback = "sent" };
	struct job_list list;
	struct sample s;

	sample_template(&s, ac.id, 1);
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
	m.mmsid = s.t.id;
	meet();
	assert_int_equal(store_message_create(st, &m, NULL), ST_OK);
	assert_int_equal(store_message_by_tracking(st, m.tracking, a, &got), ST_OK);
	assert_int_equal(got->id, m.id);
	assert_int_equal(store_message_by_token(st, m.token, a, &got), ST_OK);
	assert_int_equal(got->created, m.created);
	before = m.id;
	assert_int_equal(store_message_prev(st, 0, &before, a, &got), ST_NOTFOUND); /* no other */
	end.job = claim(JOB_DELIVER);
	assert_int_equal(store_message_get(st, m.id, a, &got), ST_OK);
	got->state = MESSAGE_SENT;
	end.m = got;
	meet();
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	assert_int_equal(end.rc, ST_OK);
	meet();
	assert_int_equal(store_message_opened(st, m.id), ST_OK);
	meet();
	assert_int_equal(store_message_report(st, m.id, &r, a, &writer), ST_OK);
	assert_int_equal(store_message_get(st, m.id, a, &got), ST_OK);
	assert_int_equal(got->state, MESSAGE_DELIVERED);
	assert_int_equal(got->version, 3);
	assert_int_equal(got->opened, 1);
	assert_int_equal(store_message_jobs(st, m.id, 9, a, &list), ST_OK);
	assert_int_equal(list.n, 2); /* sent, delivered */
	assert_sound();
}

static struct image_area area = { { 0, 0, 64, 64 }, "", 6, 0, IMAGE_LEFT, "x" };

static struct image_template
image(const char *sha)
{
	struct image_template it = { .account = ac.id,
		.name = "n",
		.bytes = 9,
		.width = 64,
		.height = 64,
		.area = &area,
		.narea = 1 };

	(void)snprintf(it.sha, sizeof it.sha, "%s", sha);
	return it;
}

static void
use_blob(void *ctx)
{
	struct image_template it = image(SHA);

	assert_int_equal(store_image_create(st, &it), ST_OK);
}

/* If somebody names the blob between two runs, it is no orphan. */
static void
test_image(void **state)
{
	static const char other[] =
	    "00000000000000000000000000000000000000000000000000000000000000ff";
	struct image_template one = image(SHA), two;
	char orphan[SHA256_HEX];
	uint64_t refs;

	meet();
	assert_int_equal(store_image_create(st, &one), ST_OK);
	assert_int_equal(one.id, 1);
	meet();
	flaky_meanwhile(st, use_blob, NULL);
	flaky_fail(st, 1, ST_REPEAT);
	assert_int_equal(store_image_remove(st, ac.id, 1, orphan), ST_OK);
	assert_string_equal(orphan, "");
	assert_int_equal(store_blob_refs(st, SHA, &refs), ST_OK);
	assert_int_equal(refs, 1);
	two = image(other);
	two.id = 2;
	flaky_meanwhile(st, use_blob, NULL);
	flaky_fail(st, 1, ST_REPEAT);
	assert_int_equal(store_image_replace(st, &two, orphan), ST_OK);
	assert_string_equal(orphan, "");
	meet();
	assert_int_equal(store_image_remove(st, 0, 2, orphan), ST_OK);
	assert_string_equal(orphan, other);
	assert_sound();
}

/* Each run of the walk looks at the same. */
static void
test_walks(void **state)
{
	struct message_expiry x = { .before = INT64_MAX, .max = 2 };
	struct handset_expiry h = { .before = INT64_MAX, .max = 2 };
	struct sample s;

	sample_template(&s, ac.id, 1);
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
	for (int i = 0; i < 3; i++) {
		struct message m = { .account = ac.id, .mmsid = s.t.id, .to = "15550001" };

		assert_int_equal(store_message_create(st, &m, NULL), ST_OK);
		assert_int_equal(store_job_discard(st, claim(JOB_DELIVER)->id, NULL), ST_OK);
	}
	meet();
	assert_int_equal(store_message_expire(st, &x), ST_OK);
	assert_int_equal(x.removed, 2);
	assert_false(x.over);
	meet();
	assert_int_equal(store_message_expire(st, &x), ST_OK);
	assert_int_equal(x.removed, 1);
	assert_true(x.over);
	assert_int_equal(store_handset_expire(st, &h), ST_OK);
	assert_true(h.over);
	assert_sound();
}

static void
test_session(void **state)
{
	const struct session_limits l = { 1800, 86400 };
	struct session got;
	char id[SESSION_ID];

	meet();
	assert_int_equal(store_session_create(st, ac.id, &l, "mark", id), ST_OK);
	assert_int_equal(store_session_use(st, id, &l, &got), ST_OK);
	assert_string_equal(got.mark, "mark");
	meet();
	assert_int_equal(store_session_end(st, id), ST_OK);
	assert_int_equal(store_session_use(st, id, &l, &got), ST_NOTFOUND);
	assert_sound();
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_never),
		TEST(test_account),
		TEST(test_template),
		TEST(test_job),
		TEST(test_message),
		TEST(test_image),
		TEST(test_walks),
		TEST(test_session),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests_name("repeat", tests, NULL, NULL);
}
