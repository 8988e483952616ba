/* What becomes of commits, as the page that all processes share tells it. */
#include "store/bdb/bdb_sync.h"
#include "unit.h"

#include <stdio.h>

#include "base/file.h"
#include "sample.h"

static struct bdb_lock_page p;
static struct bdb_sync sync_of_db;
static char dir[256], path[300];

static int
set_up(void **state)
{
	sample_dir(dir, sizeof dir);
	memset(&p, 0, sizeof p);
	(void)snprintf(path, sizeof path, "%s/db", dir);
	return file_mkdirs(path) == 0 && bdb_sync_open(&sync_of_db, path, &p) ? 0 : -1;
}

static int
tear_down(void **state)
{
	bdb_sync_close(&sync_of_db);
	sample_rmdir(dir);
	return 0;
}

/* What became of commits, by what a recovery finds. */
static void
test_fates(void **state)
{
	struct bdb_ticket t[4];

	for (int i = 0; i < 3; i++) {
		t[i] = bdb_sync_ticket(&p);
		assert_int_equal(t[i].seq, i + 1);
		bdb_sync_committed(&p, t[i], 0);
	}
	atomic_store(&p.synced, 1);
	atomic_fetch_add(&p.failures, 1); /* the second and third did not get through */
	assert_int_equal(bdb_sync_wait(&sync_of_db, t[2]), ST_AGAIN);
	bdb_sync_settle(&p, 2);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t[0]), ST_OK);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t[1]), ST_OK);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t[2]), ST_IO);
	t[3] = bdb_sync_ticket(&p); /* no number is given twice */
	assert_int_equal(t[3].seq, 4);
	bdb_sync_committed(&p, t[3], 0);
	atomic_fetch_add(&p.failures, 1);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t[3]), ST_AGAIN);
	bdb_sync_settle(&p, 4);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t[3]), ST_OK);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t[2]), ST_IO);
	bdb_sync_settle(&p, 9); /* commits of a process that died */
	assert_int_equal(bdb_sync_ticket(&p).seq, 10);
	bdb_sync_settle(&p, 0); /* a database without stamps */
	assert_int_equal(bdb_sync_wait(&sync_of_db, t[3]), ST_OK);
}

/* A database that has no stamp holds no commit that is not settled yet: the first may be lost, too.
 */
static void
test_first_commit_lost(void **state)
{
	struct bdb_ticket t = bdb_sync_ticket(&p), next;

	bdb_sync_committed(&p, t, 0);
	atomic_fetch_add(&p.failures, 1);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t), ST_AGAIN);
	bdb_sync_settle(&p, 0);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t), ST_IO);
	next = bdb_sync_ticket(&p);
	assert_int_equal(next.seq, 2);
	bdb_sync_committed(&p, next, 0);
	atomic_fetch_add(&p.failures, 1);
	bdb_sync_settle(&p, 2);
	assert_int_equal(bdb_sync_wait(&sync_of_db, next), ST_OK);
	assert_int_equal(bdb_sync_wait(&sync_of_db, t), ST_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_first_commit_lost, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
