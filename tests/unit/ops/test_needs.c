/* needs: what is missing is said once by a program that starts again and again. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "ops/needs.h"

enum { LOG_MAX = 1 << 20 };

static const char seen[] = "run/helper.needs";
static char dir[] = "/tmp/needs.XXXXXX", log_path[64];
static struct settings s;

static int
set_up(void **state)
{
	char path[64];

	if (mkdtemp(dir) == NULL)
		return -1;
	settings_defaults(&s, dir);
	(void)snprintf(log_path, sizeof log_path, "%s/log", dir);
	(void)snprintf(path, sizeof path, "%s/run", dir);
	return mkdir(path, 0700) == 0 && log_open("test", log_path) == 0 ? 0 : -1;
}

static int
tear_down(void **state)
{
	char path[64];

	(void)log_open("test", NULL);
	(void)snprintf(path, sizeof path, "%s/%s", dir, seen);
	(void)unlink(path);
	(void)unlink(log_path);
	(void)snprintf(path, sizeof path, "%s/run", dir);
	return rmdir(path) == 0 && rmdir(dir) == 0 ? 0 : -1;
}

/* Returns how many lines of the log have the text. */
static unsigned
count(const char *text)
{
	struct arena *a = arena_new(2 * LOG_MAX);
	const char *p = a != NULL ? file_slurp(a, log_path, LOG_MAX, NULL) : NULL;
	unsigned n = 0;

	assert_non_null(p);
	for (; (p = strstr(p, text)) != NULL; p++)
		n++;
	arena_free(&a);
	return n;
}

static void
use(const char *transcoder)
{
	(void)snprintf(s.transcode_program, sizeof s.transcode_program, "%s", transcoder);
}

static void
test_once_per_change(void **state)
{
	unsigned missing;

	use("/nowhere/one");
	missing = needs_log(&s, seen);
	assert_true(missing > 0);
	assert_int_equal(count("missing at /nowhere/one"), 1);
	assert_int_equal(needs_log(&s, seen), missing);
	assert_int_equal(needs_log(&s, seen), missing);
	assert_int_equal(count(" missing"), missing);
	use("/nowhere/one/two"); /* it is missing elsewhere */
	assert_int_equal(needs_log(&s, seen), missing);
	assert_int_equal(count(" missing"), missing + 1);
	use("/bin/sh");
	assert_int_equal(needs_log(&s, seen), missing - 1);
	assert_int_equal(needs_log(&s, seen), missing - 1);
	assert_int_equal(count("savemms-transcode: there again"), 1);
	assert_int_equal(count(" missing"), missing + 1);
	use("/nowhere/one"); /* and it is missing again */
	assert_int_equal(needs_log(&s, seen), missing);
	assert_int_equal(count("missing at /nowhere/one,"), 2);
	assert_int_equal(needs_log(&s, NULL), missing); /* the start of a program that stays */
	assert_int_equal(count("missing at /nowhere/one,"), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once_per_change),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
