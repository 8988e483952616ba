/* image_search: budgets are met, used well, and few tries are needed */
#include "unit.h"

#include <math.h>

#include "transcode/image/image_search.h"

/* A model encoder: bytes for a quality and a side, with a slope of its own. */
struct model {
	double at82; /* bytes of a 1000 pixel image at quality 82 */
	double slope;
};

static uint64_t
encode(const struct model *m, int q, uint32_t side)
{
	return (uint64_t)(m->at82 * exp(m->slope * (q - 82)) * (side / 1000.0) * (side / 1000.0));
}

/* How a search ended. */
struct outcome {
	uint64_t bytes; /* 0: the budget cannot be met */
	int quality;    /* of the last try */
	uint32_t side;
	unsigned tries;
};

/* Runs the search as still.c does. */
static struct outcome
run(const struct model *m, uint32_t side, uint64_t budget)
{
	struct outcome o = { .side = side };
	enum search_verdict v;
	struct search s;
	uint64_t n;

	search_start(&s, budget, QUALITY_WORST);
	for (;;) {
		assert_in_range(s.q, QUALITY_WORST, QUALITY_BEST);
		n = encode(m, s.q, o.side);
		assert_true(++o.tries < 60);
		o.quality = s.q;
		v = search_step(&s, n);
		if (n <= budget)
			o.bytes = n;
		if (v == SEARCH_THIS || v == SEARCH_KEPT)
			return o;
		if (v == SEARCH_SMALLER) {
			o.bytes = 0;
			if ((o.side = search_shrink(o.side, n, budget, 0)) == 0)
				return o;
			search_shrunk(&s);
		}
	}
}

static void
test_budget_is_met_and_used(void **state)
{
	static const double slopes[] = { 0.010, 0.015, 0.022, 0.03, 0.05 };
	unsigned n = 0, sum = 0;

	for (size_t k = 0; k < COUNT(slopes); k++)
		for (double size = 2e4; size < 5e7; size *= 1.37) {
			struct model m = { size, slopes[k] };
			struct outcome o = run(&m, 1000, 150000);

			if (o.bytes == 0) {
				assert_true(encode(&m, QUALITY_WORST, SIDE_FLOOR) > 150000);
				continue;
			}
			assert_true(o.bytes <= 150000);
			if (o.side < 1000 && o.side > SIDE_FLOOR)
				assert_true((double)o.bytes >= 0.93 * 150000);
			if (o.side == 1000 && o.quality < QUALITY_BEST)
				assert_true((double)o.bytes >= 0.93 * 150000 ||
				    encode(&m, o.quality + 1, o.side) > 150000);
			n++;
			sum += o.tries;
			assert_true(o.tries <= 12);
		}
	assert_true(n > 50 && sum < 4 * n);
}

static void
test_first_try_is_enough_when_it_fits(void **state)
{
	struct search s;

	search_start(&s, 1000, QUALITY_WORST);
	assert_int_equal(s.q, 82);
	assert_int_equal(search_step(&s, 1000), SEARCH_THIS);
}

static void
test_neighbours_end_the_search(void **state)
{
	struct search s;

	/* 60 fits by far, 61 is far too big: no encoder is asked for ever */
	search_start(&s, 1000, QUALITY_WORST);
	assert_int_equal(search_step(&s, 3000), SEARCH_AGAIN);
	for (int i = 0; i < 20; i++) {
		enum search_verdict v = search_step(&s, s.q <= 60 ? 300 : 3000);

		if (v == SEARCH_KEPT)
			return;
		assert_int_equal(v, SEARCH_AGAIN);
	}
	fail_msg("no end");
}

/* Of what is drawn no quality is tried below its own worst, however the encoder behaves. */
static void
test_worst_quality(void **state)
{
	for (uint64_t size = 1001; size < 100000; size += size / 100) {
		enum search_verdict v = SEARCH_AGAIN;
		struct search s;

		search_start(&s, 1000, QUALITY_DRAWN);
		for (int i = 0; i < 20 && v == SEARCH_AGAIN; i++) {
			assert_in_range(s.q, QUALITY_DRAWN, QUALITY_BEST);
			v = search_step(&s, size);
		}
		assert_int_equal(v, SEARCH_SMALLER);
		search_shrunk(&s);
		assert_in_range(s.q, QUALITY_DRAWN, QUALITY_DRAWN + 10);
	}
}

static void
test_shrinking(void **state)
{
	static const struct {
		uint32_t longest;
		uint64_t size, budget;
		uint32_t least, want;
	} t[] = {
		{ 1280, 400000, 100000, 0, 600 }, /* sqrt(0.88 / 4) */
		{ 1280, 100001, 100000, 0, 1200 },
		{ 1280, 86000, 100000, 0, 1241 }, /* a real step even if the sum says none */
		{ 400, 400000, 100000, 0, SIDE_FLOOR },
		{ 321, 400000, 100000, 0, SIDE_FLOOR },
		{ SIDE_FLOOR, 400000, 100000, 0, 0 },
		{ 100, 400000, 10, 0, 0 },
		{ 1280, 400000, 100000, 900, 900 },
		{ 900, 400000, 100000, 900, 0 },
		{ 1280, 400000, 100000, 100, 600 },
	};

	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(search_shrink(t[i].longest, t[i].size, t[i].budget, t[i].least),
		    t[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget_is_met_and_used),
		cmocka_unit_test(test_first_try_is_enough_when_it_fits),
		cmocka_unit_test(test_neighbours_end_the_search),
		cmocka_unit_test(test_worst_quality),
		cmocka_unit_test(test_shrinking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
