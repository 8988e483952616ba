/* The spool: nothing under its name before it is whole and synced; once whatever happens. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "base/file.h"
#include "blob/blob.h"
#include "mms_sample.h"
#include "sample.h"
#include "send/transport.h"
#include "set_up.h"

enum { BATCH = 150 };

static struct transport spool = { .name = "spool", .kind = TRANSPORT_SPOOL };
static struct mms_sample sample[BATCH];
static struct transport_job job[BATCH], *jobs[BATCH];
static struct transport_job *
new_job(size_t i, uint64_t tracking, bool put, bool sms)
{
	struct mms_sample *s = &sample[i];

	mms_sample(s, &settings, put);
	mms_sample_tracking(s, tracking);
	job[i] = (struct transport_job){ .settings = &settings,
		.transport = &spool,
		.m = &s->m,
		.report_url = "" };
	if (sms)
		job[i].sms = "Hello \xc3\xa9\nworld";
	else
		assert_non_null(job[i].mms = compose(arena, &s->in));
	return jobs[i] = &job[i];
}

static const char *
path_of(const struct transport_job *j, const char *ext)
{
	static char path[400];

	(void)snprintf(path, sizeof path, "%s/outbox/%s.%s", dir, j->m->tracking, ext);
	return path;
}

/* Regular files in a folder of the outbox. */
static int
count(const char *name)
{
	char path[400];
	struct dirent *e;
	int n = 0;
	DIR *d;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	if ((d = opendir(path)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		n += e->d_type == DT_REG;
	(void)closedir(d);
	return n;
}

static void
test_batch(void **state)
{
	struct stat st;

	for (size_t i = 0; i < BATCH; i++)
		transport_submit(new_job(i, i + 1, false, i % 3 == 0), arena);
	assert_int_equal(count("outbox"), 0);
	assert_int_equal(count("outbox/tmp"), BATCH);
	transport_settle(jobs, BATCH);
	assert_int_equal(count("outbox"), BATCH);
	assert_int_equal(count("outbox/tmp"), 0);
	for (size_t i = 0; i < BATCH; i++) {
		const char *ext = i % 3 == 0 ? "sms" : "mms";

		assert_int_equal(job[i].rc, TRANSPORT_TAKEN);
		assert_int_equal(stat(path_of(&job[i], ext), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_true(st.st_size > 300);
		assert_string_equal(job[i].id, strrchr(path_of(&job[i], ext), '/') + 1);
	}
}

/* A second time, as after a crash: taken, and the file is as it was. */
static void
test_again(void **state)
{
	struct stat first, second;
	struct transport_job *j = new_job(0, 1000, false, false);

	transport_submit(j, arena);
	transport_settle(&j, 1);
	assert_int_equal(stat(path_of(j, "mms"), &first), 0);
	transport_submit(j, arena);
	assert_int_equal(j->rc, TRANSPORT_TAKEN);
	transport_settle(&j, 1);
	assert_int_equal(j->rc, TRANSPORT_TAKEN);
	assert_string_equal(j->id, "T0000000000000000000000000001000.mms");
	assert_int_equal(stat(path_of(j, "mms"), &second), 0);
	assert_int_equal(first.st_ino, second.st_ino);
	/* died between submit and settle: it is handed over again, whole */
	j = new_job(0, 1001, false, false);
	transport_submit(j, arena);
	transport_submit(j, arena);
	transport_settle(&j, 1);
	assert_int_equal(j->rc, TRANSPORT_TAKEN);
	assert_int_equal(count("outbox/tmp"), 0);
}

static void
test_sms_text(void **state)
{
	struct transport_job *j = new_job(0, 2000, false, true);
	char text[3000], *file;
	size_t n;

	transport_submit(j, arena);
	transport_settle(&j, 1);
	assert_non_null(file = file_slurp(arena, path_of(j, "sms"), 100000, &n));
	assert_non_null(
	    strstr(file, "\r\nContent-Transfer-Encoding: 8bit\r\n\r\nHello \xc3\xa9\nworld"));
	assert_string_equal(file + n - 5, "world");
	assert_non_null(
	    strstr(file, "\r\nFrom: 12345/TYPE=PLMN\r\nTo: +31612345678/TYPE=PLMN\r\n"));
	memset(text, 'y', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	j = new_job(0, 2001, false, true);
	j->sms = text;
	transport_submit(j, arena);
	transport_settle(&j, 1);
	assert_non_null(file = file_slurp(arena, path_of(j, "sms"), 100000, &n));
	assert_non_null(strstr(file, "base64\r\n\r\neXl5"));
}

/* Values cannot end a header. */
static void
test_headers(void **state)
{
	struct transport_job *j = new_job(0, 3000, false, false);
	char *file;
	size_t n;

	sample[0].m.reference = "a\r\nBcc: x@example.com\r\n\r\nbody";
	sample[0].m.from_mask = " =?utf-8?Q?x?=";
	transport_submit(j, arena);
	transport_settle(&j, 1);
	assert_non_null(file = file_slurp(arena, path_of(j, "mms"), 100000, &n));
	assert_null(strstr(file, "Bcc"));
	assert_non_null(strstr(file, "X-Savemms-Client-Reference: =?utf-8?B?"));
	assert_non_null(strstr(file, "X-Savemms-From-Mask: =?utf-8?B?"));
	assert_non_null(strstr(file, "\r\nDate: Wed, 25 Nov 2026 02:21:01"));
}

static void
test_failures(void **state)
{
	struct transport_job *j = new_job(0, 4000, false, false);
	char path[400], other[400];

	/* a medium that is not there, to be put in */
	(void)snprintf(settings.spool_media, sizeof settings.spool_media, "embed");
	transport_submit(j, arena);
	assert_int_equal(j->rc, TRANSPORT_AGAIN);
	assert_true(j->why[0] != '\0' && j->id[0] == '\0');
	assert_int_equal(count("outbox/tmp"), 0);
	j = new_job(0, 4000, true, false);
	transport_submit(j, arena);
	transport_settle(&j, 1);
	assert_int_equal(j->rc, TRANSPORT_TAKEN);
	(void)snprintf(settings.spool_media, sizeof settings.spool_media, "refer");
	/* no TRACKINGID */
	j = new_job(0, 4001, false, false);
	(void)snprintf(sample[0].m.tracking, TRACKING, "../../etc/x");
	transport_submit(j, arena);
	assert_int_equal(j->rc, TRANSPORT_REFUSED);
	transport_settle(&j, 1); /* leaves it alone */
	assert_int_equal(j->rc, TRANSPORT_REFUSED);
	/* composed, but not to be sent */
	j = new_job(0, 4003, false, false);
	((struct composed *)j->mms)->air = UINT64_MAX;
	transport_submit(j, arena);
	assert_int_equal(j->rc, TRANSPORT_TOO_BIG);
	assert_true(j->why[0] != '\0');
	/* the outbox is away, and something that is no folder has its name */
	j = new_job(0, 4002, false, false);
	(void)snprintf(path, sizeof path, "%s/outbox", dir);
	(void)snprintf(other, sizeof other, "%s/other", dir);
	transport_submit(j, arena);
	assert_int_equal(rename(path, other), 0);
	transport_settle(&j, 1);
	assert_int_equal(j->rc, TRANSPORT_AGAIN);
	assert_int_equal(file_replace(path, "x", 1), 0);
	transport_submit(j, arena);
	assert_int_equal(j->rc, TRANSPORT_AGAIN);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rename(other, path), 0);
	transport_submit(j, arena);
	transport_settle(&j, 1);
	assert_int_equal(j->rc, TRANSPORT_TAKEN);
}

/* A kind that is not built in says so. */
static void
test_no_kind(void **state)
{
	struct transport none = { .name = "x", .kind = (enum transport_kind)77 };
	struct transport_job *j = new_job(0, 5000, false, false);

	j->transport = &none;
	transport_submit(j, arena);
	assert_int_equal(j->rc, TRANSPORT_REFUSED);
	assert_non_null(strstr(j->why, "not built in"));
}

/* The first submit of a process removes what dead ones have left. */
static void
test_sweep(void **state)
{
	char old[400], new[400];
	struct utimbuf t = { 1000, 1000 };
	struct transport_job *j = new_job(0, 6000, false, false);

	(void)snprintf(old, sizeof old, "%s/outbox/tmp", dir);
	assert_int_equal(file_mkdirs(old), 0);
	(void)snprintf(old, sizeof old, "%s/outbox/tmp/T1.mms.1-1", dir);
	(void)snprintf(new, sizeof new, "%s/outbox/tmp/T2.mms.1-1", dir);
	assert_int_equal(file_replace(old, "x", 1), 0);
	assert_int_equal(file_replace(new, "x", 1), 0);
	assert_int_equal(utime(old, &t), 0);
	transport_submit(j, arena);
	assert_true(access(old, F_OK) != 0 && access(new, F_OK) == 0);
	assert_int_equal(unlink(new), 0);
	transport_settle(&j, 1);
	assert_int_equal(unlink(path_of(j, "mms")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sweep), /* must be the first */
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_sms_text),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_no_kind),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
