/* The queue: a claim's cost does not depend on what waits, what becomes due is found, the tables
 * and the counts agree with the jobs whatever happens, and so they do in a store of layout 1
 * and after its migration. */
#include "unit.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "sample.h"
#include "store/migrate.h"
#include "store/plant.h"
#include "store/queue/queue.h"

static struct arena *a;

static int
set_up(void **state)
{
	*state = store_open_ram();
	a = arena_new(256 << 20);
	return *state != NULL && a != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct store *st = *state;

	store_close(&st);
	arena_free(&a);
	return 0;
}

/* Stores a template of the account with one postback of 600 bytes. */
static uint64_t
add(struct store *st, uint64_t account)
{
	static char body[601];
	struct job job = { .kind = JOB_POSTBACK, .why = "", .body = body };
	struct sample s;

	memset(body, 'x', sizeof body - 1);
	sample_template(&s, account, 10);
	s.t.nslide = 0; /* quicker */
	assert_int_equal(store_template_create(st, &s.t, &job, 1, NULL), ST_OK);
	return job.id;
}

static struct job *
claim_as(struct store *st, uint64_t lease_ms, uint64_t *wait)
{
	const struct job_want want = { JOB_POSTBACK, { LANE_LONG, LANE_SHORT }, 2, "me", lease_ms };
	struct job *j;
	enum store_rc rc = store_job_claim(st, &want, a, &j, wait);

	assert_true(rc == ST_OK || rc == ST_NOTFOUND);
	return j;
}

static struct job *
claim(struct store *st)
{
	uint64_t wait;

	return claim_as(st, 60000, &wait);
}

static void
fault(void *ctx, const char *text)
{
	/* the tests make no account */
	if (strstr(text, "belongs to account") == NULL)
		fail_msg("%s", text);
}

static void
assert_sound(struct store *st)
{
	struct store_check c = { .fault = fault };

	assert_int_equal(store_check(st, &c), ST_OK);
}

/* --- a store of layout 1 ------------------------------------------------------------------- */

/* Finds the first key of a table. Returns false if the table is empty. */
static bool
first(struct store *st, enum table t, struct key *k)
{
	struct key table = key_of(t);
	struct slice key;
	enum store_rc rc;

	assert_int_equal(st->kv->ops->begin(st->kv, KV_READ), ST_OK);
	rc = st->kv->ops->next(st->kv, key_slice(&table), a, &key, NULL);
	st->kv->ops->abort(st->kv);
	if (rc == ST_NOTFOUND || *(const char *)key.p != (char)t)
		return false;
	k->n = 0;
	key_bytes(k, key.p, key.n);
	return true;
}

/* Makes the store what version 0.1.0 made of it: leased jobs are among the due ones, and none of
 * the other tables exists. */
static void
make_layout_1(struct store *st)
{
	static const enum table new[] = { TAB_LEASED, TAB_READY, TAB_LATER, TAB_JOBS, TAB_WAITING };
	static const unsigned char one[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct key k = key_of(TAB_VERSION);
	struct job *j;

	for (uint64_t id = 0; store_job_next(st, &id, a, &j) == ST_OK;) {
		struct key due = queue_due_key(j);

		if (job_state(j) == OF_LEASED)
			plant(st, &due, "", 0);
	}
	plant(st, &k, one, sizeof one);
	for (size_t i = 0; i < COUNT(new); i++)
		while (first(st, new[i], &k))
			plant(st, &k, NULL, 0);
}

/* --- what a claim costs -------------------------------------------------------------------- */

static const struct kv_ops *real;
static struct kv_ops counting;
static unsigned calls;

static enum store_rc
count_get(struct kv *kv, struct slice key, struct arena *arena, struct slice *value)
{
	calls++;
	return real->get(kv, key, arena, value);
}

static enum store_rc
count_next(struct kv *kv, struct slice from, struct arena *arena, struct slice *key,
    struct slice *value)
{
	calls++;
	return real->next(kv, from, arena, key, value);
}

static enum store_rc
count_prev(struct kv *kv, struct slice from, struct arena *arena, struct slice *key,
    struct slice *value)
{
	calls++;
	return real->prev(kv, from, arena, key, value);
}

/* Counts the reads of one claim that also looks for what has become due. */
static unsigned
cost(struct store *st)
{
	struct job *j;

	usleep(20000);
	real = st->kv->ops;
	counting = *real;
	counting.get = count_get;
	counting.next = count_next;
	counting.prev = count_prev;
	calls = 0;
	st->kv->ops = &counting;
	j = claim(st);
	st->kv->ops = real;
	assert_non_null(j);
	assert_int_equal(store_job_done(st, j, NULL, NULL, 0), ST_OK);
	return calls;
}

/* The network is down: n accounts each have one postback that waits for its next try. */
static void
wait_for_retry(struct store *st, uint64_t first, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		struct job *j;

		(void)add(st, first + i);
		assert_non_null(j = claim(st));
		assert_int_equal(j->account, first + i);
		assert_int_equal(store_job_retry(st, j, 3600000, "no route to host"), ST_OK);
	}
}

static void
test_claim_beside_many(void **state)
{
	enum { FEW = 10 };
	const uint64_t many = under_valgrind() ? 100 : 10000;
	struct store *st = *state;
	struct job_stats stats;
	uint64_t wait;
	unsigned few;

	wait_for_retry(st, 1000, FEW);
	(void)add(st, 7);
	few = cost(st);
	wait_for_retry(st, 2000, many - FEW);
	assert_null(claim_as(st, 60000, &wait)); /* not "memory is short" either */
	assert_in_range(wait, 3000000, 3600000);
	(void)add(st, 7);
	assert_int_equal(cost(st), few);
	assert_int_equal(store_job_stats(st, &stats), ST_OK);
	assert_int_equal(stats.queued[JOB_POSTBACK], many);
	assert_sound(st);
}

/* --- what becomes due ------------------------------------------------------------------------ */

/* One account's flood of retries does not hold up the retry of another that is due after them. */
static void
test_turns_of_retries(void **state)
{
	enum { FLOOD = 300 };
	struct store *st = *state;
	const unsigned soon = patient(200);
	struct job *j[FLOOD];

	for (size_t i = 0; i < FLOOD; i++)
		(void)add(st, 1);
	for (size_t i = 0; i < FLOOD; i++)
		assert_non_null(j[i] = claim(st));
	for (size_t i = 0; i < FLOOD; i++)
		assert_int_equal(store_job_retry(st, j[i], soon, "x"), ST_OK);
	(void)add(st, 2);
	j[0] = claim(st);
	assert_int_equal(j[0]->account, 2);
	assert_int_equal(store_job_retry(st, j[0], soon, "x"), ST_OK);
	usleep(soon * 1000 + 10000);
	assert_int_equal(claim(st)->account, 1);
	assert_int_equal(claim(st)->account, 2);
	for (size_t i = 1; i < FLOOD; i++)
		assert_int_equal(claim(st)->account, 1);
	assert_null(claim(st));
	assert_sound(st);
}

/* A lease that is over is another's when somebody claims the job, and not before. */
static void
test_lease_over(void **state)
{
	struct store *st = *state;
	const unsigned soon = patient(200);
	struct job *j[3], *again;
	uint64_t wait;

	for (size_t i = 0; i < 3; i++) {
		(void)add(st, 1);
		assert_non_null(j[i] = claim_as(st, soon, &wait));
	}
	assert_null(claim_as(st, 60000, &wait));
	assert_in_range(wait, 0, soon);
	usleep(soon * 1000 + 10000);
	assert_non_null(again = claim(st));
	assert_int_equal(again->id, j[0]->id);
	assert_int_equal(again->attempt, 2);
	assert_sound(st); /* the others are among the due jobs now, but still held */
	assert_int_equal(store_job_renew(st, j[0], 60000, 0, 0), ST_CONFLICT);
	assert_int_equal(store_job_renew(st, j[1], 60000, 0, 0), ST_OK);
	assert_int_equal(store_job_done(st, j[2], NULL, NULL, 0), ST_OK);
	assert_sound(st);
	assert_null(claim(st));
	assert_int_equal(store_job_done(st, j[1], NULL, NULL, 0), ST_OK);
	assert_int_equal(store_job_done(st, again, NULL, NULL, 0), ST_OK);
	assert_sound(st);
}

/* --- anything, in any order ------------------------------------------------------------------- */

enum { HELD = 40 };
static struct job *held[HELD];

/* Does something to a held job. Its lease may be lost. */
static void
end_one(struct store *st, struct job **j, unsigned r)
{
	uint64_t account = (*j)->account, mmsid = (*j)->mmsid;
	enum store_rc rc;

	switch (r % 7) {
	case 0:
		rc = store_job_done(st, *j, NULL, NULL, 0);
		break;
	case 1:
		rc = store_job_retry(st, *j, r % 3, "x");
		break;
	case 2:
		rc = store_job_release(st, *j, 1, "x");
		break;
	case 3:
		rc = store_job_fault(st, *j, 2, "x");
		break;
	case 4:
		rc = r % 2 ? store_job_dead_letter(st, *j, "x") : store_job_keep(st, *j, "x");
		break;
	case 5:
		assert_int_not_equal(store_job_renew(st, *j, 3, 1, 1), ST_NOTFOUND);
		return;
	default:
		rc = store_postback_add(st, account, mmsid);
	}
	assert_true(rc == ST_OK || rc == ST_CONFLICT || rc == ST_NOTFOUND);
	*j = NULL;
}

static void
step(struct store *st, unsigned r)
{
	struct job **place = &held[r / 10 % HELD];
	uint64_t wait;
	enum store_rc rc;

	switch (r % 10) {
	case 0:
	case 1:
		(void)add(st, 1 + r / 10 % 7);
		break;
	case 2:
		(void)store_job_requeue(st, r / 10 % 200);
		break;
	case 3:
		rc = r % 4 ? store_job_wake(st, r / 10 % 200) :
			     store_job_discard(st, r / 10 % 200, NULL);
		assert_true(rc == ST_OK || rc == ST_CONFLICT || rc == ST_NOTFOUND);
		break;
	case 4:
		if (r / 10 % 5 == 0)
			(void)store_template_remove(st, 0, 100001 + r / 50 % 60, a,
			    &(struct orphans){ .n = 0 });
		break;
	default:
		if (*place == NULL)
			*place = claim_as(st, r / 10 % 3 + 1, &wait);
		else
			end_one(st, place, r / 1000);
	}
}

static void
test_random(void **state)
{
	struct store *st = *state;
	unsigned seed = (unsigned)clock_mono();

	print_message("seed %u\n", seed);
	memset(held, 0, sizeof held);
	for (unsigned i = 0, r = seed; i < 3000; i++) {
		r = r * 1664525 + 1013904223;
		step(st, r >> 4);
		if (i % 50 == 0) {
			assert_sound(st);
			usleep(500); /* leases run out, retries become due */
		}
	}
	assert_sound(st);
}

/* The same in a store of layout 1, as 0.1.0 would find it at any time, and after its migration. */
static bool
yes(void *ctx)
{
	++*(unsigned *)ctx;
	return true;
}

static bool
no(void *ctx)
{
	(void)ctx;
	return false;
}

static void
assert_layout(struct store *st, uint64_t expected)
{
	uint64_t layout = 0;

	assert_int_equal(store_layout(st, &layout), ST_OK);
	assert_int_equal(layout, expected);
}

static void
test_random_layout_1(void **state)
{
	struct store *st = *state;
	unsigned asked = 0;
	struct store_migration m = { .dry = true, .may = yes, .ctx = &asked };
	struct job_stats before, after;

	make_layout_1(st);
	test_random(state);
	assert_layout(st, 1);
	assert_int_equal(store_job_stats(st, &before), ST_OK);
	assert_int_equal(store_migrate(st, &m), ST_OK);
	assert_int_equal(m.from, 1);
	assert_int_equal(m.to, 2);
	assert_int_equal(asked, 1);
	assert_layout(st, 1);
	m.may = no;
	m.dry = false;
	assert_int_equal(store_migrate(st, &m), ST_CONFLICT);
	assert_layout(st, 1);
	m.may = yes;
	assert_int_equal(store_migrate(st, &m), ST_OK);
	assert_layout(st, 2);
	assert_sound(st);
	assert_int_equal(store_job_stats(st, &after), ST_OK);
	assert_memory_equal(&before.queued, &after.queued, sizeof before.queued);
	assert_memory_equal(&before.leased, &after.leased, sizeof before.leased);
	assert_memory_equal(&before.dead, &after.dead, sizeof before.dead);
	assert_int_equal(store_migrate(st, &m), ST_OK); /* nothing is left to do */
	assert_int_equal(m.from, 2);
	test_random(state);
}

/* Each account gets its turn in a store of layout 1 as well, and a claim says when to look again.
 */
static void
test_layout_1_turns(void **state)
{
	struct store *st = *state;
	uint64_t wait;

	make_layout_1(st);
	for (uint64_t i = 0; i < 3; i++) {
		(void)add(st, 5);
		(void)add(st, 9);
	}
	for (uint64_t i = 0; i < 3; i++) {
		assert_int_equal(claim(st)->account, 5);
		assert_int_equal(claim(st)->account, 9);
	}
	assert_null(claim_as(st, 60000, &wait));
	assert_in_range(wait, 50000, 60000);
	assert_sound(st);
}

/* Programs of 0.1.0 do not read a record with a line that they do not know. */
static void
test_layout_1_records(void **state)
{
	struct store *st = *state;
	struct slice v;
	struct job *j;
	struct key k;

	make_layout_1(st);
	(void)add(st, 1);
	assert_non_null(j = claim(st));
	assert_int_equal(store_job_fault(st, j, 0, "x"), ST_OK);
	k = key_id(TAB_JOB, j->id);
	assert_int_equal(st->kv->ops->begin(st->kv, KV_READ), ST_OK);
	assert_int_equal(st->kv->ops->get(st->kv, key_slice(&k), a, &v), ST_OK);
	st->kv->ops->abort(st->kv);
	assert_null(memmem(v.p, v.n, "faults", 6));
	assert_non_null(memmem(v.p, v.n, "\nattempt 0\n", 11));
}

/* A store that 0.1.0 left is opened as it is, and migrated with all that is in it. */
static void
test_layout_1(void **state)
{
	char dir[256], err[STORE_ERR];
	struct job *j[4], *later;
	struct job_stats stats;
	struct settings s;
	struct store *st;
	uint64_t wait;
	unsigned asked;
	struct store_migration m = { .may = yes, .ctx = &asked };

	sample_dir(dir, sizeof dir);
	sample_settings(&s, dir);
	assert_non_null(st = store_open(&s, true, err));
	for (uint64_t i = 0; i < 6; i++)
		(void)add(st, 10 + i);
	for (size_t i = 0; i < 4; i++)
		assert_non_null(j[i] = claim(st));
	assert_int_equal(store_job_retry(st, j[0], 3600000, "x"), ST_OK);
	assert_int_equal(store_job_dead_letter(st, j[1], "x"), ST_OK);
	make_layout_1(st);
	store_close(&st);
	assert_non_null(st = store_open(&s, false, err));
	assert_layout(st, 1);
	assert_sound(st);
	assert_int_equal(store_migrate(st, &m), ST_OK);
	assert_int_equal(m.jobs, 6);
	assert_layout(st, 2);
	assert_sound(st);
	assert_int_equal(store_job_stats(st, &stats), ST_OK);
	assert_int_equal(stats.queued[JOB_POSTBACK], 3);
	assert_int_equal(stats.leased[JOB_POSTBACK], 2);
	assert_int_equal(stats.dead[JOB_POSTBACK], 1);
	assert_true(stats.oldest_us[JOB_POSTBACK] > 0);
	assert_int_equal(claim(st)->account, 14);
	assert_int_equal(claim(st)->account, 15);
	assert_null(later = claim_as(st, 60000, &wait));
	assert_in_range(wait, 1, 60000); /* the leases */
	assert_int_equal(store_job_done(st, j[2], NULL, NULL, 0), ST_OK);
	assert_sound(st);
	store_close(&st);
	sample_rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_claim_beside_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_turns_of_retries, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lease_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_random, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_random_layout_1, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_layout_1_turns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_layout_1_records, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_layout_1, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
