/* Blobs: put, found, listed, removed; the lock. */
#include "unit.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "blob/blob.h"
#include "blob/blob_upload.h"
#include "sample.h"

static struct settings s;
static char dir[256];

static int
set_up(void **state)
{
	(void)state;
	if (!crypt_init())
		return -1;
	sample_dir(dir, sizeof dir);
	sample_settings(&s, dir);
	return blob_init(&s);
}

static int
tear_down(void **state)
{
	(void)state;
	sample_rmdir(dir);
	return 0;
}

static void
put(const char *text, char sha[SHA256_HEX])
{
	int fd = blob_temp(&s);
	uint64_t size;

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, text, strlen(text)), 0);
	assert_int_equal(blob_store(&s, fd, sha, &size), 0);
	assert_int_equal(size, strlen(text));
	file_close(&fd);
}

static int
count(void *ctx, const char *sha, uint64_t bytes, int64_t age)
{
	(void)sha;
	assert_int_equal(bytes, 3);
	assert_in_range(age, 0, 60);
	++*(int *)ctx;
	return 0;
}

static int
stop(void *ctx, const char *sha, uint64_t bytes, int64_t age)
{
	(void)count(ctx, sha, bytes, age);
	return 7;
}

static void
test_blob(void **state)
{
	char sha[SHA256_HEX], path[4096], text[8] = "";
	struct stat st;
	int fd, n = 0;

	put("abc", sha);
	assert_string_equal(sha,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	blob_path(&s, sha, path, sizeof path);
	assert_non_null(strstr(path, "/media/ba/78/ba7816bf"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	put("abc", sha); /* there already */
	put("abd", sha);
	assert_true((fd = blob_open(&s, sha)) >= 0);
	assert_int_equal(read(fd, text, sizeof text), 3);
	assert_string_equal(text, "abd");
	file_close(&fd);
	assert_int_equal(blob_each(&s, count, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(blob_each(&s, stop, &n), 7);
	assert_int_equal(n, 3);
	assert_int_equal(blob_remove(&s, sha), 0);
	assert_int_equal(blob_remove(&s, sha), 0);
	assert_int_equal(blob_open(&s, sha), -1);
	assert_int_equal(errno, ENOENT);
}

static void
test_names(void **state)
{
	char path[4096] = "x", long_sha[SHA256_HEX];
	int fd = blob_temp(&s);

	blob_path(&s, "../../etc/passwd", path, sizeof path);
	assert_string_equal(path, "");
	assert_int_equal(blob_open(&s, "../../etc/passwd"), -1);
	memset(long_sha, 'G', sizeof long_sha);
	long_sha[SHA256_HEX - 1] = '\0';
	assert_int_equal(blob_put(&s, fd, long_sha), -1);
	file_close(&fd);
}

static void
test_locks(void **state)
{
	int a = blob_shared(&s), b = blob_shared(&s), c;
	char path[4096];

	assert_true(a >= 0 && b >= 0);
	(void)snprintf(path, sizeof path, "%s/media/lock", dir);
	assert_true((c = open(path, O_RDWR | O_CLOEXEC)) >= 0);
	assert_int_equal(flock(c, LOCK_EX | LOCK_NB), -1);
	file_close(&a);
	assert_int_equal(flock(c, LOCK_EX | LOCK_NB), -1);
	file_close(&b);
	assert_int_equal(flock(c, LOCK_EX | LOCK_NB), 0);
	file_close(&c);
	assert_true((a = blob_exclusive(&s)) >= 0);
	assert_true((c = open(path, O_RDWR | O_CLOEXEC)) >= 0);
	assert_int_equal(flock(c, LOCK_SH | LOCK_NB), -1);
	file_close(&c);
	file_close(&a);
}

static atomic_bool enough;

static void
expired(void *ctx, const char *sha, uint64_t bytes)
{
	(void)sha;
	assert_int_equal(bytes, 3);
	++*(int *)ctx;
}

/* A note of any account counts, until it is forgotten or expires. It is found without a look into
 * the folder of any account: one that cannot be looked into does not matter. */
static void
test_upload_notes(void **state)
{
	char sha[SHA256_HEX], other[SHA256_HEX], path[INSTANCE_PATH];
	int n = 0, fd;

	(void)state;
	put("abc", sha);
	crypt_sha256_hex("x", 1, other);
	assert_int_equal(blob_upload_noted(&s, sha), 0); /* there is no folder of notes */
	assert_int_equal(blob_upload_note(&s, 7, sha, 3, 8192), 0);
	assert_int_equal(blob_upload_note(&s, 12, sha, 3, 8192), 0);
	assert_int_equal(blob_upload_noted(&s, sha), 1);
	assert_int_equal(blob_upload_noted(&s, other), 0);
	assert_int_equal(blob_upload_noted(&s, "../7"), 0);
	settings_path(&s, "media/upload/13", path, sizeof path);
	assert_true((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) >= 0);
	file_close(&fd);
	assert_int_equal(blob_upload_noted(&s, other), 0);
	assert_int_equal(blob_upload_note(&s, 7, other, 8190, 8192), -1); /* too many bytes */
	assert_int_equal(errno, EDQUOT);
	assert_int_equal(blob_upload_noted(&s, other), 0);
	blob_upload_forget(&s, 7, sha);
	assert_int_equal(blob_upload_noted(&s, sha), 1);
	assert_int_equal(blob_upload_expire(&s, -60, expired, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(blob_upload_noted(&s, sha), 0);
	assert_int_equal(blob_upload_note(&s, 7, sha, 3, 8192), 0);
	assert_int_equal(blob_upload_noted(&s, sha), 1);
	blob_upload_forget(&s, 7, sha);
	assert_int_equal(blob_upload_noted(&s, sha), 0);
}

/* Holds the lock, always together with another of its kind. */
static void *
share(void *ctx)
{
	const struct timespec hold = { .tv_nsec = 20000000 };

	(void)ctx;
	while (!enough) {
		int fd = blob_shared(&s);

		(void)nanosleep(&hold, NULL);
		file_close(&fd);
	}
	return NULL;
}

static void *
leave_in_time(void *ctx)
{
	const struct timespec wait = { .tv_sec = 5 };

	(void)ctx;
	(void)nanosleep(&wait, NULL);
	enough = true;
	return NULL;
}

/* Who wants the lock alone gets it although others share it all the time. */
static void
test_nobody_starves(void **state)
{
	pthread_t t[8], timer;
	int fd;

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&t[i], NULL, share, NULL), 0);
	assert_int_equal(pthread_create(&timer, NULL, leave_in_time, NULL), 0);
	assert_int_equal(pthread_detach(timer), 0);
	for (int i = 0; i < 20; i++) {
		assert_true((fd = blob_exclusive(&s)) >= 0);
		file_close(&fd);
	}
	assert_false(enough);
	enough = true;
	for (int i = 0; i < 8; i++)
		(void)pthread_join(t[i], NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_blob, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_upload_notes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_locks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_starves, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
