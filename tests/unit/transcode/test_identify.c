/* identify: what libmagic says in the cage that it runs in */
#include "unit.h"

#include "temp_file.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "transcode/identify.h"

static const struct look_case {
	enum format want;
	const char *bytes;
	size_t n;
} cases[] = {
/* clang-format off */
#define ROW(want, bytes) { FORMAT_##want, bytes, sizeof(bytes) - 1 }
	ROW(GIF, "GIF89a\x01\x00\x01\x00\x00\x00\x00\x00"),
	ROW(MP3, "\xff\xfd\x90\x04 one frame that starts, of MPEG audio layer II"),
	ROW(NONE, "hello, world\n"),
	ROW(NONE, "\x00\x01\x02\x03"),
	ROW(NONE, ""),
	ROW(NONE, "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
#undef ROW
	/* clang-format on */
};

/* Runs in a process of its own. Returns the format that was found, or 100 and the status. */
static int
look_in_cage(void *ctx)
{
	const struct cage cage = { .calls = CAGE_DECODE,
		.cpu_s = 10,
		.memory_mb = 256,
		.files = 16 };
	struct transcode_result res = { .status = TS_BROKEN };

	if (!under_valgrind() && cage_enter(&cage) < 0) /* valgrind needs more than it allows */
		return 99;
	(void)identify_run(ctx, &res);
	return res.status == TS_OK ? (int)res.format : 100 + (int)res.status;
}

static int
look(int fd)
{
	struct job_request j = { .req = { .kind = TRANSCODE_IDENTIFY }, .source = fd };
	int status = proc_call(look_in_cage, &j);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The database must be there before the cage is entered. Without it nothing is said of the file. */
static void
test_without_database(void **state)
{
	int fd = temp_file("just text\n", 10);

	assert_int_equal(look(fd), 100 + TS_BROKEN);
	assert_int_equal(setenv("MAGIC", "/nonexistent/magic", 1), 0);
	identify_load();
	assert_int_equal(look(fd), 100 + TS_BROKEN);
	assert_int_equal(unsetenv("MAGIC"), 0);
	identify_load(); /* tries again */
	assert_int_equal(look(fd), FORMAT_NONE);
	file_close(&fd);
}

static void
test_formats(void **state)
{
	identify_load();
	for (size_t i = 0; i < COUNT(cases); i++) {
		int fd = temp_file(cases[i].bytes, cases[i].n), found = look(fd);

		if (found != (int)cases[i].want)
			fail_msg("row %zu: %d", i, found);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), cases[i].n);
		file_close(&fd);
	}
}

static void
test_unreadable(void **state)
{
	identify_load();
	assert_int_equal(look(-1), 100 + TS_BROKEN);
}

static void
test_names(void **state)
{
	assert_int_equal(identify_mime("video/x-ms-asf"), FORMAT_ASF);
	assert_int_equal(identify_mime("Audio/AMR"), FORMAT_AMR);
	assert_int_equal(identify_mime("text/x-vcard"), FORMAT_VCF);
	assert_int_equal(identify_mime("application/octet-stream"), FORMAT_NONE);
	assert_int_equal(identify_mime("image/svg+xml"), FORMAT_NONE);
	assert_int_equal(identify_mime(""), FORMAT_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_database),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
