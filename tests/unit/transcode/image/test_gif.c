/* gif: whose fault a failing gifsicle is, and the measure of likeness; targets of pictures. The
 * program that is run is PROGRAM, a link to what each test wants, which may be this test. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "transcode/child.h"
#include "transcode/image/gif.h"
#include "transcode/image/image.h"
#include "transcode/image/likeness.h"
#include "transcode/ssim.h"
#include "transcode/image/target_order.h"
#include "transcode/transcode_child.h"
#include "unit.h"

#define PROGRAM GIFSICLE /* of this test's build */

static const char *real;

static void
test_whose_fault(void **state)
{
	static const struct {
		int status;
		const char *said;
		enum transcode_status want;
	} t[] = {
		{ 1 << 8, "gifsicle:<stdin>: image corrupted, code out of range", TS_CORRUPT },
		{ 1 << 8, "", TS_CORRUPT },
		{ 1 << 8, "gifsicle: Out of memory, giving up", TS_LIMIT },
		{ 1 << 8, "out of memory", TS_LIMIT },
		{ 1 << 8,
		    "gifsicle: unrecognized option '--lossy' Usage: gifsicle [OPTION | FILE | FRAME]...",
		    TS_BROKEN },
		{ SIGTERM, "", TS_KILLED },
		{ SIGINT, "", TS_KILLED },
		{ SIGHUP, "", TS_KILLED },
		{ SIGXFSZ, "", TS_LIMIT },
		{ SIGBUS, "", TS_LIMIT },
		{ SIGSYS, "", TS_LIMIT },
		{ SIGFPE, "", TS_LIMIT },
		{ SIGILL, "", TS_LIMIT },
		{ 127 << 8, "error while loading shared libraries: libm.so.6", TS_BROKEN },
		{ SIGXCPU, "", TS_LIMIT },
		{ SIGSEGV, "", TS_LIMIT },
		{ SIGABRT, "", TS_LIMIT },
		{ SIGKILL, "", TS_KILLED },
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		assert_int_equal(gif_failure(t[i].status, t[i].said), t[i].want);
}

/* 2 x 1 pixels, two frames alike; its end is the last byte. */
static const char gif[] =
    "GIF89a\x02\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    "\x21\xf9\x04\x00\x0a\x00\x00\x00\x2c\x00\x00\x00\x00\x02\x00\x01\x00\x00\x02\x02\x44\x0a\x00"
    "\x21\xf9\x04\x00\x0a\x00\x00\x00\x2c\x00\x00\x00\x00\x02\x00\x01\x00\x00\x02\x02\x44\x0a\x00;";

/* This program as gifsicle: all of an animation is 5 KB, a narrower one has 80 bytes, and what
 * takes loss or colours away takes too long. */
static int
act(int argc, char **argv)
{
	static char comment[257] = "\xff";
	bool narrow = false;
	int rc;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--lossy", 7) == 0 || strncmp(argv[i], "--colors", 8) == 0)
			(void)raise(SIGXCPU);
		narrow = narrow || strncmp(argv[i], "--resize-width", 14) == 0;
	}
	rc = file_write(STDOUT_FILENO, gif, sizeof gif - 2);
	for (int i = 0; rc == 0 && !narrow && i < 20; i++) {
		rc = file_write(STDOUT_FILENO, "\x21\xfe", 2);
		rc = rc == 0 ? file_write(STDOUT_FILENO, comment, sizeof comment) : rc;
	}
	return rc == 0 ? file_write(STDOUT_FILENO, ";", 1) : rc;
}

static int
source(void)
{
	int fd = child_memfile("source");

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, gif, sizeof gif - 1), 0);
	return fd;
}

/* The source and an output, and what becomes of a request for it. */
struct attempt {
	int source, out;
	uint64_t budget;
	rlim_t files;                 /* RLIMIT_NOFILE; 0: as it is */
	struct transcode_result *res; /* shared */
};

static int
attempt(void *ctx)
{
	struct attempt *t = ctx;
	struct transcode_request req = { .version = TRANSCODE_VERSION,
		.format = FORMAT_GIF,
		.ntargets = 1,
		.wall_ms = 20000,
		.cpu_s = 10,
		.memory_mb = 1024,
		.target = { { t->budget, 1280, 0, 0, 0 } } };

	if (t->files > 0 && setrlimit(RLIMIT_NOFILE, &(struct rlimit){ t->files, t->files }) != 0)
		return 1;
	return gif_run(&req, &(struct gif_source){ t->source, 0 }, &t->out, t->res);
}

/* With that file as the program, NULL: none, for a source that is so wide and high. */
static struct transcode_result
run_for(const char *program, rlim_t files, uint64_t budget, uint32_t side)
{
	struct attempt t = { source(), child_memfile("out"), budget, files,
		mmap(NULL, sizeof *t.res, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0) };
	struct transcode_result res;

	assert_true(t.res != MAP_FAILED);
	*t.res = (struct transcode_result){ .version = TRANSCODE_VERSION,
		.width = side,
		.height = side,
		.frames = 2 };
	(void)unlink(PROGRAM);
	if (program != NULL)
		assert_int_equal(symlink(program, PROGRAM), 0);
	assert_int_equal(child_part(attempt, &t), 0);
	res = *t.res;
	if (res.status == TS_OK)
		assert_int_equal(file_size(t.out), res.out[0].bytes);
	(void)unlink(PROGRAM);
	(void)munmap(t.res, sizeof *t.res);
	file_close(&t.out);
	file_close(&t.source);
	return res;
}

static struct transcode_result
run_with(const char *program, rlim_t files)
{
	return run_for(program, files, 100000, 2);
}

static void
test_program(void **state)
{
	struct transcode_result res = run_with(NULL, 0);

	assert_int_equal(res.status, TS_BROKEN);
	assert_non_null(strstr(res.why, "No such file"));
	assert_int_equal(run_with("/bin/false", 0).status, TS_CORRUPT);
	assert_int_equal(run_with("/bin/true", 0).status, TS_BROKEN);   /* no output */
	assert_int_equal(run_with("/etc/passwd", 0).status, TS_BROKEN); /* no program */
	if (real == NULL)
		skip();
	res = run_with(real, 0);
	assert_int_equal(res.status, TS_OK);
	assert_true(res.out[0].fits && res.out[0].best);
	assert_int_equal(res.out[0].ms, 200); /* a frame that changes nothing stays */
	assert_int_equal(res.out[0].quality, 100);
}

/* Who runs out of descriptors anywhere is not the file. */
static void
test_descriptors(void **state)
{
	unsigned broken = 0, done = 0;

	if (real == NULL || under_valgrind())
		skip();
	for (rlim_t n = 8; n <= 88; n += n < 60 ? 9 : 1) {
		struct transcode_result res = run_with(real, n);

		assert_true(res.status == TS_BROKEN || res.status == TS_OK);
		broken += res.status == TS_BROKEN;
		done += res.status == TS_OK;
	}
	assert_true(broken > 5 && done > 5);
}

/* A run that ends at a limit of its own matters only when nothing else fits. */
static void
test_limited(void **state)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	struct transcode_result res;

	assert_true(n > 0);
	self[n] = '\0';
	res = run_for(self, 0, 1000, 400);
	assert_int_equal(res.status, TS_OK);
	assert_string_equal(res.why, "");
	assert_true(res.out[0].fits && !res.out[0].best && res.out[0].bytes == sizeof gif - 1);
	res = run_for(self, 0, 10000, 400);
	assert_true(res.status == TS_OK && res.out[0].best && res.out[0].bytes > 5000);
	res = run_for(self, 0, sizeof gif - 2, 400);
	assert_int_equal(res.status, TS_LIMIT);
}

static void
test_target_order(void **state)
{
	struct transcode_request req = { .ntargets = 4,
		.target = { { 100, 640, 0, 0, 0 }, { 200, 1280, 0, 0, 0 }, { 300, 1280, 0, 0, 0 },
		    { 400, 1000, 0, 0, 0 } } };
	unsigned order[TRANSCODE_TARGETS];
	static const unsigned want[] = { 2, 1, 3, 0 };

	target_order(&req, order);
	assert_memory_equal(order, want, sizeof want);
}

static void
test_target_pick(void **state)
{
	static const struct target_file f[] = {
		{ 100, 600, 400, 50 },
		{ 200, 900, 600, 40 },
		{ 210, 900, 600, 60 },
		{ 150, 600, 400, 0 },
		{ 0, 0, 0, 0 },
		{ 900, 1200, 800, 82 },
	};
	static const struct {
		struct transcode_target t;
		int want;
	} t[] = {
		{ { 1000, 2000, 0, 0, 0 }, 5 },
		{ { 899, 2000, 0, 0, 0 }, 2 },
		{ { 209, 2000, 0, 0, 0 }, 1 },
		{ { 1000, 800, 0, 0, 0 }, 3 },
		{ { 149, 2000, 0, 0, 0 }, 0 },
		{ { 99, 2000, 0, 0, 0 }, 0 },
		{ { 1000, 500, 0, 0, 0 }, -1 },
		{ { 99, 1000, 0, 0, 0 }, 0 },
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		assert_int_equal(target_pick(&t[i].t, f, sizeof f / sizeof f[0]), t[i].want);
}

static void
test_ssim(void **state)
{
	static unsigned char a[64 * 48], b[64 * 48];
	double last = 1;

	for (unsigned i = 0; i < sizeof a; i++)
		a[i] = b[i] = (unsigned char)(i * 37 % 251);
	assert_true(
	    ssim((struct ssim_plane){ a, 64 }, (struct ssim_plane){ b, 64 }, 64, 48) > 0.9999999);
	for (unsigned noise = 4; noise <= 64; noise *= 2) { /* more of it, less like */
		double now;

		for (unsigned i = 0; i < sizeof a; i++)
			b[i] = (unsigned char)(a[i] ^ (i % 3 == 0 ? noise : 0));
		now = ssim((struct ssim_plane){ a, 64 }, (struct ssim_plane){ b, 64 }, 64, 48);
		assert_true(now < last);
		last = now;
	}
	assert_true(last < 0.95);
	b[0] = 255;
	a[0] = 0;
	assert_true(ssim((struct ssim_plane){ a, 1 }, (struct ssim_plane){ b, 1 }, 1, 1) <
	    0.1); /* however small */
	assert_true(
	    ssim((struct ssim_plane){ a, 3 }, (struct ssim_plane){ a, 3 }, 3, 5) > 0.9999999);
}

static int
find_program(void **state)
{
	static const char *const places[] = { "/usr/bin/gifsicle", "/usr/local/bin/gifsicle" };

	for (size_t i = 0; i < 2; i++)
		if (access(places[i], X_OK) == 0)
			real = places[i];
	return image_setup("test_gif") ? 0 : -1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose_fault),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_limited),
		cmocka_unit_test(test_target_order),
		cmocka_unit_test(test_target_pick),
		cmocka_unit_test(test_ssim),
	};

	if (argc > 1)
		_exit(act(argc, argv)); /* no check for leaks in a cage */
	return cmocka_run_group_tests(tests, find_program, NULL);
}
