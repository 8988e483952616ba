/*
 * How a change of the settings is noticed, and what keeps its value until a new start.
 */
#include "unit.h"

#include <sys/stat.h>
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
	static const char *const names[] = { "savemms.conf", "run/reload", "run/started.web",
		"run/started.helper" };
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

static void
test_pending(void **state)
{
	struct named n = { "" };
	char err[200];

	settings_defaults(&second, dir);
	reload_pending(&second, SETTINGS_WEB, add_name, &n);
	assert_string_equal(n.text, ""); /* nothing has been started */
	reload_note_start(&second, SETTINGS_WEB);
	reload_note_start(&second, SETTINGS_HELPER);
	reload_pending(&second, SETTINGS_WEB, add_name, &n);
	assert_string_equal(n.text, "");
	assert_int_equal(settings_set(&second, "threads", "6", err, sizeof err), 0);
	assert_int_equal(settings_set(&second, "encode-jobs", "1", err, sizeof err), 0);
	assert_int_equal(settings_set(&second, "max-slides", "2", err, sizeof err), 0);
	reload_pending(&second, SETTINGS_WEB, add_name, &n);
	assert_string_equal(n.text, "threads encode-jobs ");
	n.text[0] = '\0';
	reload_pending(&second, SETTINGS_HELPER, add_name, &n);
	assert_string_equal(n.text, "encode-jobs ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_pending),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
