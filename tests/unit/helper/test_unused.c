/* A blob is removed only if nothing refers to it and nobody has stored it of late. */
#include "helper/unused.h"
#include "unit.h"

#include <sys/stat.h>

#include <fcntl.h>

#include "base/file.h"
#include "blob/blob.h"
#include "sample.h"

enum { AGE = 3600 };

static struct settings settings;
static struct helper h = { .settings = &settings };
static char dir[256], sha[SHA256_HEX];

static int
set_up(void **state)
{
	sample_dir(dir, sizeof dir);
	sample_settings(&settings, dir);
	crypt_sha256_hex("x", 1, sha);
	return (h.store = store_open_ram()) != NULL && blob_init(&settings) == 0 ? 0 : -1;
}

static int
tear_down(void **state)
{
	store_close(&h.store);
	sample_rmdir(dir);
	return 0;
}

static void
put(void)
{
	int fd = blob_temp(&settings), lock = blob_shared(&settings);

	assert_true(fd >= 0 && lock >= 0);
	assert_int_equal(file_write(fd, "x", 1), 0);
	assert_int_equal(blob_put(&settings, fd, sha), 0);
	file_close(&fd);
	file_close(&lock);
}

/* As if it had been stored long ago. */
static void
make_old(void)
{
	const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	char path[INSTANCE_PATH];

	blob_path(&settings, sha, path, sizeof path);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
test_age(void **state)
{
	put();
	assert_int_equal(unused_remove(&h, sha, AGE), UNUSED_KEPT);
	make_old();
	put(); /* stored again: somebody is about to name it */
	assert_int_equal(unused_remove(&h, sha, AGE), UNUSED_KEPT);
	make_old();
	assert_int_equal(unused_remove(&h, sha, AGE), UNUSED_REMOVED);
	put();
	assert_int_equal(unused_remove(&h, sha, 0), UNUSED_REMOVED);
	assert_int_equal(unused_remove(&h, sha, AGE), UNUSED_KEPT); /* it is gone */
}

static void
test_used(void **state)
{
	struct sample t;
	struct medium *m;

	put();
	make_old();
	sample_template(&t, 1, 0);
	m = &t.t.slide[0].medium[0];
	memcpy(m->sha, sha, sizeof m->sha);
	assert_int_equal(store_template_create(h.store, &t.t, NULL, 0, NULL), ST_OK);
	assert_int_equal(unused_remove(&h, sha, AGE), UNUSED_KEPT);
	assert_int_equal(unused_remove(&h, sha, 0), UNUSED_KEPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_age, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_used, set_up, tear_down),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests_name("unused", tests, NULL, NULL);
}
