/*
 * What doctor makes of facts, and how it gives up on a check that takes too long.
 */
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/doctor/doctor.h"
#include "admin/doctor/rule.h"
#include "base/clock.h"
#include "store/migrate.h"

/* Checks level and fact; a finding that is not ok says what to do. */
static void
expect(const struct finding *f, enum finding_level level, const char *fact)
{
	if (strstr(f->fact, fact) == NULL)
		fail_msg("'%s' is not in '%s'", fact, f->fact);
	assert_int_equal(f->level, level);
	assert_int_equal(f->remedy[0] != '\0', level != FINDING_OK);
}

static void
test_url(void **state)
{
	static const struct {
		struct url_facts u;
		enum finding_level level;
		const char *fact;
	} t[] = {
		{ { .origin = "" }, FINDING_WARNING, "base-url is not set" },
		{ { .origin = "http://h", .why = "refused" }, FINDING_FAILED,
		    "not answer: refused" },
		{ { .origin = "http://h", .answered = true, .status = 404 }, FINDING_FAILED,
		    "404, but it is not savemms" },
		{ { .origin = "http://h", .answered = true, .status = 200 }, FINDING_FAILED,
		    "200, but it is not savemms" },
		{ { .origin = "http://h", .answered = true, .status = 502 }, FINDING_FAILED,
		    "answers /healthz with 502" },
		{ { .origin = "http://h", .answered = true, .status = 200, .ours = true },
		    FINDING_WARNING, "is not known" },
		{ { .origin = "http://h",
		      .answered = true,
		      .status = 200,
		      .ours = true,
		      .witness = true },
		    FINDING_FAILED, "another instance" },
		{ { .origin = "http://h",
		      .answered = true,
		      .status = 200,
		      .ours = true,
		      .witness = true,
		      .instance = true,
		      .ms = 7 },
		    FINDING_OK, "http://h answers for this instance in 7 ms" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct finding f = { .level = FINDING_OK };

		rule_url(&t[i].u, &f);
		expect(&f, t[i].level, t[i].fact);
	}
}

static void
test_tls(void **state)
{
	enum { DAY = 86400 };
	static const struct {
		struct tls_facts t;
		enum finding_level level;
		const char *fact;
	} t[] = {
		{ { .loopback = true, .connected = true }, FINDING_OK, "there is none" },
		{ { .connected = true }, FINDING_WARNING, "clear text" },
		{ { .https = true, .untrusted = true, .why = "self-signed" }, FINDING_FAILED,
		    "self-signed" },
		{ { .https = true }, FINDING_WARNING, "no connection" },
		{ { .https = true, .connected = true, .left_s = INT64_MAX }, FINDING_OK, "valid" },
		{ { .https = true, .connected = true, .left_s = 14 * DAY }, FINDING_OK,
		    "14 more days" },
		{ { .https = true, .connected = true, .left_s = 14 * DAY - 1 }, FINDING_WARNING,
		    "13 more days only" },
		{ { .https = true, .connected = true, .left_s = 0 }, FINDING_FAILED,
		    "ended 0 days ago" },
		{ { .https = true, .connected = true, .left_s = -3 * DAY }, FINDING_FAILED,
		    "ended 3 days ago" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct finding f = { .level = FINDING_OK };

		rule_tls(&t[i].t, &f);
		expect(&f, t[i].level, t[i].fact);
	}
}

static void
test_time(void **state)
{
	static const struct {
		int64_t now, server;
		enum finding_level level;
	} t[] = {
		{ 1000, 0, FINDING_WARNING },
		{ 1000, 1000, FINDING_OK },
		{ 1000, 995, FINDING_OK },
		{ 1000, 1006, FINDING_WARNING },
		{ 1000, 880, FINDING_WARNING },
		{ 1000, 879, FINDING_FAILED },
		{ 1000, 1121, FINDING_FAILED },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct finding f = { .level = FINDING_OK };

		rule_time(t[i].now, t[i].server, &f);
		expect(&f, t[i].level, "");
	}
}

#define MB ((uint64_t)1 << 20)

static void
test_disk(void **state)
{
	static const struct {
		struct disk_facts d;
		enum finding_level level;
		const char *fact;
	} t[] = {
		{ { 63 * MB, 1000 * MB, 64 * MB, 0, 0 }, FINDING_FAILED,
		    "nothing new is accepted" },
		{ { 500 * MB, 1000 * MB, 64 * MB, 0, 100 }, FINDING_FAILED, "inodes" },
		{ { 500 * MB, 1000 * MB, 64 * MB, 9999, 100000 }, FINDING_WARNING,
		    "9999 more files" },
		{ { 500 * MB, 1000 * MB, 64 * MB, 10000, 100000 }, FINDING_OK, "500 MB" },
		{ { 500 * MB, 1000 * MB, 64 * MB, 0, 0 }, FINDING_OK, "500 MB" },
		{ { 255 * MB, 1000 * MB, 64 * MB, 0, 0 }, FINDING_WARNING, "255 MB" },
		{ { 499 * MB, 10000 * MB, 64 * MB, 0, 0 }, FINDING_WARNING, "499 MB" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct finding f = { .level = FINDING_OK };

		rule_disk(&t[i].d, &f);
		expect(&f, t[i].level, t[i].fact);
	}
}

static void
test_file(void **state)
{
	static const struct {
		struct file_facts x;
		enum finding_level level;
		const char *fact, *remedy;
	} t[] = {
		{ { "/i/db", ENOENT, 0, 7, 0 }, FINDING_FAILED, "No such file", "restore" },
		{ { "/i/db", 0, 8, 7, S_IFDIR | 0700 }, FINDING_FAILED, "user 8, not to 7",
		    "chown -R 7: /i/db" },
		{ { "/i/db", 0, 7, 7, S_IFDIR | 0750 }, FINDING_WARNING, "mode is 750",
		    "chmod go= /i/db" },
		{ { "/i/db", 0, 7, 7, S_IFDIR | 0772 }, FINDING_FAILED, "mode is 772",
		    "chmod go=" },
		{ { "/i/db", 0, 7, 7, S_IFDIR | 0500 }, FINDING_FAILED, "may not use",
		    "chmod u+rwX" },
		{ { "/i/db", 0, 7, 7, S_IFREG | 0600 }, FINDING_OK, "alone", "" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct finding f = { .level = FINDING_OK };

		rule_file(&t[i].x, &f);
		expect(&f, t[i].level, t[i].fact);
		assert_non_null(strstr(f.remedy, t[i].remedy));
	}
}

static void
test_helper(void **state)
{
	static const struct {
		struct helper_facts h;
		enum finding_level level;
		const char *fact;
	} t[] = {
		{ { 0, 121, -1, true }, FINDING_FAILED, "due for 121 s" },
		{ { 0, 121, 5, true }, FINDING_FAILED, "none runs" },
		{ { 2, 121, 5, true }, FINDING_WARNING, "2 running" },
		{ { 2, 120, 5, true }, FINDING_OK, "2 run" },
		{ { 1, 0, 5, true }, FINDING_OK, "1 runs" },
		{ { 0, 0, 90, true }, FINDING_OK, "90 s ago" },
		{ { 0, 0, -1, true }, FINDING_OK, "needed yet" },
		{ { 0, 0, -1, false }, FINDING_WARNING, "none has ever run" },
		{ { 0, 0, 30, false }, FINDING_OK, "30 s ago" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct finding f = { .level = FINDING_OK };

		rule_helper(&t[i].h, &f);
		expect(&f, t[i].level, t[i].fact);
	}
}

static void
test_queue_and_codecs(void **state)
{
	struct finding f = { .level = FINDING_OK };

	rule_queue(0, 0, 0, &f);
	expect(&f, FINDING_OK, "no job");
	rule_queue(1, 2, 3, &f);
	expect(&f, FINDING_WARNING, "1 encodes, 2 messages and 3 postbacks");
	rule_codec(&(struct codec_facts){ "no x264", "S M", 4, 9 }, &f);
	expect(&f, FINDING_FAILED, "no x264");
	rule_codec(&(struct codec_facts){ "", "S M", 4, 9 }, &f);
	expect(&f, FINDING_FAILED, "classes S M");
	rule_codec(&(struct codec_facts){ "", "", 4, 9 }, &f);
	expect(&f, FINDING_OK, "4 classes in 9 ms");
}

static void
test_store(void **state)
{
	struct finding f = { .level = FINDING_OK };

	rule_store(3, STORE_LAYOUT, &f);
	expect(&f, FINDING_OK, "3 templates");
	rule_store(3, STORE_LAYOUT - 1, &f);
	expect(&f, FINDING_WARNING, "layout is 1 of 2");
	assert_non_null(strstr(f.remedy, "savemms migrate"));
}

static void
test_fonts(void **state)
{
	static const struct {
		const char *lines;
		enum finding_level level;
		const char *fact;
	} t[] = {
		{ "", FINDING_FAILED, "examined: why not" },
		{ "missing Latin\nmissing emoji\n", FINDING_FAILED, "boxes for letters" },
		{ "missing Latin\nok emoji\n", FINDING_FAILED, "boxes for letters" },
		{ "ok Latin\nmissing emoji\nmissing Thai\n", FINDING_WARNING, "emoji, Thai" },
		{ "ok Latin\nok emoji\nmissing Thai\n", FINDING_OK, "boxes for: Thai" },
		{ "ok Latin\nok emoji\n", FINDING_OK, "all scripts" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct finding f = { .level = FINDING_OK };

		rule_fonts(t[i].lines, "why not", &f);
		expect(&f, t[i].level, t[i].fact);
	}
}

static void
test_dns_and_reach(void **state)
{
	struct finding f = { .level = FINDING_OK };

	rule_dns(&(struct dns_facts){ .name = "", .why = "" }, &f);
	expect(&f, FINDING_OK, "no name");
	rule_dns(&(struct dns_facts){ "mms.example", "", false, 3 }, &f);
	expect(&f, FINDING_OK, "mms.example is known to the DNS (3 ms)");
	rule_dns(&(struct dns_facts){ "mms.example", "unknown", true, 3 }, &f);
	expect(&f, FINDING_FAILED, "mms.example: unknown");
	assert_non_null(strstr(f.remedy, "add it to the DNS"));
	rule_dns(&(struct dns_facts){ "mms.example", "no answer", false, 3 }, &f);
	assert_non_null(strstr(f.remedy, "resolv.conf"));

	rule_reach(&(struct reach_facts){ "https://h", "account a", true, "", false, 4 }, &f);
	expect(&f, FINDING_OK, "https://h (account a) can be reached (4 ms)");
	rule_reach(&(struct reach_facts){ "https://h", "account a", false, "timed out", false, 4 },
	    &f);
	expect(&f, FINDING_WARNING, "timed out");
	rule_reach(&(struct reach_facts){ "http://h", "account a", false,
		       "127.0.0.1 refused: loopback", false, 4 },
	    &f);
	expect(&f, FINDING_WARNING, "the address policy refuses it");
	assert_null(strstr(f.fact, "127.0.0.1"));
	assert_non_null(strstr(f.remedy, "outgoing-allow"));
	rule_reach(&(struct reach_facts){ "http://h", "mmsc", false, "timed out", true, 4 }, &f);
	expect(&f, FINDING_FAILED, "mmsc");
}

static void
test_outgoing(void **state)
{
	static const struct {
		const char *allow;
		enum finding_level level;
		const char *fact;
	} t[] = {
		{ "", FINDING_OK, "public addresses, ports 80, 443" },
		{ "203.0.113.0/24", FINDING_OK, "and 203.0.113.0/24" },
		{ "127.0.0.0/8", FINDING_WARNING, "such as 127.0.0.1" },
		{ "0.0.0.0/0", FINDING_WARNING, "such as 169.254.169.254" },
	};
	static struct settings s;
	char err[200];

	for (size_t i = 0; i < COUNT(t); i++) {
		struct finding f = { .level = FINDING_OK };

		settings_defaults(&s, "/i");
		assert_int_equal(settings_set(&s, "outgoing-allow", t[i].allow, err, sizeof err),
		    0);
		rule_outgoing(&s, &f);
		expect(&f, t[i].level, t[i].fact);
	}
}

/* --- running ---------------------------------------------------------------------------- */

static void
look_quickly(const struct doctor *d, struct doctor_report *r)
{
	rule_set(doctor_add(r, "one"), FINDING_OK, "", "first");
	rule_set(doctor_add(r, "two"), FINDING_FAILED, "do it", "second");
}

static void
look_for_ever(const struct doctor *d, struct doctor_report *r)
{
	(void)pause();
}

static void
nothing(size_t done, size_t n)
{
}

static void
test_run(void **state)
{
	static const struct check checks[] = {
		{ "ever", look_for_ever, 1 },
		{ "quick", look_quickly, 60 },
	};
	static struct findings all;
	static struct doctor d;
	int64_t began = clock_mono();

	assert_true(doctor_run(&d, checks + 1, 1, &all, nothing));
	assert_int_equal(all.n, 2);
	assert_false(doctor_run(&d, checks, 2, &all, nothing));
	assert_true(clock_mono() - began < (int64_t)patient(10000) * 1000);
	assert_int_equal(all.n, 3);
	expect(&all.f[0], FINDING_WARNING, "not finished within 1 s");
	assert_string_equal(all.f[0].name, "ever");
	expect(&all.f[1], FINDING_OK, "first");
	assert_int_equal(findings_count(&all, FINDING_FAILED), 1);
}

static void
test_too_many(void **state)
{
	static struct doctor_report r;

	for (int i = 0; i < DOCTOR_REPORT + 5; i++)
		rule_set(doctor_add(&r, "x"), FINDING_OK, "", "%d", i);
	assert_int_equal(r.n, DOCTOR_REPORT);
	assert_string_equal(r.f[DOCTOR_REPORT - 1].fact, "52");
}

/* --- the file -------------------------------------------------------------------------- */

static void
write_file(const struct settings *s, const char *text)
{
	char path[INSTANCE_PATH];
	FILE *f;

	settings_path(s, "run/doctor", path, sizeof path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
test_file_of_findings(void **state)
{
	static const char *const bad[] = { "", "x\n", "1\nok\tdisk\tfine\n", "1\ngood\ta\tb\tc\n",
		"1\nok\ta\tb\tc", "1\nok\tlonger than any name of a check\tb\tc\n" };
	static struct findings all = { .when = 12345, .n = 2 }, got;
	static struct settings s;
	char dir[] = "/tmp/doctor.XXXXXX", run[64];

	assert_non_null(mkdtemp(dir));
	settings_defaults(&s, dir);
	(void)snprintf(run, sizeof run, "%s/run", dir);
	assert_int_equal(mkdir(run, 0700), 0);
	assert_int_equal(findings_load(&s, &got), -1);
	assert_int_equal(errno, ENOENT);

	all.f[0] = (struct finding){ FINDING_OK, "disk", "fine", "" };
	all.f[1] = (struct finding){ FINDING_FAILED, "url", "a\tb\nc", "do it" };
	assert_int_equal(findings_save(&s, &all), 0);
	assert_int_equal(findings_load(&s, &got), 0);
	assert_int_equal(got.when, 12345);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.f[0].name, "disk");
	assert_int_equal(got.f[1].level, FINDING_FAILED);
	assert_string_equal(got.f[1].fact, "a?b?c");
	assert_string_equal(got.f[1].remedy, "do it");

	for (size_t i = 0; i < COUNT(bad); i++) {
		write_file(&s, bad[i]);
		assert_int_equal(findings_load(&s, &got), -1);
		assert_int_equal(errno, EINVAL);
	}
	(void)snprintf(run, sizeof run, "%s/run/doctor", dir);
	assert_int_equal(unlink(run), 0);
	(void)snprintf(run, sizeof run, "%s/run", dir);
	assert_int_equal(rmdir(run), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_helper),
		cmocka_unit_test(test_queue_and_codecs),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_fonts),
		cmocka_unit_test(test_dns_and_reach),
		cmocka_unit_test(test_outgoing),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_file_of_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
