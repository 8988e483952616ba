/* transcode: the client with the real transcoder; needs the built program in "." */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "media/transcode.h"
#include "media/transcode_made.h"
#include "media/transcode_rendition.h"
#include "model/settings.h"
#include "unit.h"

#include "temp_file.h"

static struct settings settings;

#define PROGRAM "./savemms-transcode"

/* The smallest GIF there is: one pixel. */
static const unsigned char gif[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
				   "\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;";

static int
source(const void *p, size_t n)
{
	int fd = temp_file(p, n);

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static struct transcode_request
request(enum format f)
{
	struct transcode_request r;

	transcode_request_init(&r, &settings, f);
	r.ntargets = 2;
	r.target[0] = (struct transcode_target){ .budget = 300000, .box = 1280 };
	r.target[1] = (struct transcode_target){ .budget = 500000, .box = 1600 };
	return r;
}

/* What was made, as renditions: one file for both targets. */
static void
check_rendition(const struct transcode_job *j, const struct transcode_result *res)
{
	struct transcode_output none = res->out[0], unread = res->out[0];
	struct rendition r[2];

	for (int i = 0; i < 2; i++) {
		assert_int_equal(transcode_rendition(j, &res->out[i], &r[i]), 1);
		assert_true(crypt_is_sha256_hex(r[i].sha));
		assert_int_equal(r[i].bytes, res->out[i].bytes);
		assert_int_equal(r[i].format, res->out[i].format);
		assert_int_equal(r[i].width, 1);
		assert_int_equal(r[i].height, 1);
		assert_int_equal(r[i].quality, res->out[i].quality);
		assert_int_equal(r[i].size, res->out[i].best ? SIZE_BEST : SIZE_BOUND);
		assert_string_equal(r[i].class, "");
	}
	assert_string_equal(r[0].sha, r[1].sha);
	none.bytes = 0;
	assert_int_equal(transcode_rendition(j, &none, &r[0]), 0);
	none.fits = 0;
	assert_int_equal(transcode_rendition(j, &none, &r[0]), 0);
	assert_int_equal(r[0].size, SIZE_LEAST);
	unread.same_as = 2; /* there is no third file */
	assert_int_equal(transcode_rendition(j, &unread, &r[0]), -1);
}

/* One medium from start to end; its status. */
static enum transcode_status
one(struct transcoder *t, enum format f, const void *p, size_t n)
{
	struct transcode_request req = request(f);
	struct transcode_result res;
	int fd = source(p, n);
	struct transcode_job *j = transcode_start(t, &req, fd, "/tmp");
	char b[4];

	assert_non_null(j);
	close(fd);
	transcode_wait(j, NULL, NULL, NULL, &res);
	if (res.status == TS_OK) {
		assert_int_equal(res.out[1].same_as, 0);
		assert_true(res.out[1].bytes > 60 && res.out[1].width == 1);
		assert_int_equal(read(transcode_output_fd(j, 0), b, 4), 4); /* from offset 0 */
		assert_true(b[0] == '\xff' || b[0] == '\x89');
		check_rendition(j, &res);
	}
	transcode_end(&j);
	return (enum transcode_status)res.status;
}

static unsigned
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* The first child of this process, 0 for none. */
static pid_t
child(void)
{
	FILE *f = fopen("/proc/thread-self/children", "r");
	long pid = 0;

	if (f != NULL && fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	if (f != NULL)
		fclose(f);
	return (pid_t)pid;
}

static void
test_good_and_bad(void **state)
{
	unsigned before = open_files();
	struct transcoder *t = transcoder_new(PROGRAM, 2);

	assert_int_equal(one(t, FORMAT_GIF, gif, sizeof gif - 1), TS_OK);
	assert_int_equal(one(t, FORMAT_GIF, gif, sizeof gif - 6), TS_CORRUPT);
	assert_int_equal(one(t, FORMAT_PNG, gif, sizeof gif - 1), TS_CORRUPT);
	assert_int_equal(one(t, FORMAT_GIF, gif, sizeof gif - 1), TS_OK);
	transcoder_free(&t);
	assert_null(t);
	assert_int_equal(open_files(), before);
	assert_int_equal(child(), 0);
}

static void *
some(void *t)
{
	uintptr_t good = 0;

	for (int i = 0; i < 5; i++)
		good += one(t, FORMAT_GIF, gif, sizeof gif - 1) == TS_OK;
	return (void *)good;
}

static void
test_threads(void **state)
{
	struct transcoder *t = transcoder_new(PROGRAM, 2);
	pthread_t th[4];
	void *good;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&th[i], NULL, some, t), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(th[i], &good), 0);
		assert_int_equal((uintptr_t)good, 5);
	}
	transcoder_free(&t);
}

static void
test_killed_transcoder_comes_back(void **state)
{
	struct transcoder *t = transcoder_new(PROGRAM, 1);

	for (int i = 0; i < 3; i++) {
		assert_int_equal(one(t, FORMAT_GIF, gif, sizeof gif - 1), TS_OK);
		assert_true(child() > 0);
		assert_int_equal(kill(child(), SIGKILL), 0);
		poll(NULL, 0, 50);
	}
	assert_int_equal(one(t, FORMAT_GIF, gif, sizeof gif - 1), TS_OK);
	transcoder_free(&t);
	assert_int_equal(child(), 0);
}

static bool
seen(void *ctx, unsigned permille, unsigned left_ms)
{
	++*(int *)ctx;
	return false;
}

/* Cancelled from the progress message that says it has started: an answer comes
 * at once, and the transcoder goes on. */
static void
test_cancel(void **state)
{
	struct transcoder *t = transcoder_new(PROGRAM, 1);
	struct transcode_request req = request(FORMAT_GIF);
	struct transcode_result res;
	int fd = source(gif, sizeof gif - 1), n = 0;
	struct transcode_job *j = transcode_start(t, &req, fd, "/tmp"), *k;

	assert_non_null(j);
	transcode_wait(j, NULL, seen, &n, &res);
	assert_int_equal(n, 1);
	assert_int_equal(res.status, TS_LIMIT);
	k = transcode_start(t, &req, fd, "/tmp");
	transcode_end(&k); /* given up without a look */
	transcode_end(&j);
	close(fd);
	assert_int_equal(one(t, FORMAT_GIF, gif, sizeof gif - 1), TS_OK);
	transcoder_free(&t);
}

static void
test_no_program(void **state)
{
	struct transcoder *t = transcoder_new("/nonexistent/transcode", 1);
	struct transcode_request req = request(FORMAT_GIF);
	int fd = source(gif, sizeof gif - 1);

	assert_null(transcode_start(t, &req, fd, "/tmp"));
	req.ntargets = TRANSCODE_TARGETS + 1;
	assert_null(transcode_start(t, &req, fd, "/tmp"));
	close(fd);
	transcoder_free(&t);
}

/* A transcoder that takes requests and starts nothing: the medium is not to blame. */
static void
test_never_begun(void **state)
{
	static const char script[] = "#!/bin/sh\nexec sleep 20\n";
	struct transcode_request req = request(FORMAT_GIF);
	char path[] = "/tmp/stuckXXXXXX";
	int fd = mkstemp(path), src = source(gif, sizeof gif - 1);
	struct transcode_result res;
	struct transcoder *t;
	struct transcode_job *j;
	int64_t began;

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, script, sizeof script - 1), 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	t = transcoder_new(path, 1);
	req.wall_ms = 100;
	assert_non_null(j = transcode_start(t, &req, src, "/tmp"));
	transcode_wait(j, NULL, NULL, NULL, &res);
	assert_int_equal(res.status, TS_BROKEN);
	assert_non_null(strstr(res.why, "no process was free"));
	transcode_end(&j);
	req.wall_ms = 60000;
	began = clock_mono();
	assert_non_null(j = transcode_start(t, &req, src, "/tmp"));
	transcode_wait(j, &(struct transcode_until){ began + 60000000, began + 200000 }, NULL, NULL,
	    &res);
	assert_int_equal(res.status, TS_BROKEN);
	assert_in_range(clock_mono() - began, 200000, 10000000);
	transcode_end(&j);
	transcoder_free(&t);
	close(src);
	unlink(path);
}

enum { CROWD = 25, QUEUE_FILES = 210 };

/* More requests at once than a transcoder with few descriptors keeps: 0 when each is answered in
 * full or refused as our fault, and some are refused. */
static int
crowd(void)
{
	struct transcode_request req = request(FORMAT_GIF);
	struct transcode_job *j[CROWD];
	struct transcode_result res;
	struct transcoder *t;
	int src = source(gif, sizeof gif - 1), refused = 0;

	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){ QUEUE_FILES, QUEUE_FILES }) != 0 ||
	    (t = transcoder_new(PROGRAM, 1)) == NULL)
		return 1;
	for (int i = 0; i < CROWD; i++)
		if ((j[i] = transcode_start(t, &req, src, "/tmp")) == NULL)
			return 2;
	for (int i = 0; i < CROWD; i++) {
		transcode_wait(j[i], NULL, NULL, NULL, &res);
		if (res.status != TS_OK &&
		    (res.status != TS_BROKEN ||
			strstr(res.why, "too many media are waiting") == NULL))
			return 3;
		refused += res.status == TS_BROKEN;
		transcode_end(&j[i]);
	}
	transcoder_free(&t);
	return refused > 0 && refused < CROWD ? 0 : 4;
}

static void
test_full_queue(void **state)
{
	pid_t pid;

	if (under_valgrind())
		skip();
	if ((pid = unit_fork()) == 0)
		_exit(crowd());
	assert_int_equal(proc_wait(pid), 0);
}

/* What a peer gone mad may send: the service answers what it can and stays. */
static void
test_garbage(void **state)
{
	const char *const argv[] = { PROGRAM, "--jobs", "1", NULL };
	const char *const env[] = { "LANG=C", NULL };
	struct transcode_request req = request(FORMAT_GIF);
	int pair[2];
	char junk[sizeof req + 10];
	pid_t pid;

	memset(junk, 'x', sizeof junk);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	pid = proc_start(&(struct proc){ .argv = argv,
	    .envp = env,
	    .fds = (int[]){ -1, -1, -1, pair[1] },
	    .nfds = 4 });
	assert_true(pid > 0);
	close(pair[1]);
	for (size_t n = 1; n <= sizeof junk; n += 37)
		assert_int_equal(send(pair[0], junk, n, MSG_NOSIGNAL), (ssize_t)n);
	assert_int_equal(send(pair[0], &req, sizeof req, MSG_NOSIGNAL), (ssize_t)sizeof req);
	poll(NULL, 0, 100);
	assert_false(proc_ended(pid));
	close(pair[0]);
	assert_int_equal(proc_wait(pid), 0); /* ends by itself when the socket closes */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_and_bad),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_killed_transcoder_comes_back),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_no_program),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_never_begun),
		cmocka_unit_test(test_full_queue),
	};

	if (access(PROGRAM, X_OK) != 0)
		return 77; /* skipped: not built here */
	alarm(120);
	settings_defaults(&settings, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
