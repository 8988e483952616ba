/* Faults around the store: each is said by a code, nothing is half stored, and what
 * was wrong being gone, the same handles work again. */
#include "unit.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "blob/blob.h"
#include "plant.h"
#include "sample.h"
#include "store/plan.h"
#include "store/store_list.h"

static char dir[256], err[STORE_ERR];
static struct settings s;
static struct store *st;
static struct arena *a;

static int
set_up(void **state)
{
	sample_dir(dir, sizeof dir);
	sample_settings(&s, dir);
	a = arena_new(64 << 20);
	st = store_open(&s, true, err);
	return st != NULL && a != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	store_close(&st);
	arena_free(&a);
	sample_rmdir(dir);
	return 0;
}

static enum store_rc
save(uint64_t seed, uint64_t *id)
{
	struct sample t;
	enum store_rc rc;

	sample_template(&t, 1, 20 * seed);
	rc = store_template_create(st, &t.t, NULL, 0, NULL);
	*id = t.t.id;
	return rc;
}

static enum store_rc
load(uint64_t id)
{
	struct arena *mine = arena_new(1 << 20);
	struct template *t;
	enum store_rc rc = store_template_get(st, 0, id, mine, &t);

	arena_free(&mine);
	return rc;
}

static uint64_t nfault;

static void
count_fault(void *ctx, const char *text)
{
	/* the tests make no account */
	if (strstr(text, "belongs to account 1, which does not exist") == NULL)
		nfault++;
}

static void
assert_sound(void)
{
	struct store_check c = { .fault = count_fault };

	nfault = 0;
	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(nfault, 0);
}

static void
no_begin(void *ctx, uint64_t total)
{
	*(uint64_t *)ctx = total;
}

static bool
no_more(void *ctx, const struct template *t)
{
	return false;
}

/* One record that cannot be read is that one's trouble alone. */
static void
test_corrupt_record(void **state)
{
	const struct template_query q = { .account = 1, .max = 1 };
	uint64_t id[3], total;
	const struct template_reader first = { no_begin, no_more, &total };
	struct key k;

	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(save(i, &id[i]), ST_OK);
	k = key_id(TAB_TEMPLATE, id[1]);
	plant(st, &k, "12345678savemms-template 1\nna", 29);
	assert_int_equal(load(id[1]), ST_CORRUPT);
	assert_int_equal(load(id[0]), ST_OK);
	assert_int_equal(load(id[2]), ST_OK);
	assert_int_equal(store_template_each(st, &q, &first), ST_OK);
	assert_int_equal(save(9, &id[0]), ST_OK);
}

static const struct job_want encode = { JOB_ENCODE, { LANE_SHORT }, 1, "me", 60000 };

/* Stores a template with two encodes. */
static void
make_encodes(struct job jobs[2])
{
	struct sample t;

	for (int i = 0; i < 2; i++)
		jobs[i] = (struct job){ .kind = JOB_ENCODE, .why = "", .body = "" };
	sample_template(&t, 1, 0);
	assert_int_equal(store_template_create(st, &t.t, jobs, 2, NULL), ST_OK);
}

/* A job whose record cannot be read does not stop the queue. */
static void
test_corrupt_job(void **state)
{
	struct job jobs[2];
	struct job *j;
	struct key k;
	uint64_t wait;

	make_encodes(jobs);
	k = key_id(TAB_JOB, jobs[0].id);
	plant(st, &k, "x", 1);
	assert_int_equal(store_job_claim(st, &encode, a, &j, &wait), ST_OK);
	assert_int_equal(j->id, jobs[1].id);
}

/* A dead letter whose record cannot be read hides no other. */
static void
test_corrupt_dead_letter(void **state)
{
	struct job jobs[2];
	uint64_t wait, after = 0;
	struct job *j;
	struct key k;

	make_encodes(jobs);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_job_claim(st, &encode, a, &j, &wait), ST_OK);
		assert_int_equal(store_job_keep(st, j, "no disk"), ST_OK);
	}
	k = key_id(TAB_JOB, jobs[0].id);
	plant(st, &k, "x", 1);
	assert_int_equal(store_job_next_dead_letter(st, JOB_ENCODE, &after, a, &j), ST_CORRUPT);
	assert_int_equal(after, jobs[0].id);
	assert_int_equal(store_job_next_dead_letter(st, JOB_ENCODE, &after, a, &j), ST_OK);
	assert_int_equal(j->id, jobs[1].id);
	assert_int_equal(store_job_next_dead_letter(st, JOB_ENCODE, &after, a, &j), ST_NOTFOUND);
}

/* --- jobs whose records cannot be used are discarded --------------------------------------- */

enum found_as { WAITING, CLEARED, LEASED, DEAD, STATES };

/* Makes a template with two encodes, and brings the first to the state before its record is lost.
 */
static uint64_t
lose_encode(enum found_as state, const char *record)
{
	struct job jobs[2];
	struct job *j;
	struct key k;
	uint64_t wait;

	make_encodes(jobs);
	if (state == LEASED || state == DEAD) {
		assert_int_equal(store_job_claim(st, &encode, a, &j, &wait), ST_OK);
		assert_int_equal(j->id, jobs[0].id);
	}
	if (state == DEAD)
		assert_int_equal(store_job_keep(st, j, "no disk"), ST_OK);
	k = key_id(TAB_JOB, jobs[0].id);
	plant(st, &k, record, 1);
	if (state == CLEARED) { /* a claim has found it */
		assert_int_equal(store_job_claim(st, &encode, a, &j, &wait), ST_OK);
		assert_int_equal(j->id, jobs[1].id);
	}
	return jobs[0].id;
}

/* So that the next round begins with an empty queue. */
static void
lease_all(void)
{
	const struct job_want want = { JOB_ENCODE, { LANE_SHORT }, 1, "me", 600000 };
	struct job *j;
	uint64_t wait;

	while (store_job_claim(st, &want, a, &j, &wait) == ST_OK)
		;
}

static void
test_discard_lost(void **state)
{
	static const char *const records[] = { "x", NULL };
	struct job_stats n;
	uint64_t id, jobs = 0;

	for (size_t i = 0; i < COUNT(records); i++)
		for (enum found_as as = WAITING; as < STATES; as++) {
			id = lose_encode(as, records[i]);
			assert_int_equal(store_job_discard(st, id, NULL), ST_OK);
			assert_int_equal(store_job_discard(st, id, NULL), ST_NOTFOUND);
			assert_sound();
			assert_int_equal(store_job_stats(st, &n), ST_OK);
			jobs++; /* the second encode stays */
			assert_int_equal(n.queued[JOB_ENCODE] + n.leased[JOB_ENCODE], jobs);
			assert_int_equal(n.dead[JOB_ENCODE], 0);
			lease_all();
		}
}

/* Postbacks wait for one that is lost, and go on when it is discarded; the one before it ends. */
static void
test_discard_lost_postback(void **state)
{
	const struct job_want want = { JOB_POSTBACK, { LANE_SHORT }, 1, "me", 60000 };
	struct job jobs[3] = { { .kind = JOB_POSTBACK, .why = "", .body = "" },
		{ .kind = JOB_POSTBACK, .why = "", .body = "" },
		{ .kind = JOB_POSTBACK, .why = "", .body = "" } };
	struct sample t;
	struct job *j;
	struct key k;
	uint64_t wait;

	sample_template(&t, 1, 0);
	assert_int_equal(store_template_create(st, &t.t, jobs, 3, NULL), ST_OK);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	assert_int_equal(j->id, jobs[0].id);
	k = key_id(TAB_JOB, jobs[1].id);
	plant(st, &k, "x", 1);
	assert_int_equal(store_job_done(st, j, NULL, NULL, 0), ST_OK);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_NOTFOUND);
	assert_int_equal(store_job_discard(st, jobs[1].id, NULL), ST_OK);
	assert_sound();
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	assert_int_equal(j->id, jobs[2].id);
}

/* The message of a delivery that is lost has failed when that is discarded. */
static void
test_discard_lost_delivery(void **state)
{
	struct message m = { .account = 1, .to = "15550001", .from = "1" }, *now;
	struct job_list jobs;
	struct key k;

	assert_int_equal(save(1, &m.mmsid), ST_OK);
	assert_int_equal(store_message_create(st, &m, NULL), ST_OK);
	assert_int_equal(store_message_jobs(st, m.id, 1, a, &jobs), ST_OK);
	assert_int_equal(jobs.n, 1);
	k = key_id(TAB_JOB, jobs.job[0]->id);
	plant(st, &k, "x", 1);
	assert_int_equal(store_job_discard(st, jobs.job[0]->id, NULL), ST_OK);
	assert_int_equal(store_message_get(st, m.id, a, &now), ST_OK);
	assert_int_equal(now->state, MESSAGE_FAILED);
	assert_sound();
}

static void
test_newer_version(void **state)
{
	struct key k = key_of(TAB_VERSION);
	const unsigned char two[8] = { 0, 0, 0, 0, 0, 0, 0, STORE_VERSION + 1 };
	const unsigned char one[8] = { 0, 0, 0, 0, 0, 0, 0, STORE_VERSION };
	uint64_t id;

	plant(st, &k, two, sizeof two);
	store_close(&st);
	assert_null(store_open(&s, false, err));
	assert_non_null(strstr(err, "written by a newer version"));
	assert_null(store_open(&s, true, err));
	st = NULL;
	/* nothing was changed by the refusals */
	{
		enum store_rc rc;
		struct kv *kv = kv_bdb_open(&s, false, &rc, err, sizeof err);

		assert_non_null(kv);
		assert_int_equal(kv->ops->begin(kv, KV_DURABLE), ST_OK);
		assert_int_equal(kv->ops->put(kv, key_slice(&k), (struct slice){ one, sizeof one }),
		    ST_OK);
		assert_int_equal(kv->ops->commit(kv), ST_OK);
		kv->ops->close(kv);
	}
	assert_non_null(st = store_open(&s, false, err));
	assert_int_equal(save(1, &id), ST_OK);
}

/* Out of descriptors: opening fails, what is open works, and later all does. */
static void
test_no_descriptors(void **state)
{
	struct rlimit was, none = { 3, 0 };
	struct settings other = s;
	struct store *second;
	uint64_t id;
	int lock;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(save(1, &id), ST_OK);
	assert_int_equal(load(id), ST_OK);
	lock = blob_shared(&s);
	second = store_open(&other, false, err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(lock, -1);
	assert_null(second);
	assert_int_equal(blob_init(&s), 0);
	assert_true((lock = blob_shared(&s)) >= 0);
	file_close(&lock);
	assert_non_null(second = store_open(&other, false, err));
	store_close(&second);
	assert_int_equal(load(id), ST_OK);
	assert_sound();
}

/* A folder that may not be written: a blob cannot be put, and can when it may. */
static void
test_read_only(void **state)
{
	char sha[SHA256_HEX], media[300];
	int fd;

	if (geteuid() == 0) {
		print_message("root may write everywhere: nothing to see\n");
		skip();
	}
	assert_int_equal(blob_init(&s), 0);
	crypt_sha256_hex("x", 1, sha);
	assert_true((fd = blob_temp(&s)) >= 0);
	assert_int_equal(file_write(fd, "x", 1), 0);
	(void)snprintf(media, sizeof media, "%s/media", dir);
	assert_int_equal(chmod(media, 0500), 0);
	assert_int_equal(blob_put(&s, fd, sha), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(chmod(media, 0700), 0);
	assert_int_equal(blob_put(&s, fd, sha), 0);
	file_close(&fd);
}

/* A process that is stopped inside: others are told to try again, and when it goes on
 * nothing is lost. */
static void
test_stopped_inside(void **state)
{
	uint64_t id;
	int status;
	pid_t pid;

	assert_int_equal(save(1, &id), ST_OK);
	if ((pid = unit_fork()) == 0) {
		struct store *own = store_open(&s, false, err);
		struct key k = key_of(TAB_TURN);
		enum store_rc rc;

		if (own == NULL || own->kv->ops->begin(own->kv, KV_DURABLE) != ST_OK)
			_exit(1);
		(void)raise(SIGSTOP);
		rc = own->kv->ops->put(own->kv, key_slice(&k), (struct slice){ "12345678", 8 });
		_exit(rc == ST_OK && own->kv->ops->commit(own->kv) == ST_OK ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(load(id), ST_AGAIN); /* after KV_LOCK_WAIT_US */
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_int_equal(load(id), ST_OK);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(save(2, &id), ST_OK);
}

/* --- a full disk ------------------------------------------------------------------------- */

static bool
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	file_close(&fd);
	return ok;
}

/* Makes the plan, as one who holds it. */
static enum store_rc
make_plan(const char *plan, const char *text)
{
	const struct plan_claim claim = { plan, "me", 60000 };
	const char *made;
	enum store_rc rc = store_plan_take(st, &claim, a, &made);

	return rc == ST_NOTFOUND ? store_plan_put(st, &claim, text) : rc;
}

/* A small file system of this process's own on path. */
static bool
mount_small(const char *path)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (uid == 0 ? unshare(CLONE_NEWNS) != 0 : unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0)
		return false;
	if (uid != 0) {
		(void)snprintf(map, sizeof map, "%u %u 1\n", uid, uid);
		if (!write_text("/proc/self/setgroups", "deny") ||
		    !write_text("/proc/self/uid_map", map))
			return false;
		(void)snprintf(map, sizeof map, "%u %u 1\n", gid, gid);
		if (!write_text("/proc/self/gid_map", map))
			return false;
	}
	return mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("small", path, "tmpfs", 0, "size=100m,mode=700") == 0;
}

/* Leaves not a byte. */
static void
fill_disk(const char *path)
{
	static char block[1 << 20];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t n = sizeof block; n > 0;) {
		ssize_t w = write(fd, block, n);

		if (w <= 0)
			n /= 2;
	}
	file_close(&fd);
}

static void
test_disk_full(void **state)
{
	static char text[3000];
	char small[300], filler[320], plan[SHA256_HEX];
	uint64_t id[20], n, lost;
	enum store_rc rc = ST_OK;

	(void)snprintf(small, sizeof small, "%s/small", dir);
	assert_int_equal(mkdir(small, 0700), 0);
	if (!mount_small(small)) {
		print_message("no small file system can be mounted here: %s\n", strerror(errno));
		skip();
	}
	store_close(&st);
	sample_settings(&s, small);
	assert_non_null(st = store_open(&s, true, err));
	for (uint64_t i = 0; i < COUNT(id); i++)
		assert_int_equal(save(i, &id[i]), ST_OK);
	(void)snprintf(filler, sizeof filler, "%s/filler", small);
	fill_disk(filler);
	/* Free space is asked for once a second: what comes before that runs into the end. */
	memset(text, 'x', sizeof text - 1);
	for (n = 0; rc == ST_OK && n < 20000; n++) {
		sample_blob(1000 + n, plan);
		rc = make_plan(plan, text);
	}
	assert_int_equal(rc, ST_FULL);
	/* what is stored can be read all the while */
	for (size_t i = 0; i < COUNT(id); i++)
		assert_int_equal(load(id[i]), ST_OK);
	fill_disk(filler); /* what the recovery left */
	(void)sleep(2);
	assert_int_equal(save(101, &lost), ST_FULL);
	assert_int_equal(make_plan(plan, text), ST_FULL);
	for (int i = 0; i < 2; i++) {
		struct store *other = store_open(&s, false, err);

		assert_non_null(other);
		store_close(&other);
		assert_int_equal(load(id[0]), ST_OK);
		assert_int_equal(save(101, &lost), ST_FULL);
		(void)usleep(600000);
	}
	assert_int_equal(unlink(filler), 0);
	(void)sleep(2);
	assert_int_equal(save(102, &lost), ST_OK);
	for (size_t i = 0; i < COUNT(id); i++)
		assert_int_equal(load(id[i]), ST_OK);
	assert_sound();
	store_close(&st);
	assert_int_equal(umount2(small, MNT_DETACH), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	/* test_disk_full is the last: it gives the process a file system of its own. */
	const struct CMUnitTest tests[] = {
		TEST(test_corrupt_record),
		TEST(test_corrupt_job),
		TEST(test_corrupt_dead_letter),
		TEST(test_discard_lost),
		TEST(test_discard_lost_postback),
		TEST(test_discard_lost_delivery),
		TEST(test_newer_version),
		TEST(test_no_descriptors),
		TEST(test_read_only),
		TEST(test_stopped_inside),
		TEST(test_disk_full),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
