/* The engine on Berkeley DB: what the store's tests cannot see from above. */
#include "unit.h"

#include <sys/file.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "sample.h"
#include "store/bdb/bdb_lock.h"

#define S(text) ((struct slice){ text, strlen(text) })

static struct settings s;
static char dir[256], err[256];
static struct arena *a;

static int
set_up(void **state)
{
	(void)state;
	sample_dir(dir, sizeof dir);
	sample_settings(&s, dir);
	return (a = arena_new(1 << 20)) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&a);
	sample_rmdir(dir);
	return 0;
}

static struct kv *
open_kv(void)
{
	enum store_rc rc;
	struct kv *kv = kv_bdb_open(&s, true, &rc, err, sizeof err);

	assert_non_null(kv);
	return kv;
}

static enum store_rc
put(struct kv *kv, const char *key, const char *value)
{
	enum store_rc rc = kv->ops->begin(kv, KV_DURABLE);

	if (rc != ST_OK)
		return rc;
	assert_int_equal(kv->ops->put(kv, S(key), S(value)), ST_OK);
	return kv->ops->commit(kv);
}

static enum store_rc
get(struct kv *kv, const char *key, struct slice *v)
{
	enum store_rc rc = kv->ops->begin(kv, KV_READ);

	if (rc == ST_OK) {
		rc = kv->ops->get(kv, S(key), a, v);
		kv->ops->abort(kv);
	}
	return rc;
}

/* The page all processes share, as another process would see it. */
static struct bdb_lock
page(void)
{
	struct bdb_lock l;
	enum store_rc rc;
	char path[300];

	(void)snprintf(path, sizeof path, "%s/db", dir);
	assert_true(bdb_lock_open(&l, path, &rc, err, sizeof err));
	return l;
}

static void
test_order(void **state)
{
	struct kv *kv = open_kv();
	struct slice k, v;

	assert_int_equal(put(kv, "b", "2"), ST_OK);
	assert_int_equal(put(kv, "a", "1"), ST_OK);
	assert_int_equal(put(kv, "ab", "3"), ST_OK);
	assert_int_equal(kv->ops->begin(kv, KV_FAST), ST_OK);
	assert_int_equal(kv->ops->next(kv, S("a\1"), a, &k, NULL), ST_OK);
	assert_memory_equal(k.p, "ab", 2);
	assert_int_equal(kv->ops->del(kv, S("ab")), ST_OK); /* with a cursor in use */
	assert_int_equal(kv->ops->del(kv, S("ab")), ST_NOTFOUND);
	assert_int_equal(kv->ops->next(kv, S("a\1"), a, &k, &v), ST_OK);
	assert_memory_equal(v.p, "2", 1);
	assert_int_equal(kv->ops->prev(kv, S("zz"), a, &k, NULL), ST_OK);
	assert_memory_equal(k.p, "b", 1);
	assert_int_equal(kv->ops->prev(kv, S("b"), a, &k, NULL), ST_OK);
	assert_memory_equal(k.p, "a", 1);
	assert_int_equal(kv->ops->prev(kv, S("a"), a, &k, NULL), ST_NOTFOUND);
	assert_int_equal(kv->ops->next(kv, S("c"), a, &k, NULL), ST_NOTFOUND);
	kv->ops->abort(kv);
	assert_int_equal(get(kv, "ab", &v), ST_OK); /* the abort brought it back */
	assert_int_equal(kv->ops->begin(kv, KV_READ), ST_OK);
	assert_int_equal(kv->ops->put(kv, S("x"), S("y")), ST_IO);
	kv->ops->abort(kv);
	kv->ops->close(kv);
}

/* A process that dies inside, with a change half made. */
static void
test_death_inside(void **state)
{
	struct kv *kv = open_kv();
	struct slice v;
	pid_t pid;

	assert_int_equal(put(kv, "kept", "1"), ST_OK);
	if ((pid = unit_fork()) == 0) {
		struct kv *own = open_kv();

		if (own->ops->begin(own, KV_DURABLE) == ST_OK &&
		    own->ops->put(own, S("half"), S("x")) == ST_OK)
			(void)raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(get(kv, "half", &v), ST_NOTFOUND);
	assert_int_equal(get(kv, "kept", &v), ST_OK);
	assert_int_equal(put(kv, "later", "2"), ST_OK);
	assert_false(kv_bdb_worn(kv));
	kv->ops->close(kv);
}

/* A forked child that goes on with its parent's handle is refused. */
static void
test_fork(void **state)
{
	struct kv *kv = open_kv();
	int status;
	pid_t pid;

	if ((pid = unit_fork()) == 0)
		_exit(kv->ops->begin(kv, KV_READ) == ST_IO ? 7 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_int_equal(put(kv, "a", "1"), ST_OK);
	kv->ops->close(kv);
}

/* After a reboot, and each time a process died, the handles are new ones. */
static void
test_generations(void **state)
{
	struct kv *kv = open_kv();
	struct bdb_lock other = page();
	struct slice v;

	assert_int_equal(put(kv, "a", "1"), ST_OK);
	for (int i = 0; i < 8; i++) {
		uint64_t before = atomic_load(&other.page->generation);

		assert_false(kv_bdb_worn(kv));
		if (i % 2 == 0)
			other.page->boot[0] = 'x'; /* a reboot */
		else
			atomic_store(&other.page->dirty, 1); /* a death */
		assert_int_equal(get(kv, "a", &v), ST_OK);
		assert_int_equal(atomic_load(&other.page->generation), before + 1);
		assert_int_equal(atomic_load(&other.page->dirty), 0);
	}
	assert_true(kv_bdb_worn(kv));
	bdb_lock_close(&other);
	kv->ops->close(kv);
}

/* After a sync that failed nothing is acknowledged before a recovery, which the commit brings about
 * itself. What the recovery finds is acknowledged. */
static void
test_sync_failure(void **state)
{
	struct kv *kv = open_kv();
	struct bdb_lock other = page();
	uint64_t generation = atomic_load(&other.page->generation);
	struct slice v;

	assert_int_equal(put(kv, "a", "1"), ST_OK);
	assert_int_equal(kv->ops->begin(kv, KV_DURABLE), ST_OK);
	assert_int_equal(kv->ops->put(kv, S("b"), S("2")), ST_OK);
	atomic_fetch_add(&other.page->failures, 1); /* as a leader elsewhere does */
	atomic_store(&other.page->sync_failed, 1);
	assert_int_equal(kv->ops->commit(kv), ST_OK);
	assert_int_equal(atomic_load(&other.page->generation), generation + 1);
	assert_int_equal(atomic_load(&other.page->sync_failed), 0);
	assert_int_equal(get(kv, "b", &v), ST_OK);
	assert_int_equal(put(kv, "c", "3"), ST_OK);
	assert_int_equal(atomic_load(&other.page->generation), generation + 1);
	assert_int_equal(get(kv, "a", &v), ST_OK);
	bdb_lock_close(&other);
	kv->ops->close(kv);
}

/* A leader has marked its failure and is stopped, others recover, and only after a commit of theirs
 * does it count the failure: that commit brings about a recovery of its own. */
static void
test_failure_counted_late(void **state)
{
	struct kv *kv = open_kv();
	struct bdb_lock other = page();
	uint64_t generation = atomic_load(&other.page->generation);
	char path[300];
	struct slice v;
	pid_t pid;
	int fd;

	(void)snprintf(path, sizeof path, "%s/db/sync", dir);
	assert_true((fd = open(path, O_RDWR | O_CLOEXEC)) >= 0);
	assert_int_equal(file_lock_try(fd, LOCK_EX), 0); /* the commit waits for the leader */
	if ((pid = unit_fork()) == 0) {
		while (atomic_load(&other.page->committed) == 0)
			usleep(1000);
		atomic_fetch_add(&other.page->failures, 1);
		_exit(0);
	}
	alarm(20);
	assert_int_equal(put(kv, "a", "1"), ST_OK);
	alarm(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(atomic_load(&other.page->generation), generation + 1);
	assert_int_equal(get(kv, "a", &v), ST_OK);
	file_close(&fd);
	bdb_lock_close(&other);
	kv->ops->close(kv);
}

/* A commit in the log whose outcome cannot be found out yet is not answered. */
static void
test_recovery_fails_for_a_while(void **state)
{
	struct kv *kv = open_kv();
	struct bdb_lock other = page();
	char db[300], away[300];
	int64_t began = clock_mono();
	struct slice v;
	pid_t pid;

	(void)snprintf(db, sizeof db, "%s/db", dir);
	(void)snprintf(away, sizeof away, "%s/away", dir);
	assert_int_equal(kv->ops->begin(kv, KV_DURABLE), ST_OK);
	assert_int_equal(kv->ops->put(kv, S("a"), S("1")), ST_OK);
	atomic_fetch_add(&other.page->failures, 1);
	atomic_store(&other.page->sync_failed, 1);
	assert_int_equal(rename(db, away), 0);
	if ((pid = unit_fork()) == 0) {
		usleep(1500000);
		_exit(rename(away, db));
	}
	assert_int_equal(kv->ops->commit(kv), ST_OK);
	assert_true(clock_mono() - began > 1400000);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(get(kv, "a", &v), ST_OK);
	bdb_lock_close(&other);
	kv->ops->close(kv);
}

/* The process that syncs for all is stopped: the others sync beside it. */
static void
test_leader_stopped(void **state)
{
	struct kv *kv = open_kv();
	char path[300];
	int64_t began;
	int fd;

	assert_int_equal(put(kv, "a", "1"), ST_OK);
	(void)snprintf(path, sizeof path, "%s/db/sync", dir);
	assert_true((fd = open(path, O_RDWR | O_CLOEXEC)) >= 0);
	assert_int_equal(file_lock_try(fd, LOCK_EX), 0);
	began = clock_mono();
	assert_int_equal(put(kv, "a", "2"), ST_OK);
	assert_in_range(clock_mono() - began, 1900000, 9000000);
	file_close(&fd);
	kv->ops->close(kv);
}

/* The stamp of the commits is not seen. */
static void
test_stamp(void **state)
{
	struct kv *kv = open_kv();
	struct slice k, none = { "", 0 };

	assert_int_equal(put(kv, "a", "1"), ST_OK);
	assert_int_equal(kv->ops->begin(kv, KV_READ), ST_OK);
	assert_int_equal(kv->ops->next(kv, none, a, &k, NULL), ST_OK);
	assert_memory_equal(k.p, "a", 1);
	assert_int_equal(kv->ops->next(kv, (struct slice){ "", 1 }, a, &k, NULL), ST_OK);
	assert_memory_equal(k.p, "a", 1);
	assert_int_equal(kv->ops->prev(kv, S("a"), a, &k, NULL), ST_NOTFOUND);
	kv->ops->abort(kv);
	kv->ops->close(kv);
}

/* Recovery that cannot work ends in an error, and works again afterwards. */
static void
test_comes_back(void **state)
{
	struct kv *kv = open_kv();
	struct bdb_lock other = page();
	char db[300], away[300];
	struct slice v;

	assert_int_equal(put(kv, "a", "1"), ST_OK);
	(void)snprintf(db, sizeof db, "%s/db", dir);
	(void)snprintf(away, sizeof away, "%s/away", dir);
	atomic_store(&other.page->dirty, 1);
	assert_int_equal(rename(db, away), 0);
	assert_int_equal(get(kv, "a", &v), ST_IO);
	assert_int_equal(get(kv, "a", &v), ST_IO);
	assert_int_equal(rename(away, db), 0);
	usleep(1050000);
	assert_int_equal(get(kv, "a", &v), ST_OK);
	bdb_lock_close(&other);
	kv->ops->close(kv);
}

static void
test_refusals(void **state)
{
	struct kv *kv;
	enum store_rc rc;

	assert_null(kv_bdb_open(&s, false, &rc, err, sizeof err));
	assert_int_equal(rc, ST_NOTFOUND);
	kv = open_kv();
	kv->ops->close(kv);
	s.reserve_mb = 1 << 30;
	kv = kv_bdb_open(&s, false, &rc, err, sizeof err);
	assert_non_null(kv);
	assert_int_equal(kv->ops->begin(kv, KV_GROW), ST_FULL);
	assert_int_equal(put(kv, "a", "1"), ST_OK); /* what makes room must go on */
	kv->ops->close(kv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_death_inside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fork, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_generations, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sync_failure, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failure_counted_late, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_recovery_fails_for_a_while, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_leader_stopped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stamp, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
