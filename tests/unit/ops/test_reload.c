/*
 * How a change of the settings is noticed, and what keeps its value until a new start.
 */
#include "unit.h"

#include <sys/stat.h>

#include <glob.h>
#include <unistd.h>

#include "base/file.h"
#include "ops/reload.h"

static char dir[] = "/tmp/reload.XXXXXX";
static struct settings first, second;

static void
write_conf(const char *text)
{
	char path[64];

	(void)snprintf(path, sizeof path, "%s/savemms.conf", dir);
	assert_int_equal(file_replace(path, text, strlen(text)), 0);
}

static int
set_up(void **state)
{
	char path[64], err[200];

	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/run", dir);
	write_conf("threads = 7\nmax-slides = 3\nlog-file = -\n");
	return mkdir(path, 0700) == 0 && settings_read(&first, dir, err, sizeof err) == 0 ? 0 : -1;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "savemms.conf", "run/reload" };
	char path[64];

	for (size_t i = 0; i < COUNT(names); i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof path, "%s/run", dir);
	return rmdir(path) == 0 && rmdir(dir) == 0 ? 0 : -1;
}

static void
test_when(void **state)
{
	assert_int_equal(settings_when("max-slides"), SETTINGS_NOW);
	assert_int_equal(settings_when("threads"), SETTINGS_WEB);
	assert_int_equal(settings_when("postback-jobs"), SETTINGS_HELPER);
	assert_int_equal(settings_when("classes"), SETTINGS_BOTH);
	assert_int_equal(settings_when("transport-mmsc"), SETTINGS_NOW);
}

static void
test_due(void **state)
{
	struct reload_mark mark = { 0, 0 }, other = { 0, 0 };

	assert_false(reload_due(&first, &mark));
	assert_int_equal(reload_tell(&first), 0);
	assert_true(reload_due(&first, &mark));
	assert_false(reload_due(&first, &mark));
	assert_int_equal(reload_tell(&first), 0);
	assert_true(reload_due(&first, &mark));
	assert_true(reload_due(&first, &other)); /* each program for itself */
}

static void
test_read(void **state)
{
	write_conf("threads = 8\nmax-slides = 4\nclasses = S\n");
	assert_true(reload_read(&first, "test", &second));
	assert_int_equal(second.max_slides, 4);
	assert_int_equal(second.threads, 7);
	assert_string_equal(second.classes, first.classes);
	assert_int_equal(second.nclass, first.nclass);

	/* a file that is wrong is refused as a whole */
	write_conf("max-slides = 5\nthreads = many\n");
	assert_false(reload_read(&first, "test", &second));
}

struct named {
	char text[200];
};

static void
add_name(void *ctx, const char *key)
{
	struct named *n = ctx;
	size_t len = strlen(n->text);

	(void)snprintf(n->text + len, sizeof n->text - len, "%s ", key);
}

/* Returns the names of what waits for a new start of the program, with a blank behind each. */
static const char *
pending(enum settings_when program)
{
	static struct named n;

	n.text[0] = '\0';
	assert_int_equal(reload_pending(&second, program, add_name, &n), 0);
	return n.text;
}

static void
set(const char *key, const char *value)
{
	char err[200];

	assert_int_equal(settings_set(&second, key, value, err, sizeof err), 0);
}

/* Returns how many notes there are. */
static unsigned
count_notes(void)
{
	char pattern[64];
	glob_t found;
	unsigned n;
	int rc;

	(void)snprintf(pattern, sizeof pattern, "%s/run/started.*", dir);
	rc = glob(pattern, 0, NULL, &found);
	assert_true(rc == 0 || rc == GLOB_NOMATCH);
	n = rc == 0 ? (unsigned)found.gl_pathc : 0;
	if (rc == 0)
		globfree(&found);
	return n;
}

/* Makes the note of a program that has ended. */
static void
note_and_end(enum settings_when program)
{
	int fd = reload_note_start(&second, program);

	assert_true(fd >= 0);
	file_close(&fd);
}

static void
test_pending(void **state)
{
	int web, helper;

	settings_defaults(&second, dir);
	assert_string_equal(pending(SETTINGS_WEB), ""); /* nothing has been started */
	assert_true((web = reload_note_start(&second, SETTINGS_WEB)) >= 0);
	assert_true((helper = reload_note_start(&second, SETTINGS_HELPER)) >= 0);
	assert_string_equal(pending(SETTINGS_WEB), "");
	set("threads", "6");
	set("encode-jobs", "1");
	set("max-slides", "2");
	assert_string_equal(pending(SETTINGS_WEB), "threads encode-jobs ");
	assert_string_equal(pending(SETTINGS_HELPER), "encode-jobs ");
	file_close(&web);
	file_close(&helper);
	assert_string_equal(pending(SETTINGS_WEB), ""); /* they have ended */
	assert_string_equal(pending(SETTINGS_HELPER), "");
	assert_int_equal(count_notes(), 0);
}

/* A program that starts later takes nothing back of what an older one still runs with. */
static void
test_pending_of_several(void **state)
{
	int fd[3];

	settings_defaults(&second, dir);
	assert_true((fd[0] = reload_note_start(&second, SETTINGS_WEB)) >= 0);
	set("threads", "6");
	assert_true((fd[1] = reload_note_start(&second, SETTINGS_WEB)) >= 0);
	assert_string_equal(pending(SETTINGS_WEB), "threads ");
	set("encode-jobs", "1");
	assert_true((fd[2] = reload_note_start(&second, SETTINGS_WEB)) >= 0);
	assert_string_equal(pending(SETTINGS_HELPER), "");
	assert_non_null(strstr(pending(SETTINGS_WEB), "threads "));
	assert_non_null(strstr(pending(SETTINGS_WEB), "encode-jobs "));
	assert_int_equal(strlen(pending(SETTINGS_WEB)), strlen("threads encode-jobs "));
	file_close(&fd[0]);
	assert_string_equal(pending(SETTINGS_WEB), "encode-jobs ");
	file_close(&fd[1]);
	assert_string_equal(pending(SETTINGS_WEB), "");
	file_close(&fd[2]);
	for (int i = 0; i < 9; i++)
		note_and_end(SETTINGS_HELPER);
	assert_true(count_notes() <= 2); /* one of the last web program, one of the last helper */
	assert_string_equal(pending(SETTINGS_WEB), "");
	assert_string_equal(pending(SETTINGS_HELPER), "");
	assert_int_equal(count_notes(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_pending_of_several),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
