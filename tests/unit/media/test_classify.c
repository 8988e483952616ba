/* classify: our own rules, then libmagic in the real transcoder; needs the built program in "." */
#include "unit.h"

#include "temp_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "media/classify.h"

#define PROGRAM "./savemms-transcode"

static struct settings settings;
static struct transcoder *transcoder;

/* Returns the format that the transcoder's user is told, FORMAT_COUNT when nobody could look. */
static enum format
ask(struct transcoder *t, int fd)
{
	const struct classify_by by = { t, &settings, 7 };
	enum format found = FORMAT_GIF;
	bool looked = classify_fd(&by, fd, &found);

	assert_true(looked || found == FORMAT_NONE);
	return looked ? found : FORMAT_COUNT;
}

static enum format
ask_bytes(struct transcoder *t, const void *p, size_t n)
{
	int fd = temp_file(p, n);
	enum format found = ask(t, fd);

	assert_int_equal(lseek(fd, 0, SEEK_CUR), n);
	file_close(&fd);
	return found;
}

#define LAYER_TWO "\xff\xfd\x90\x04 one frame that starts, of MPEG audio layer II"

/* What media_magic() does not know, libmagic is asked: here of pictures, sound and text that no
 * slide takes. */
static void
test_second_opinion(void **state)
{
	static const struct {
		enum format want;
		const char *bytes;
		size_t n;
	} cases[] = {
#define ROW(want, bytes) { FORMAT_##want, bytes, sizeof(bytes) - 1 }
		ROW(MP3, LAYER_TWO),
		ROW(NONE, "hello, world\n"),
		ROW(NONE, "\x00\x01\x02\x03"),
		ROW(NONE, ""),
		ROW(NONE, "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
		ROW(NONE, "\0\0\0\024ftypheic\0\0\0\0mif1"),
		ROW(NONE, "\0\0\0\024ftypM4A \0\0\0\0isom"),
#undef ROW
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(ask_bytes(transcoder, cases[i].bytes, cases[i].n), cases[i].want);
}

/* Our own rules need no transcoder. */
static void
test_known(void **state)
{
	const struct classify_by by = { NULL, &settings, 0 };
	struct transcode_job *job;
	enum format found;
	int fd = temp_file("GIF89a\x01\x00", 8);

	assert_true(classify_start(&by, fd, &found, &job));
	assert_int_equal(found, FORMAT_GIF);
	assert_null(job);
	file_close(&fd);
}

/* Many questions are under way at the same time. */
static void
test_at_once(void **state)
{
	const struct classify_by by = { transcoder, &settings, 7 };
	struct transcode_job *job[9];
	enum format found;

	for (size_t i = 0; i < COUNT(job); i++) {
		int fd = i % 2 == 0 ? temp_file(LAYER_TWO, sizeof LAYER_TWO - 1) :
				      temp_file("text\n", 5);

		assert_true(classify_start(&by, fd, &found, &job[i]));
		assert_non_null(job[i]);
		file_close(&fd);
	}
	for (size_t i = 0; i < COUNT(job); i++) {
		const struct transcode_until until = { transcode_queue_until(), -1 };

		assert_true(classify_wait(&job[i], &until, &found));
		assert_null(job[i]);
		assert_int_equal(found, i % 2 == 0 ? FORMAT_MP3 : FORMAT_NONE);
	}
}

/* Makes a program of the text, and asks a transcoder that is this program. */
static enum format
ask_program(const char *text)
{
	static const char path[] = "./transcoder-of-test";
	struct transcoder *t = transcoder_new(path, 1);
	enum format found;

	assert_non_null(t);
	assert_int_equal(file_replace(path, text, strlen(text)), 0);
	assert_int_equal(chmod(path, 0700), 0);
	found = ask_bytes(t, "just text\n", 10);
	transcoder_free(&t);
	assert_int_equal(unlink(path), 0);
	return found;
}

/* That nobody could look is another answer than that it is of no known format. */
static void
test_nobody_looks(void **state)
{
	struct transcoder *none = transcoder_new("/nonexistent/transcoder", 1);
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_non_null(none);
	assert_int_equal(ask_bytes(none, "just text\n", 10), FORMAT_COUNT);
	transcoder_free(&none);
	assert_int_equal(ask_program("#!/bin/sh\nexit 1\n"), FORMAT_COUNT);
	assert_int_equal(ask_program(
			     "#!/bin/sh\nMAGIC=/nonexistent/magic exec " PROGRAM " \"$@\"\n"),
	    FORMAT_COUNT);
	assert_int_equal(ask_program("#!/bin/sh\nexec " PROGRAM " \"$@\"\n"), FORMAT_NONE);
	assert_int_equal(ask(transcoder, -1), FORMAT_COUNT);
	assert_true(fd >= 0);
	assert_int_equal(ask(transcoder, fd), FORMAT_COUNT); /* a folder cannot be read */
	file_close(&fd);
}

/* A file on which libmagic crashes or runs into its limits is unknown, as if libmagic had not known
 * it. Of what is our fault, nothing is known. */
static void
test_judge(void **state)
{
	static const struct {
		enum transcode_status status;
		bool looked;
		enum format found;
	} cases[] = {
		{ TS_OK, true, FORMAT_PNG },
		{ TS_LIMIT, true, FORMAT_NONE },
		{ TS_KILLED, false, FORMAT_NONE },
		{ TS_BROKEN, false, FORMAT_NONE },
		/* which it never answers */
		{ TS_CORRUPT, false, FORMAT_NONE },
		{ TS_TOO_BIG, false, FORMAT_NONE },
		{ TS_VALUE, false, FORMAT_NONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct transcode_result res = { .status = cases[i].status,
			.format = FORMAT_PNG };
		enum format found = FORMAT_GIF;

		assert_int_equal(classify_judge(&res, &found), cases[i].looked);
		assert_int_equal(found, cases[i].found);
	}
}

/* A request without limits is refused; that says nothing of the file. */
static void
test_no_limits(void **state)
{
	struct settings none = settings;
	const struct classify_by by = { transcoder, &none, 7 };
	enum format found;
	int fd = temp_file("just text\n", 10);

	none.image_cpu_seconds = 0;
	assert_false(classify_fd(&by, fd, &found));
	assert_int_equal(found, FORMAT_NONE);
	file_close(&fd);
}

static void *
ask_text(void *wrong)
{
	for (int i = 0; i < 5; i++)
		if (ask_bytes(transcoder, "just text\n", 10) != FORMAT_NONE)
			*(int *)wrong = 1;
	return NULL;
}

static void
test_threads(void **state)
{
	int wrong[4] = { 0 };
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, ask_text, &wrong[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(wrong[i], 0);
	}
}

/* One line of the collection's MANIFEST.tsv: path, extension, ..., what is
 * expected in the tenth column ("reject..." when the type check must refuse). */
static void
check_real_file(const char *dir, char *line)
{
	char *col[10], path[512];
	enum format found;
	bool right;
	int fd;

	for (size_t i = 0; i < COUNT(col); i++)
		col[i] = strsep(&line, "\t");
	assert_non_null(col[9]);
	snprintf(path, sizeof path, "%s/%s", dir, col[0]);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		fail_msg("%s: cannot be opened", path);
	found = ask(transcoder, fd);
	file_close(&fd);
	right = strncmp(col[9], "reject", 6) == 0 ? found == FORMAT_NONE :
						    format_has_ext(found, col[1]);
	if (!right)
		fail_msg("%s: %s", col[0], format_name(found));
}

static void
test_real_files(void **state)
{
	const char *dir = getenv("SAVEMMS_CORPUS");
	char path[512], line[4096];
	int n = 0;
	FILE *f;

	if (dir == NULL)
		dir = TOP_SRCDIR "/../shared/corpus";
	snprintf(path, sizeof path, "%s/MANIFEST.tsv", dir);
	if ((f = fopen(path, "re")) == NULL)
		skip();
	while (fgets(line, sizeof line, f) != NULL)
		if (n++ > 0)
			check_real_file(dir, line);
	fclose(f);
	assert_true(n > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_opinion),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_nobody_looks),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_no_limits),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_real_files),
	};
	int failed;

	settings_defaults(&settings, "");
	if ((transcoder = transcoder_new(PROGRAM, 4)) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	transcoder_free(&transcoder);
	return failed;
}
