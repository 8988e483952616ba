/* The lease renewer: every lease is renewed, however many there are, and nobody who adds or removes
 * one waits for the store. */
#include "unit.h"

#include <semaphore.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "helper/lease_renewer.h"
#include "sample.h"
#include "store/flaky.h"
#include "store/store_private.h"

enum { MANY = 1500, BATCH = 250 };

static struct settings settings;
static struct helper h = { .settings = &settings, .owner = "me" };
static struct arena *a;
static struct job *job[MANY];
static struct lease lease[MANY];
static bool runs, held[MANY];
static sem_t inside, go_on; /* of a store that does not answer */

static int
set_up(void **state)
{
	settings_defaults(&settings, "");
	/* a busy machine stands still for seconds */
	settings.lease_seconds = under_valgrind() ? 16 : 8;
	h.store = store_open_ram();
	a = arena_new(256 << 20);
	memset(lease, 0, sizeof lease);
	if (sem_init(&inside, 0, 0) != 0 || sem_init(&go_on, 0, 0) != 0)
		return -1;
	return h.store != NULL && a != NULL ? 0 : -1;
}

static void
start(void)
{
	assert_true(lease_renewer_start(&h));
	runs = true;
}

static void
stop(void)
{
	runs = false;
	lease_renewer_stop();
}

static void
hold(size_t i)
{
	lease[i].h = &h;
	lease[i].job = job[i];
	lease_renewer_add(&lease[i]);
	held[i] = true;
}

static void
drop(size_t i)
{
	held[i] = false;
	lease_renewer_remove(&lease[i]);
}

/* A thread or a lease that a failed test left behind would be the next one's. */
static int
tear_down(void **state)
{
	(void)sem_post(&go_on);
	if (runs)
		stop();
	for (size_t i = 0; i < MANY; i++)
		if (held[i])
			drop(i);
	store_close(&h.store);
	arena_free(&a);
	return 0;
}

/* Claims up to n jobs for lease_ms. */
static size_t
claim(struct job **out, size_t n, uint64_t lease_ms)
{
	const struct job_want want = { JOB_DELIVER, { LANE_SHORT }, 1, "me", lease_ms };
	struct job_batch batch = { .job = out, .max = n };
	enum store_rc rc = store_job_claim_some(h.store, &want, a, &batch);

	assert_true(rc == ST_OK || rc == ST_NOTFOUND);
	return batch.n;
}

static void
make_jobs(size_t n)
{
	static struct job jobs[MANY];
	struct sample s;

	for (size_t i = 0; i < n; i++)
		jobs[i] = (struct job){ .kind = JOB_DELIVER, .why = "", .body = "" };
	sample_template(&s, 1, 10);
	assert_int_equal(store_template_create(h.store, &s.t, jobs, n, NULL), ST_OK);
}

/* The messages of many batches are in hand at once; none is lost but the one that was discarded. */
static void
test_many(void **state)
{
	const uint64_t lease_ms = settings.lease_seconds * 1000;
	struct job *other;
	int64_t until;

	make_jobs(MANY);
	for (size_t n = 0; n < MANY; n += BATCH)
		assert_int_equal(claim(job + n, BATCH, lease_ms), BATCH);
	until = clock_mono() + (int64_t)lease_ms * 1300;
	start();
	for (size_t i = 0; i < MANY; i++)
		hold(i);
	assert_int_equal(store_job_discard(h.store, job[7]->id, NULL), ST_OK);
	while (clock_mono() < until) {
		assert_int_equal(claim(&other, 1, 60000), 0);
		usleep(100000);
	}
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(lease[i].lost, i == 7);
		drop(i);
	}
	stop();
}

/* --- a store that fails ----------------------------------------------------------------------- */

static bool
fails_becomes(bool want)
{
	const int64_t until = clock_mono() + patient(10000) * 1000;

	while (lease_renewer_fails() != want && clock_mono() < until)
		usleep(20000);
	return lease_renewer_fails() == want;
}

/* While leases cannot be renewed, whoever claims is told to wait. */
static void
test_failing_store(void **state)
{
	struct store *other = h.store;
	struct job *none;

	h.store = flaky_open();
	settings.lease_seconds = 2;
	make_jobs(1);
	assert_int_equal(claim(job, 1, 60000), 1);
	assert_false(lease_renewer_fails());
	flaky_fail(h.store, 1000, ST_FULL);
	start();
	hold(0);
	assert_true(fails_becomes(true));
	flaky_fail(h.store, 0, ST_OK);
	assert_true(fails_becomes(false));
	assert_int_equal(claim(&none, 1, 60000), 0);
	assert_false(lease[0].lost);
	drop(0);
	stop();
	store_close(&h.store);
	h.store = other;
}

/* --- a store that is busy --------------------------------------------------------------------- */

static const struct kv_ops *real;
static struct kv_ops slow;

static enum store_rc
slow_begin(struct kv *kv, enum kv_durability d)
{
	(void)sem_post(&inside);
	(void)sem_wait(&go_on);
	return real->begin(kv, d);
}

static void
test_busy_store(void **state)
{
	make_jobs(3);
	assert_int_equal(claim(job, 3, 60000), 3);
	hold(0);
	hold(1);
	real = h.store->kv->ops;
	slow = *real;
	slow.begin = slow_begin;
	h.store->kv->ops = &slow;
	start();
	alarm(60);                              /* in which the next three must be over */
	assert_int_equal(sem_wait(&inside), 0); /* it renews, and the store does not answer */
	hold(2);
	drop(0);
	memset(&lease[0], 0xff, sizeof lease[0]); /* nobody looks at it any more */
	alarm(0);
	h.store->kv->ops = real;
	(void)sem_post(&go_on);
	stop();
	assert_false(lease[1].lost);
	drop(1);
	drop(2);
}

/* --- when ----------------------------------------------------------------------------------------
 */

static void
test_due(void **state)
{
	static const struct {
		enum job_kind kind;
		uint64_t lease_seconds;
		int64_t ago_ms; /* since it was renewed */
		bool due;
	} cases[] = {
		{ JOB_ENCODE, 60, 2000, true },   /* progress is no older than two seconds */
		{ JOB_ENCODE, 60, 0, false },     /* just renewed */
		{ JOB_DELIVER, 60, 2000, false }, /* every 15 seconds is enough */
		{ JOB_DELIVER, 60, 12000, false },
		{ JOB_DELIVER, 60, 13001, true }, /* at the next look it would be more */
		{ JOB_DELIVER, 4, 1001, true },
		{ JOB_DELIVER, 3600, 800000, false },
		{ JOB_DELIVER, 3600, 900000, true },
	};
	const int64_t now = 5000000000;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct settings s = { .lease_seconds = cases[i].lease_seconds };
		struct helper of = { .settings = &s };
		struct job j = { .kind = cases[i].kind };
		struct lease l = { .h = &of, .job = &j, .renewed = now - cases[i].ago_ms * 1000 };

		if (lease_renewer_due(&l, now) != cases[i].due)
			fail_msg("case %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failing_store, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_busy_store, set_up, tear_down),
		cmocka_unit_test(test_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
