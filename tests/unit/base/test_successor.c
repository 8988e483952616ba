/* A program notices that another one has taken its place, whichever way it was installed. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/successor.h"
#include "sample.h"

/* Two programs that have been there for long. */
#define OLD "/bin/cat"
#define NEW "/bin/ls"

static char dir[256], name[300], other[300];

static int
set_up(void **state)
{
	(void)state;
	sample_dir(dir, sizeof dir);
	(void)snprintf(name, sizeof name, "%s/program", dir);
	(void)snprintf(other, sizeof other, "%s/other", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sample_rmdir(dir);
	return 0;
}

/* Makes a link to a program, and puts it in the place of the name at once. */
static void
link_to(const char *program)
{
	assert_int_equal(symlink(program, other), 0);
	assert_int_equal(rename(other, name), 0);
}

static void
test_renamed_link(void **state)
{
	(void)state;
	link_to(OLD);
	successor_watch(name);
	assert_string_equal(successor_name(), name);
	assert_false(successor_there());
	link_to(NEW);
	assert_true(successor_there());
	link_to(OLD); /* taken back */
	assert_false(successor_there());
}

/* What is not whole, or is no program, is not the successor. */
static void
test_new_file(void **state)
{
	int fd;

	(void)state;
	link_to(OLD);
	successor_watch(name);
	assert_int_equal(unlink(name), 0);
	assert_false(successor_there());
	assert_true((fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) >= 0);
	assert_int_equal(file_write(fd, "#!/bin/sh\n", 10), 0);
	file_close(&fd);
	assert_false(successor_there());
	assert_int_equal(chmod(name, 0700), 0);
	assert_false(successor_there()); /* it may still be written */
	usleep(2100000);
	assert_true(successor_there());
	assert_int_equal(chmod(name, 0600), 0);
	assert_false(successor_there());
}

/* Without an absolute name it is the file that runs. */
static void
test_own_file(void **state)
{
	(void)state;
	successor_watch("program");
	assert_non_null(strstr(successor_name(), "/tests/unit/base/"));
	assert_false(successor_there());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_renamed_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_new_file, set_up, tear_down),
		cmocka_unit_test(test_own_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
