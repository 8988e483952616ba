/*
 * The parts of the operator's command that decide without doing.
 */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "admin/backup/folder.h"
#include "admin/fill.h"
#include "admin/jobtext.h"
#include "admin/probe.h"
#include "admin/table.h"
#include "admin/trial.h"
#include "admin/wrap.h"
#include "base/buf.h"

static const struct fill fills[] = { { "RUN", "/i/run" }, { "PORT", "8080" }, { "EMPTY", "" } };

static void
test_fill(void **state)
{
	static const struct {
		const char *text, *want; /* want NULL: refused */
	} t[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a @RUN@ b @PORT@", "a /i/run b 8080" },
		{ "@RUN@@PORT@", "/i/run8080" },
		{ "x@EMPTY@y", "xy" },
		{ "who@example.org @ @@ @run@", "who@example.org @ @@ @run@" },
		{ "@RUN", "@RUN" },
		{ "@@RUN@", "@/i/run" },
		{ "@NOBODY@", NULL },
		{ "@RUN@ @RU@", NULL },
	};
	char err[FILL_ERR];

	for (size_t i = 0; i < COUNT(t); i++) {
		struct buf b;
		bool ok;

		buf_init(&b, 1000);
		err[0] = '\0';
		ok = fill_text(&b, t[i].text, fills, 3, err);
		assert_int_equal(ok, t[i].want != NULL);
		if (ok)
			assert_string_equal(buf_str(&b), t[i].want);
		else
			assert_non_null(strchr(err, '@'));
		buf_free(&b);
	}
}

static void
test_fill_path(void **state)
{
	static const char *const good[] = { "/a", "/srv/mms-1/x_y.z", "/m\xc3\xbc/a,b=c:d~+" };
	static const char *const bad[] = { "", "a/b", "/a b", "/a\"b", "/a$b", "/a%b", "/a\\b",
		"/a\nb", "/a'b", "/a#b", "/a;b", "/a{b", "/a`b", "/a|b" };

	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(fill_path_ok(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(fill_path_ok(bad[i]));
}

/* What print writes, as a string to free. */
static char *
printed(void (*print)(FILE *out, const void *arg), const void *arg)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	print(f, arg);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void
print_text(FILE *out, const void *arg)
{
	text_print(out, arg);
}

static void
test_text(void **state)
{
	static const struct {
		const char *text, *want;
		size_t width;
	} t[] = {
		{ "", "", 0 },
		{ "abc", "abc", 3 },
		{ "\xc3\xbcx", "\xc3\xbcx", 2 },
		{ "\xf0\x9f\x91\x8b", "\xf0\x9f\x91\x8b", 1 },
		{ "a\tb", "a?b", 3 },
		{ "a\nb", "a\\nb", 4 },
		{ "\x1b[31m", "?[31m", 5 },
		{ "\x7f", "?", 1 },
		/* C1 CSI */
		{ "\302\23331m", "?31m", 4 },
		{ "\xc2\xa0", "\xc2\xa0", 1 },
		/* cut in a character */
		{ "x\xc2", "x\xc2", 2 },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		char *got = printed(print_text, t[i].text);

		assert_string_equal(got, t[i].want);
		assert_int_equal(text_width(t[i].text), t[i].width);
		free(got);
	}
}

static void
print_table(FILE *out, const void *arg)
{
	static const char *const head[] = { "ID", "NAME", "N" };
	static const char *const rows[][3] = { { "1", "Z\xc3\xbcrich", "10" },
		{ "22", "a\tb", "9" } };
	struct table t;

	table_start(&t, out, *(const bool *)arg, head, 3);
	for (size_t i = 0; i < 2; i++)
		assert_true(table_row(&t, rows[i]));
	table_end(&t);
}

static void
test_table(void **state)
{
	char *people = printed(print_table, &(bool){ true });
	char *programs = printed(print_table, &(bool){ false });

	assert_string_equal(people, "ID  NAME    N\n1   Z\xc3\xbcrich  10\n22  a?b     9\n");
	assert_string_equal(programs, "1\tZ\xc3\xbcrich\t10\n22\ta?b\t9\n");
	free(people);
	free(programs);
}

static void
print_long(FILE *out, const void *arg)
{
	static const char *const head[] = { "N" };
	struct table t;

	table_start(&t, out, true, head, 1);
	for (int i = 0; i < *(const int *)arg; i++) {
		char n[16];
		const char *const row[] = { n };

		(void)snprintf(n, sizeof n, "%d", i);
		assert_true(table_row(&t, row));
	}
	table_end(&t);
}

static void
test_long_table(void **state)
{
	static const int sizes[] = { 0, 1, TABLE_ROWS - 1, TABLE_ROWS, TABLE_ROWS + 1,
		3 * TABLE_ROWS };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		char *text = printed(print_long, &sizes[i]);
		int lines = 0;

		for (const char *s = text; (s = strchr(s, '\n')) != NULL; s++)
			lines++;
		/* one heading, and none over an empty list */
		assert_int_equal(lines, sizes[i] > 0 ? sizes[i] + 1 : 0);
		free(text);
	}
}

static void
test_wrap(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "", "" },
		{ "  ", "" },
		{ "one", "# one\n" },
		{ "one two  three\nfour", "# one two\n# three four\n" },
		{ "abcdefghijklmnop q", "# abcdefghijklmnop\n# q\n" },
		{ "1234567890", "# 1234567890\n" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct buf b;

		buf_init(&b, 1000);
		wrap_text(&b, "# ", t[i].text, 12);
		assert_string_equal(buf_str(&b), t[i].want);
		buf_free(&b);
	}
}

static void
test_job_state(void **state)
{
	enum { NOW = 1000000000 };
	static const struct {
		const char *owner;
		int64_t due;
		uint32_t dead;
		const char *want;
	} t[] = {
		{ "", NOW, 0, "due now" },
		{ "", NOW - 5, 0, "due now" },
		{ "", NOW + 1, 0, "due in 1 s" },
		{ "", NOW + 12000000, 0, "due in 12 s" },
		{ "h:1", NOW + 6500000, 0, "leased by h:1 for 7 s" },
		{ "h:1", NOW, 0, "due now, its helper died" },
		{ "", NOW + 9000000, 1, "dead" },
		{ "h:1", NOW + 9000000, 1, "dead" },
	};
	char got[JOB_STATE];

	for (size_t i = 0; i < COUNT(t); i++) {
		struct job j = { .due = t[i].due, .dead = t[i].dead };

		(void)snprintf(j.owner, sizeof j.owner, "%s", t[i].owner);
		job_state_text(&j, NOW, got);
		assert_string_equal(got, t[i].want);
	}
}

static void
test_job_progress(void **state)
{
	struct job j = { .kind = JOB_ENCODE, .permille = 421, .left_ms = 11001 };
	char got[JOB_STATE];

	job_progress_text(&j, got);
	assert_string_equal(got, "42.1 %, 12 s left");
	j.permille = j.left_ms = 0;
	job_progress_text(&j, got);
	assert_string_equal(got, "-");
	j = (struct job){ .kind = JOB_POSTBACK, .permille = 5 };
	job_progress_text(&j, got);
	assert_string_equal(got, "-");
}

static void
test_probe(void **state)
{
	static const struct {
		const char *answer;
		bool ours;
		const char *summary;
	} t[] = {
		{ "HTTP/1.1 200 OK\r\nX: y\r\n\r\n<RESPONSE><ERRORCODE>E100</ERRORCODE></RESPONSE>",
		    true, "HTTP/1.1 200 OK" },
		{ "HTTP/1.0 200 OK\r\n\r\n<ERRORCODE>E100</ERRORCODE>", true, "HTTP/1.0 200 OK" },
		{ "HTTP/1.1 503 Busy\r\n\r\n<ERRORCODE>E100</ERRORCODE>", false,
		    "HTTP/1.1 503 Busy" },
		{ "HTTP/1.1 200 OK\r\n\r\n<html>", false, "HTTP/1.1 200 OK" },
		{ "HTTP/1.1", false, "HTTP/1.1" },
		{ "HTTP/1.", false, "HTTP/1." },
		{ "", false, "an empty answer" },
		{ "SSH-2.0-x\r\n", false, "an answer that is not HTTP" },
	};
	char summary[PROBE_SUMMARY];

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(probe_is_ours(t[i].answer, summary), t[i].ours);
		assert_string_equal(summary, t[i].summary);
	}
}

static void
test_free_port(void **state)
{
	unsigned port = probe_free_port(0);

	assert_in_range(port, 1, 65535);
	assert_int_equal(probe_free_port(port), port);
}

static void
test_folder(void **state)
{
	char dir[] = "/tmp/test_admin.XXXXXX", path[64], err[256];
	struct stat st;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(folder_claim(dir, err, sizeof err), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	(void)snprintf(path, sizeof path, "%s/new/deep", dir);
	assert_int_equal(folder_claim(path, err, sizeof err), 0);
	assert_int_equal(folder_claim(dir, err, sizeof err), -1);
	assert_non_null(strstr(err, "not empty"));
	(void)snprintf(path, sizeof path, "%s/new/deep/savemms.conf", dir);
	assert_non_null(f = fopen(path, "w"));
	assert_int_equal(fclose(f), 0);
	assert_int_equal(folder_claim(path, err, sizeof err), -1); /* a file */
	(void)snprintf(path, sizeof path, "%s/new/deep", dir);
	assert_int_equal(folder_claim(path, err, sizeof err), -1);
	assert_non_null(strstr(err, "instance already"));
	(void)snprintf(path, sizeof path, "%s/new/deep/savemms.conf", dir);
	assert_int_equal(unlink(path), 0);
	*strrchr(path, '/') = '\0';
	assert_int_equal(rmdir(path), 0);
	*strrchr(path, '/') = '\0';
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
test_trial_answers(void **state)
{
	static const struct {
		long status;
		const char *body;
		bool well;
		const char *fact, *remedy; /* parts of them */
	} t[] = {
		{ 200, "<RESPONSE><ERRORCODE>E100</ERRORCODE></RESPONSE>", true, "runs savemms",
		    "" },
		{ 0, "", false, "does not answer: refused", "base-url" },
		{ 503, "<ERRORCODE>E503</ERRORCODE>", false, "cannot serve", "log/savemms.log" },
		{ 200, "#!/bin/sh\nexec x\n", false, "shows the script", "ExecCGI" },
		{ 500, "<h1>Internal Server Error</h1>", false, "HTTP 500", "mode 755" },
		{ 403, "", false, "HTTP 403", "chmod 711" },
		{ 404, "", false, "HTTP 404", "AllowOverride" },
		{ 301, "", false, "HTTP 301", "redirects" },
		{ 200, "<h1>It works!</h1>", false, "not savemms", "base-url" },
	};
	struct trial_line line;

	for (size_t i = 0; i < COUNT(t); i++) {
		trial_of_answer(t[i].status, t[i].body, "refused", &line);
		assert_int_equal(line.well, t[i].well);
		assert_non_null(strstr(line.fact, t[i].fact));
		assert_non_null(strstr(line.remedy, t[i].remedy));
		assert_int_equal(line.well, line.remedy[0] == '\0');
	}
}

static void
test_trial_saves(void **state)
{
	static const struct {
		long status;
		const char *body;
		uint64_t mmsid; /* 0: not saved */
		const char *fact, *remedy;
	} t[] = {
		{ 200, "<STATUS>Success</STATUS><MMSID>100001</MMSID>", 100001, "can be saved",
		    "" },
		{ 503, "<ERRORCODE>E503</ERRORCODE>", 0, "HTTP 503, error E503",
		    "log/savemms.log" },
		{ 500, "<h1>Oops</h1>", 0, "HTTP 500: nothing", "POST may be forbidden" },
		{ 200, "<MMSID></MMSID>", 0, "nothing", "POST" },
		{ 200, "<MMSID>99999999999999999999999</MMSID>", 0, "nothing", "POST" },
	};
	struct trial_line line;

	for (size_t i = 0; i < COUNT(t); i++) {
		uint64_t id = 0;

		trial_of_save(t[i].status, t[i].body, &id, &line);
		assert_int_equal(id, t[i].mmsid);
		assert_int_equal(line.well, t[i].mmsid != 0);
		assert_non_null(strstr(line.fact, t[i].fact));
		assert_non_null(strstr(line.remedy, t[i].remedy));
	}
}

static void
test_trial_helpers(void **state)
{
	static const struct {
		struct trial_helper h;
		bool well;
		const char *fact, *remedy;
	} t[] = {
		{ { true, -1, -1, 0, 5 }, true, "runs already", "" },
		{ { false, -1, -1, 5000, 5 }, false, "not started", "crontab" },
		{ { false, 100, 3100, 3100, 5 }, true, "lives on", "" },
		{ { false, 100, 900, 1000, 5 }, false, "after 900 ms", "crontab" },
		{ { false, 100, 900, 1000, 1 }, true, "too soon", "helper-linger" },
		{ { false, 100, 3200, 3200, 1 }, true, "lives on", "" },
	};
	struct trial_line line;

	for (size_t i = 0; i < COUNT(t); i++) {
		trial_of_helper(&t[i].h, &line);
		assert_int_equal(line.well, t[i].well);
		assert_non_null(strstr(line.fact, t[i].fact));
		assert_non_null(strstr(line.remedy, t[i].remedy));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_fill_path),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_long_table),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_job_state),
		cmocka_unit_test(test_job_progress),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_free_port),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_trial_answers),
		cmocka_unit_test(test_trial_saves),
		cmocka_unit_test(test_trial_helpers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
