/* What was done is kept until the store has recorded it. */
#include "helper/outcome.h"
#include "unit.h"

static struct helper h;

static int
set_up(void **state)
{
	memset(&h, 0, sizeof h);
	return (h.store = store_open_ram()) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	store_close(&h.store);
	return 0;
}

static void
test_next(void **state)
{
	static const struct {
		enum store_rc rc;
		unsigned tries;
		uint64_t left, want;
	} row[] = {
		{ ST_OK, 1, UINT64_MAX, 0 },
		{ ST_CONFLICT, 1, UINT64_MAX, 0 },
		{ ST_NOTFOUND, 1, UINT64_MAX, 0 },
		{ ST_EXISTS, 1, UINT64_MAX, 0 },
		{ ST_SCHEMA, 1, UINT64_MAX, 0 },
		{ ST_CORRUPT, 1, UINT64_MAX, 0 },
		{ ST_AGAIN, 1, UINT64_MAX, 100 },
		{ ST_FULL, 2, UINT64_MAX, 200 },
		{ ST_IO, 6, UINT64_MAX, 3200 },
		{ ST_IO, 7, UINT64_MAX, 5000 },
		{ ST_FULL, UINT32_MAX, UINT64_MAX, 5000 },
		{ ST_NOMEM, 19, UINT64_MAX, 5000 },
		{ ST_NOMEM, 20, UINT64_MAX, 0 },
		/* a helper that has to end */
		{ ST_FULL, 9, 70, 70 },
		{ ST_FULL, 9, 0, 0 },
		{ ST_OK, 9, 70, 0 },
	};

	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(outcome_next_ms(row[i].rc, row[i].tries, row[i].left),
		    row[i].want);
}

struct attempts {
	unsigned n, fail; /* done; that fail */
	enum store_rc how, then;
};

static enum store_rc
put(void *ctx)
{
	struct attempts *p = ctx;

	assert_int_equal(outcome_waits(), p->n > 0); /* other work is taken up until one fails */
	return p->n++ < p->fail ? p->how : p->then;
}

static void
test_record(void **state)
{
	static const struct {
		unsigned fail;
		enum store_rc how, then;
		unsigned tries;
	} row[] = {
		{ 0, ST_OK, ST_OK, 1 }, { 0, ST_OK, ST_CONFLICT, 1 }, { 1, ST_FULL, ST_OK, 2 },
		{ 3, ST_AGAIN, ST_OK, 4 },
		{ 2, ST_IO, ST_CONFLICT, 3 }, /* the lease was lost meanwhile */
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		struct attempts p = { 0, row[i].fail, row[i].how, row[i].then };

		assert_int_equal(outcome_record(&h, "test", i, put, &p), row[i].then);
		assert_int_equal(p.n, row[i].tries);
		assert_false(outcome_waits());
	}
}

/* Each way to end a job does to it what it says. */
static void
test_end(void **state)
{
	static const struct {
		enum outcome_how how;
		bool there, dead;
		unsigned attempt, faults;
	} row[] = {
		{ OUTCOME_DONE, false, false, 0, 0 },
		{ OUTCOME_RETRY, true, false, 1, 0 },
		{ OUTCOME_RELEASE, true, false, 0, 0 },
		{ OUTCOME_FAULT, true, false, 0, 1 },
		{ OUTCOME_KEEP, true, true, 0, 1 },
		{ OUTCOME_DEAD_LETTER, true, true, 1, 0 },
	};
	const struct job_want want = { JOB_ENCODE, { LANE_SHORT }, 1, "me", 60000 };
	struct arena *a = arena_new(1 << 20);

	for (size_t i = 0; i < COUNT(row); i++) {
		struct template t = { .account = 1, .name = "n", .subject = "", .fallback = "" };
		struct job made = { .kind = JOB_ENCODE, .why = "", .body = "" }, *j, *now;
		uint64_t wait;

		assert_int_equal(store_template_create(h.store, &t, &made, 1, NULL), ST_OK);
		assert_int_equal(store_job_claim(h.store, &want, a, &j, &wait), ST_OK);
		assert_int_equal(j->id, made.id);
		assert_int_equal(outcome_end(&h, j, row[i].how, 60000, "why"), ST_OK);
		assert_int_equal(store_job_get(h.store, j->id, a, &now),
		    row[i].there ? ST_OK : ST_NOTFOUND);
		if (row[i].there) {
			assert_int_equal(now->dead, row[i].dead);
			assert_int_equal(now->attempt, row[i].attempt);
			assert_int_equal(now->faults, row[i].faults);
			assert_string_equal(now->why, "why");
		}
		assert_int_equal(outcome_end(&h, j, OUTCOME_DONE, 0, NULL), ST_CONFLICT);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test_setup_teardown(test_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
