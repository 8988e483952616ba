/* What the console decides about paths, forms and texts; rates, sessions and what was posted, as
 * the store keeps them. */
#include "unit.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/crypt.h"
#include "base/gcra.h"
#include "cgi/console/text_rules.h"
#include "model/check.h"
#include "model/job.h"
#include "ops/exposition.h"
#include "ops/meter.h"
#include "send/postback.h"
#include "store/session.h"
#include "store/store_private.h"
#include "store/store_rate.h"

/* --- texts ------------------------------------------------------------------------------ */

static void
test_match(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool yes;
		uint64_t id;
		const char *name;
	} t[] = {
		{ "/", "/", true, 0, "" },
		{ "/a", "/a", true, 0, "" },
		{ "/a", "/a/", false, 0, "" },
		{ "/a", "/", false, 0, "" },
		{ "/a/#", "/a/17", true, 17, "" },
		{ "/a/#", "/a/", false, 0, "" },
		{ "/a/#", "/a/0", false, 0, "" },
		{ "/a/#", "/a/-1", false, 0, "" },
		{ "/a/#", "/a/17x", false, 0, "" },
		{ "/a/#/b", "/a/17/b", true, 17, "" },
		{ "/a/#", "/a/99999999999999999999", false, 0, "" },
		{ "/a/#", "/a/9999999999999999999", false, 0, "" },
		{ "/a/#/*", "/a/5/x.jpg", true, 5, "x.jpg" },
		{ "/a/#/*", "/a/5/", false, 0, "" },
		{ "/a/#/*", "/a/5/x/y", false, 0, "" },
		{ "/a/*", "/a/..", true, 0, ".." },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		const char *name;
		uint64_t id;
		bool yes = console_match(t[i].pattern, t[i].path, &id, &name);

		if (yes != t[i].yes || (yes && (id != t[i].id || strcmp(name, t[i].name) != 0)))
			fail_msg("%s against %s", t[i].pattern, t[i].path);
	}
}

static void
test_root(void **state)
{
	char out[16];

	(void)state;
	assert_true(console_root("/", out, sizeof out));
	assert_string_equal(out, "./");
	assert_true(console_root("/a", out, sizeof out));
	assert_string_equal(out, "./");
	assert_true(console_root("/a/", out, sizeof out));
	assert_string_equal(out, "../");
	assert_true(console_root("/a/b/c", out, sizeof out));
	assert_string_equal(out, "../../");
	assert_false(console_root("/a/b/c/d/e/f/g", out, sizeof out));
}

static void
test_next(void **state)
{
	static const char *const good[] = { "", "templates", "templates/1?as=sms",
		"messages?q=a%20b&x=+" };
	static const char *const bad[] = { "/x", "//x", "http://x", "javascript:x", "a//b", "../x",
		"a/../b", "a\nb", "a b", "\\x", "A", "%2f%2fx", "a#b", "x:y" };
	char longer[600];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(console_next_ok(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		if (console_next_ok(bad[i]))
			fail_msg("%s", bad[i]);
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_false(console_next_ok(longer));
}

static void
test_cookie(void **state)
{
	static const struct {
		const char *header, *value; /* NULL: not there */
	} t[] = {
		{ "sid=1", "1" },
		{ "a=b; sid=12; c=d", "12" },
		{ "a=b;sid=12", "12" },
		{ "xsid=1; sid=2", "2" },
		{ "sid=", "" },
		{ "sid", NULL },
		{ "", NULL },
		{ NULL, NULL },
		{ "SID=1", NULL },
		{ "sidx=1", NULL },
		{ ";;; sid=3;", "3" },
		{ "sid=123456789", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		char out[8] = "?";
		bool yes = console_cookie(t[i].header, "sid", out, sizeof out);

		if (yes != (t[i].value != NULL) || (yes && strcmp(out, t[i].value) != 0))
			fail_msg("%s gave %s", t[i].header != NULL ? t[i].header : "NULL", out);
	}
}

static void
test_same_site(void **state)
{
	static const struct {
		const char *site, *origin, *host;
		bool yes;
	} t[] = {
		{ NULL, NULL, "h", true },
		{ "same-origin", NULL, "h", true },
		{ "same-origin", "null", "h", true },
		{ "cross-site", NULL, "h", false },
		{ "same-site", "http://h", "h", false },
		{ "none", NULL, "h", false },
		{ "same-origin", "http://evil", "h", true },
		{ NULL, "null", "h", true },
		{ NULL, "http://h", "h", true },
		{ NULL, "https://H", "h", true },
		{ NULL, "http://h:81", "h", false },
		{ NULL, "http://h:81", "h:81", true },
		{ NULL, "http://evil", "h", false },
		{ NULL, "h", "h", false },
		{ NULL, "http://h", NULL, false },
		{ "", "", "h", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		if (console_same_site(t[i].site, t[i].origin, t[i].host) != t[i].yes)
			fail_msg("row %zu", i);
}

static void
test_sizes_and_dates(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} t[] = {
		{ 0, "0 bytes" },
		{ 1, "1 byte" },
		{ 1023, "1023 bytes" },
		{ 1024, "1.0 KB" },
		{ 1536, "1.5 KB" },
		{ 10239, "9.9 KB" },
		{ 10240, "10 KB" },
		{ 1048575, "1023 KB" },
		{ 1048576, "1.0 MB" },
		{ UINT64_MAX, "16777215 TB" },
	};
	char out[CONSOLE_SIZE], date[CONSOLE_DATE];

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		console_size(t[i].n, out);
		assert_string_equal(out, t[i].text);
	}
	console_date(1795573800000000, date);
	assert_string_equal(date, "2026-11-25 02:30 UTC");
	assert_true(console_holds("Spring Greeting", "gREET") && console_holds("", "") &&
	    console_holds("x", ""));
	assert_false(console_holds("Spring", "springs") || console_holds("", "a"));
}

static void
test_account_keys(void **state)
{
	(void)state;
	assert_null(check_account_keys(""));
	assert_null(check_account_keys("postback-url, daily-limit,transcoding"));
	assert_non_null(check_account_keys("postback-url, operator"));
	assert_non_null(check_account_keys("nothing"));
}

static void
test_postback_code(void **state)
{
	char code[POSTBACK_CODE];

	(void)state;
	postback_code("<POSTBACK><ORIGIN>MMS_MT</ORIGIN><CODE>N003</CODE></POSTBACK>", code);
	assert_string_equal(code, "N003");
	postback_code("<postback><origin>MMS_MT</origin><code>E002</code></postback>", code);
	assert_string_equal(code, "E002");
	postback_code("{\"origin\":\"MMS_MT\",\"code\":\"N102\",\"a\":\"<CODE>E101\"}", code);
	assert_string_equal(code, "N102");
	postback_code("<P><A>\"code\":\"N102\"</A><CODE>E101</CODE></P>", code);
	assert_string_equal(code, "E101");
	postback_code("{\"a\":\"<CODE>E101\"}", code);
	assert_string_equal(code, "");
	postback_code("<CODE>&lt;", code);
	assert_string_equal(code, "");
	postback_code("<CODE>ABCDEFGHIJKLMN</CODE>", code);
	assert_string_equal(code, "ABCDEFG");
	postback_code("", code);
	assert_string_equal(code, "");
}

/* --- rates -------------------------------------------------------------------------------- */

static void
test_gcra(void **state)
{
	int64_t kept = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true((kept = gcra_next(kept, 1000, 10, 3)) > 0);
	assert_int_equal(gcra_next(kept, 1000, 10, 3), -1);
	assert_int_equal(gcra_next(kept, 1009, 10, 3), -1);
	assert_int_equal(gcra_next(kept, 1010, 10, 3), kept + 10);
	assert_int_equal(gcra_next(kept, 5000, 10, 3), 5010);
	assert_int_equal(gcra_next(99999, 1000, 10, 3), 1010); /* the clock was set back */
}

static void
test_rates(void **state)
{
	const struct rate r = { 3, 3600 };
	struct store *st = store_open_ram();
	uint64_t wait;

	(void)state;
	assert_non_null(st);
	for (int i = 0; i < 9; i++) /* a look does not count */
		assert_true(store_rate_free(st, "a", &r, &wait));
	for (int i = 0; i < 3; i++)
		assert_true(store_rate_take(st, "a", &r, &wait));
	assert_false(store_rate_take(st, "a", &r, &wait));
	assert_in_range(wait, 1100, 1201);
	assert_false(store_rate_free(st, "a", &r, &wait));
	assert_in_range(wait, 1100, 1201);
	assert_true(store_rate_take(st, "b", &r, &wait));
	store_close(&st);
}

/* Whoever opens the file of an instance finds the same places; which names share one is another
 * matter in each instance. */
static void
test_rates_are_keyed(void **state)
{
	static const char *const path[] = { "rates-1", "rates-1", "rates-2" };
	const struct rate r = { 1, 3600 };
	struct store of[3] = { 0 };
	char name[32] = "";
	uint64_t wait;

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)unlink(path[i]);
	for (int i = 0; i < 3; i++)
		assert_non_null(of[i].rates = rates_open(path[i]));
	assert_true(store_rate_take(&of[0], "a", &r, &wait));
	assert_true(store_rate_take(&of[2], "a", &r, &wait));
	for (int n = 0; store_rate_free(&of[0], name, &r, &wait); n++) {
		assert_true(n < 2000000);
		(void)snprintf(name, sizeof name, "n%d", n);
	}
	assert_false(store_rate_free(&of[1], name, &r, &wait));
	assert_true(store_rate_free(&of[2], name, &r, &wait));
	for (int i = 0; i < 3; i++) {
		rates_close(&of[i].rates);
		(void)unlink(path[i]);
	}
}

static void
no_fault(void *ctx, const char *text)
{
	(void)ctx;
	fail_msg("%s", text);
}

/* --- sessions ------------------------------------------------------------------------------ */

static void
test_sessions(void **state)
{
	static const char *const bad[] = { "", "1-", "x", "1-x", "-",
		"2-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"99999999999999999999999999-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	const struct session_limits l = { 60, 3600 }, over = { 0, 3600 };
	struct store *st = store_open_ram();
	char id[SESSION_ID], other[SESSION_ID], of_2[SESSION_ID];
	struct session se;

	(void)state;
	assert_int_equal(store_session_create(st, 1, &l, "mark", id), ST_OK);
	assert_int_equal(store_session_create(st, 1, &l, "mark", other), ST_OK);
	assert_int_equal(store_session_create(st, 2, &l, "", of_2), ST_OK);
	assert_string_not_equal(id, other);
	assert_int_equal(store_session_use(st, id, &l, &se), ST_OK);
	assert_int_equal(se.account, 1);
	assert_string_equal(se.mark, "mark");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(store_session_use(st, bad[i], &l, &se), ST_NOTFOUND);
	assert_int_equal(store_session_use(st, id, &over, &se), ST_NOTFOUND);
	assert_int_equal(store_session_end(st, id), ST_OK);
	assert_int_equal(store_session_end(st, id), ST_OK);
	assert_int_equal(store_session_use(st, id, &l, &se), ST_NOTFOUND);
	assert_int_equal(store_session_end_all(st, 1), ST_OK);
	assert_int_equal(store_session_use(st, other, &l, &se), ST_NOTFOUND);
	assert_int_equal(store_session_use(st, of_2, &l, &se), ST_OK);
	store_close(&st);
}

static void
test_sessions_go_with_their_account(void **state)
{
	const struct session_limits l = { 60, 3600 };
	struct store_check check = { .fault = no_fault };
	struct store *st = store_open_ram();
	struct account ac;
	struct session se;
	char id[SESSION_ID];

	(void)state;
	assert_true(account_init(&ac, "a"));
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	assert_int_equal(store_session_create(st, ac.id, &l, "m", id), ST_OK);
	assert_int_equal(store_check(st, &check), ST_OK);
	assert_int_equal(check.faults, 0);
	assert_int_equal(store_account_remove(st, ac.id), ST_OK);
	assert_int_equal(store_session_use(st, id, &l, &se), ST_NOTFOUND);
	store_close(&st);
}

/* The one unused longest makes room. */
static void
test_sessions_are_few(void **state)
{
	const struct session_limits l = { 60, 3600 };
	struct store *st = store_open_ram();
	char id[25][SESSION_ID];
	struct session se;
	unsigned live = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(id); i++)
		assert_int_equal(store_session_create(st, 7, &l, "", id[i]), ST_OK);
	for (size_t i = 0; i < COUNT(id); i++)
		live += store_session_use(st, id[i], &l, &se) == ST_OK;
	assert_int_equal(live, 20);
	assert_int_equal(store_session_use(st, id[24], &l, &se), ST_OK);
	store_close(&st);
}

/* --- what was posted ------------------------------------------------------------------------- */

static struct job *
claim(struct store *st, struct arena *a)
{
	const struct job_want want = { .kind = JOB_POSTBACK,
		.lane = { LANE_SHORT, LANE_LONG },
		.nlane = 2,
		.owner = "me",
		.lease_ms = 60000 };
	struct job *j;
	uint64_t wait;

	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	return j;
}

static void
test_posted(void **state)
{
	struct posted post = { .status = 500, .ms = 12, .code = "N003", .why = "" };
	struct arena *a = arena_new(1 << 24);
	struct store_check check = { .fault = no_fault };
	struct store *st = store_open_ram();
	struct account ac;
	struct slide slide = { .text = "x" };
	struct template t = { .name = "n",
		.subject = "",
		.fallback = "",
		.reference = "",
		.slide = &slide,
		.nslide = 1 };
	struct posted_list got;
	struct orphans gone;
	struct job *j;

	(void)state;
	assert_true(account_init(&ac, "a"));
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	t.account = ac.id;
	assert_int_equal(store_template_create(st, &t, NULL, 0, NULL), ST_OK);
	assert_int_equal(store_posted(st, t.id, 0, a, &got), ST_OK);
	assert_int_equal(got.n, 0);
	assert_int_equal(store_postback_add(st, ac.id + 1, t.id), ST_NOTFOUND);
	assert_int_equal(store_postback_add(st, ac.id, t.id), ST_OK);
	for (unsigned i = 0; i < POSTED_MAX + 5; i++) {
		j = claim(st, a);
		j->posted = &post;
		post.ms = i;
		assert_int_equal(store_job_retry(st, j, 0, "HTTP status 500"), ST_OK);
	}
	j = claim(st, a);
	post = (struct posted){ .status = 0, .ms = 99, .code = "", .why = "no\nroute" };
	j->posted = &post;
	assert_int_equal(store_job_done(st, j, NULL, NULL, 0), ST_OK);
	assert_int_equal(store_posted(st, t.id, 0, a, &got), ST_OK);
	assert_int_equal(got.n, POSTED_MAX);
	assert_int_equal(got.post[POSTED_MAX - 1].status, 0);
	assert_int_equal(got.post[POSTED_MAX - 1].attempt, POSTED_MAX + 6);
	assert_string_equal(got.post[POSTED_MAX - 1].why, "no\nroute");
	assert_string_equal(got.post[POSTED_MAX - 1].code, "");
	assert_int_equal(got.post[POSTED_MAX - 2].status, 500);
	assert_int_equal(got.post[POSTED_MAX - 2].ms, POSTED_MAX + 4);
	assert_string_equal(got.post[POSTED_MAX - 2].code, "N003");
	assert_int_equal(got.post[0].ms, 6);
	assert_int_equal(store_check(st, &check), ST_OK);
	assert_int_equal(check.faults, 0);
	assert_int_equal(store_template_remove(st, ac.id, t.id, a, &gone), ST_OK);
	assert_int_equal(store_posted(st, t.id, 0, a, &got), ST_OK);
	assert_int_equal(got.n, 0);
	store_close(&st);
	arena_free(&a);
}

static void
test_meter(void **state)
{
	char path[] = "/tmp/meter-XXXXXX";
	int fd = mkstemp(path);
	struct meter *m, *other;
	struct meter_minute now, before;

	(void)state;
	assert_true(fd >= 0);
	m = meter_open(path);
	other = meter_open(path);
	assert_non_null(m);
	assert_non_null(other);
	meter_call(m, METER_saveMMS, E_NONE);
	meter_call(other, METER_saveMMS, E_NONE);
	meter_call(m, METER_NONE, E100);
	meter_call(m, METER_saveMMS, E503);
	assert_int_equal(meter_total(other, METER_saveMMS, E_NONE), 2);
	assert_int_equal(meter_total(m, METER_NONE, E100), 1);
	meter_minute(m, 0, &now);
	meter_minute(m, 1, &before); /* the minute may have ended meanwhile */
	assert_int_equal(now.calls + before.calls, 4);
	assert_int_equal(now.refused + before.refused, 1);
	assert_int_equal(now.broken + before.broken, 1);
	meter_call(NULL, METER_saveMMS, E_NONE);
	assert_int_equal(meter_total(NULL, METER_saveMMS, E_NONE), 0);
	assert_string_equal(meter_action_name(METER_saveMMS), "saveMMS");
	assert_string_equal(meter_action_name(METER_NONE), "none");
	meter_close(&m);
	meter_close(&other);
	(void)close(fd);
	(void)unlink(path);
}

static void
test_durations(void **state)
{
	static const struct {
		int64_t us;
		unsigned bucket;
	} t[] = {
		{ 0, 0 }, { 5000, 0 }, { 5001, 1 }, { 1000000, 7 }, { 300000000, 13 },
		{ 300000001, 14 }, { -1, UINT32_MAX }, /* not counted */
	};
	char path[] = "/tmp/meter-XXXXXX";
	int fd = mkstemp(path);
	struct meter *m, *other;
	struct meter_histogram h;
	uint64_t sum = 0;

	(void)state;
	m = meter_open(path);
	other = meter_open(path);
	assert_true(fd >= 0 && m != NULL && other != NULL);
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		meter_duration(m, METER_ENCODE, t[i].us);
		meter_histogram(other, METER_ENCODE, &h);
		sum += t[i].us > 0 ? (uint64_t)t[i].us : 0;
		assert_int_equal(h.sum_us, sum);
		if (t[i].bucket < METER_BUCKETS)
			assert_true(h.count[t[i].bucket] > 0);
	}
	assert_int_equal(h.count[0], 2);
	assert_int_equal(h.count[2] + h.count[3], 0);
	meter_histogram(other, METER_FETCH, &h);
	assert_int_equal(h.sum_us + h.count[0], 0);
	meter_duration(NULL, METER_FETCH, 1);
	meter_histogram(NULL, METER_FETCH, &h);
	assert_int_equal(h.sum_us, 0);
	meter_close(&m);
	meter_close(&other);
	(void)close(fd);
	(void)unlink(path);
}

static void
test_accept(void **state)
{
	static const struct {
		const char *accept;
		bool open;
	} t[] = {
		{ NULL, false },
		{ "", false },
		{ "*/*", false },
		{ "text/plain", false },
		{ "application/openmetrics-text", true },
		{ "Application/OpenMetrics-Text; version=1.0.0", true },
		{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		    true },
		{ "text/plain;version=0.0.4;q=1,*/*;q=0.1", false },
		{ "application/openmetrics-text;q=0", false },
		{ "application/openmetrics-text;q=0.2, text/plain;q=0.3", false },
		{ "application/openmetrics-textual", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		if (exposition_prefers_open(t[i].accept) != t[i].open)
			fail_msg("%s", t[i].accept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_same_site),
		cmocka_unit_test(test_sizes_and_dates),
		cmocka_unit_test(test_account_keys),
		cmocka_unit_test(test_postback_code),
		cmocka_unit_test(test_gcra),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_rates_are_keyed),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_sessions_go_with_their_account),
		cmocka_unit_test(test_sessions_are_few),
		cmocka_unit_test(test_posted),
		cmocka_unit_test(test_meter),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_accept),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
