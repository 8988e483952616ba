/* gif_search, gif_task: what is made for budgets, from tables and from a model of animations of
 * every kind */
#include "unit.h"

#include <math.h>

#include "transcode/image/gif_line.h"
#include "transcode/image/gif_task.h"

/* ---- a model of an animation --------------------------------------------- */

/* How its size and its likeness answer to what is done to it. */
struct model {
	double bytes;               /* with nothing reduced, at width 400 */
	double power, loss, colors; /* exponent of the width; times what is usual */
	/* damage of resampling, of width, of loss, of few colours */
	double jump, blur, noise, poor;
	double rough; /* how far sizes jump about */
	uint32_t width, height;
};

static uint32_t seed;

static double
chance(double from, double to)
{
	seed = seed * 1664525 + 1013904223;
	return from + (to - from) * (seed >> 8) / 16777216.0;
}

static struct model
any_model(void)
{
	static const uint32_t sizes[][2] = { { 400, 400 }, { 320, 240 }, { 1000, 500 },
		{ 176, 144 }, { 64, 64 }, { 300, 1200 } };
	const uint32_t *size = sizes[(int)chance(0, 5.999)];

	return (struct model){ .bytes = exp(chance(9, 15.5)),
		.power = chance(1.3, 2.3),
		.loss = chance(0, 2),
		.colors = chance(0, 2),
		.jump = chance(0, 0.06),
		.blur = chance(0.01, 0.1),
		.noise = chance(0, 2),
		.poor = chance(0, 2),
		.rough = chance(0, 0.03),
		.width = size[0],
		.height = size[1] };
}

static void
model_make(const struct model *m, uint32_t widest, struct gif_made *made)
{
	const struct gif_recipe *r = &made->how;
	double l = r->lossy / 200.0, c = log(256.0 / r->colors), s = (double)r->width / widest;
	double ripple = m->rough * sin(r->width * 1.7 + r->lossy * 0.9 + r->colors * 0.31);
	double all = m->bytes * pow(r->width / 400.0, m->power);

	all *= exp(-m->loss * 0.78 * sqrt(l) - m->colors * 0.3 * c + ripple);
	made->bytes = 30 + (uint64_t)all;
	made->score = 1 - (s < 1 ? m->jump + m->blur * -log(s) : 0) - m->noise * 0.12 * l -
	    m->poor * 0.04 * c;
	made->score = made->score > 0.01 ? made->score : 0.01;
}

/* Runs a task to its end. */
static void
run(const struct model *m, const struct transcode_request *req, struct gif_task *t,
    struct gif_search *s)
{
	struct gif_recipe how;

	gif_task_begin(t, req, m->width, m->height, 20);
	*s = (struct gif_search){ .n = 0 };
	while (gif_task_next(t, s, &how)) {
		assert_true(s->n < GIF_RUNS);
		assert_in_range(how.width, 1, m->width);
		assert_in_range(how.lossy, 0, GIF_LOSSY_MOST);
		assert_in_range(how.colors, GIF_COLORS_LEAST, GIF_COLORS);
		for (unsigned k = 0; k < s->n; k++) /* nothing twice */
			assert_memory_not_equal(&how, &s->made[k].how, sizeof how);
		s->made[s->n].how = how;
		model_make(m, s->made[0].how.width, &s->made[s->n]);
		s->n++;
	}
}

static struct transcode_request
any_request(void)
{
	static const uint32_t boxes[] = { 320, 1280, 1600, 2048 };
	struct transcode_request req = { .ntargets = (uint32_t)chance(1, 4.999) };
	uint64_t budget = (uint64_t)exp(chance(8, 13.5));

	for (unsigned i = 0; i < req.ntargets; i++) {
		req.target[i].budget = budget;
		req.target[i].box = chance(0, 1) < 0.8 ? boxes[i] : boxes[(int)chance(0, 3.999)];
		budget = (uint64_t)((double)budget * chance(1, 3));
	}
	return req;
}

/* ---- properties ---------------------------------------------------------- */

/* What each target gets, against what was promised. reduced counts those whose quality gave,
 * and low those of them that are filled too little. */
static void
judge(const struct transcode_request *req, const struct gif_task *t, const struct gif_search *s,
    unsigned *reduced, unsigned *low)
{
	int pick[TRANSCODE_TARGETS];

	gif_task_pick(t, s, pick);
	for (unsigned i = 0; i < req->ntargets; i++) {
		const struct gif_made *m = &s->made[pick[i]];

		assert_true(pick[i] >= 0);
		assert_true(gif_task_keeps(t, s, (unsigned)pick[i]));
		assert_true(m->how.width <= t->goal[i].widest);
		for (unsigned k = 0; k < i; k++) {
			const struct gif_made *o = &s->made[pick[k]];

			if (req->target[k].box > req->target[i].box ||
			    o->bytes > req->target[k].budget)
				continue;
			assert_true(m->bytes <= req->target[i].budget);
			assert_true(m->how.width >= o->how.width);
			assert_true(m->how.width > o->how.width || m->score >= o->score);
		}
		if (m->bytes > req->target[i].budget) { /* only if the smallest does not fit */
			struct gif_recipe least = gif_smallest(&t->goal[i]);

			assert_true(gif_is_made(s, &least));
			for (unsigned k = 0; k < s->n; k++)
				assert_true(s->made[k].bytes >= m->bytes ||
				    s->made[k].how.width > t->goal[i].widest ||
				    !gif_task_keeps(t, s, k));
		} else if (!gif_task_whole(t, i, &m->how)) {
			++*reduced;
			*low += (double)m->bytes < GIF_ENOUGH * (double)req->target[i].budget;
		}
	}
}

static void
test_any_animation(void **state)
{
	unsigned reduced = 0, low = 0, runs = 0, n = 20000;

	seed = 1;
	for (unsigned i = 0; i < n; i++) {
		struct model m = any_model();
		struct transcode_request req = any_request();
		struct gif_task t;
		struct gif_search s;

		run(&m, &req, &t, &s);
		judge(&req, &t, &s, &reduced, &low);
		runs += s.n;
	}
	assert_true(reduced > n / 2);
	if (low * 100 > reduced * 2)
		fail_msg("%u of %u are filled under 90 %%", low, reduced);
	assert_true(runs < n * 12);
}

/* The best of a fine grid within the budget is not much better. */
static void
test_near_the_best(void **state)
{
	unsigned far = 0, n = 0;

	seed = 7;
	for (unsigned i = 0; i < 600; i++) {
		struct model m = any_model();
		struct transcode_request req = { .ntargets = 1,
			.target = { { (uint64_t)(m.bytes * chance(0.05, 0.9)), 2048, 0, 0, 0 } } };
		const struct gif_made *got;
		struct gif_made best = { .score = 0 }, try;
		struct gif_task t;
		struct gif_search s;

		m.width = m.height = 400;
		run(&m, &req, &t, &s);
		if ((got = gif_best(&s, &t.goal[0])) == NULL)
			continue;
		for (uint32_t w = 40; w <= 400; w += 20)
			for (unsigned l = 0; l <= 200; l += 20)
				for (unsigned c = 32; c <= 256; c *= 2) {
					try.how = (struct gif_recipe){ w, l, c };
					model_make(&m, 400, &try);
					if (try.bytes <= got->bytes && try.score > best.score)
						best = try;
				}
		n++;
		far += got->score < best.score - 0.01;
	}
	assert_true(n > 300);
	if (far * 10 > n)
		fail_msg("%u of %u are far from the best", far, n);
}

/* ---- tables -------------------------------------------------------------- */

static const struct gif_made all = { { 400, 0, 256 }, 1000000, 1 };

static void
test_nothing_is_made_when_all_fits(void **state)
{
	struct gif_search s = { 1, { all } };
	struct gif_recipe how;

	assert_false(gif_next(&s, &(struct gif_goal){ 1000000, 400, 80, 9 }, &how));
	assert_true(gif_next(&s, &(struct gif_goal){ 999999, 400, 80, 9 }, &how));
	assert_false(gif_next(&s, &(struct gif_goal){ 999999, 400, 80, 0 }, &how));
}

/* The first try for a budget, from the source's size alone. */
static void
test_first_tries(void **state)
{
	static const struct {
		struct gif_goal goal;
		struct gif_recipe want;
	} t[] = {
		{ { 500000, 400, 80, 9 }, { 268, 0, 256 } }, /* fewer pixels */
		{ { 100000, 400, 80, 9 }, { 112, 0, 256 } },
		{ { 55000, 400, 80, 9 }, { 81, 0, 256 } },
		{ { 45000, 400, 80, 9 }, { 80, 0, 256 } },      /* narrower it may not be */
		{ { 1000, 400, 80, 9 }, { 80, 200, 32 } },      /* the smallest */
		{ { 900000, 300, 80, 9 }, { 300, 0, 256 } },    /* another box: all of it may fit */
		{ { 500000, 400, 400, 9 }, { 400, 174, 256 } }, /* no pixels to take away */
	};
	struct gif_search s = { 1, { all } };
	struct gif_recipe how;

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_true(gif_next(&s, &t[i].goal, &how));
		assert_int_equal(how.width, t[i].want.width);
		assert_int_equal(how.lossy, t[i].want.lossy);
		assert_int_equal(how.colors, t[i].want.colors);
	}
}

/* A film whose frames have tables of their own. With a table for all frames it takes a third less,
 * so fewer pixels without loss fill the budget at more than the least width. */
static const struct gif_search film = { 5,
	{ { { 480, 0, 256 }, 3000000, 1 }, { { 185, 0, 128 }, 290000, 0.935 },
	    { { 179, 0, 256 }, 513000, 0.951 }, { { 179, 0, 128 }, 275000, 0.933 },
	    { { 179, 0, 255 }, 353000, 0.946 } } };

static void
test_all_colors_are_no_point_of_a_line_of_colors(void **state)
{
	const struct gif_goal goal = { 500000, 480, 179, 9 };
	enum { NARROW_COLORS = GIF_FULL + 1 };
	struct gif_recipe how;

	assert_true(gif_reach(&film, NARROW_COLORS, &goal, GIF_AIM, &how));
	assert_int_equal(how.colors, 255);
	assert_false(gif_predict(&film, NARROW_COLORS, &goal, GIF_AIM, &how));
}

/* Fewer colours at the least width are not tried before the wider results without loss. */
static void
test_the_least_width_waits(void **state)
{
	const struct gif_goal goal = { 500000, 480, 179, 9 };
	struct gif_search s = film;
	struct gif_recipe how;
	bool wide = false;

	s.n--; /* nothing is known of fewer colours at the least width */
	for (unsigned runs = 9; runs > 0; runs--) {
		struct gif_goal g = goal;

		g.runs = runs;
		if (!gif_next(&s, &g, &how))
			break;
		assert_true(wide || how.width > 179 || how.colors == GIF_COLORS);
		wide = wide || (how.lossy == 0 && how.colors == 128 && how.width > 200);
		s.made[s.n].how = how;
		s.made[s.n].bytes = (uint64_t)(500000 * 0.955 * pow(how.width / 232.0, 1.85));
		s.made[s.n++].score = 0.93;
	}
	assert_true(wide);
}

static void
test_best(void **state)
{
	static const struct gif_search s = { 5,
		{ { { 400, 0, 256 }, 1000, 1 }, { { 300, 0, 256 }, 600, 0.9 },
		    { { 400, 50, 256 }, 600, 0.92 }, { { 200, 0, 256 }, 300, 0.8 },
		    { { 250, 20, 128 }, 300, 0.8 } } };
	static const struct {
		struct gif_goal goal;
		int want;
	} t[] = {
		{ { 1000, 400, 80, 1 }, 0 },
		{ { 999, 400, 80, 1 }, 2 },
		{ { 999, 399, 80, 1 }, 1 },
		{ { 599, 400, 80, 1 }, 4 },
		{ { 599, 400, 300, 1 }, -1 },
		{ { 299, 400, 80, 1 }, -1 },
		{ { 600, 240, 80, 1 }, 3 },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct gif_made *m = gif_best(&s, &t[i].goal);

		assert_int_equal(m != NULL ? m - s.made : -1, t[i].want);
	}
}

static void
test_guesses_fall(void **state)
{
	struct gif_recipe r = { 400, 0, 256 };

	assert_true(fabs(gif_guess(&r, 400) - 1) < 1e-9);
	for (uint32_t w = 399; w >= 20; w--) {
		struct gif_recipe a = { w, 0, 256 }, b = { w + 1, 0, 256 };

		assert_true(gif_guess(&a, 400) < gif_guess(&b, 400));
	}
	for (unsigned l = 1; l <= 200; l++) {
		struct gif_recipe a = { 400, l, 256 }, b = { 400, l - 1, 256 };

		assert_true(gif_guess(&a, 400) < gif_guess(&b, 400));
	}
	for (unsigned c = 32; c < 256; c++) {
		struct gif_recipe a = { 400, 0, c }, b = { 400, 0, c + 1 };

		assert_true(gif_guess(&a, 400) < gif_guess(&b, 400));
	}
}

static void
test_widths(void **state)
{
	static const struct {
		uint32_t w, h, box, base, floor;
	} t[] = {
		{ 1000, 500, 1280, 480, 80 },
		{ 1000, 500, 1600, 640, 80 },
		{ 1000, 500, 640, 480, 80 },
		{ 400, 400, 1280, 400, 80 },
		{ 400, 400, 200, 200, 80 },
		{ 640, 480, 2048, 640, 80 },
		{ 400, 800, 1280, 400, 40 },
		{ 400, 4000, 1280, 128, 8 },
		{ 1, 16384, 320, 1, 1 },
		{ 16384, 1, 320, 320, 80 },
		{ 64, 64, 1280, 64, 64 },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		uint32_t base = gif_base_width(t[i].w, t[i].h, t[i].box);

		assert_int_equal(base, t[i].base);
		assert_int_equal(gif_floor_width(t[i].w, t[i].h, base), t[i].floor);
	}
}

/* When that is: a first long run is no reason yet, four such runs must still end in time. */
static void
test_when_to_hurry(void **state)
{
	static const struct {
		int64_t spent, longest, wall;
		bool want;
	} t[] = {
		{ 0, 0, 40, false },
		{ 12, 1, 40, false },
		{ 30, 1, 40, false },
		{ 36, 1, 40, false },
		{ 37, 1, 40, true },
		{ 28, 3, 40, false },
		{ 29, 3, 40, true },
		{ 20, 5, 40, false },
		{ 21, 5, 40, true },
		{ 20, 20, 40, false },
		{ 21, 20, 40, true },
		{ 39, 0, 40, false },
		{ 41, 0, 40, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		if (gif_task_hurries(t[i].spent, t[i].longest, t[i].wall) != t[i].want)
			fail_msg("row %zu", i);
}

/* Nothing that can be left is made in a hurry, and the smallest all the same. */
static void
test_hurry(void **state)
{
	struct transcode_request req = { .ntargets = 2,
		.target = { { 1000, 1280, 0, 0, 0 }, { 500000, 1280, 0, 0, 0 } } };
	struct gif_search s = { 1, { all } };
	struct gif_recipe how;
	struct gif_task t;
	int pick[TRANSCODE_TARGETS];

	gif_task_begin(&t, &req, 400, 400, 20);
	t.hurry = true;
	assert_true(gif_task_next(&t, &s, &how));
	assert_int_equal(how.width, 80);
	assert_int_equal(how.lossy, GIF_LOSSY_MOST);
	s.made[s.n++] = (struct gif_made){ how, 2000, 0.5 };
	assert_false(gif_task_next(&t, &s, &how));
	gif_task_pick(&t, &s, pick);
	assert_int_equal(pick[0], 1);
	assert_int_equal(pick[1], 1);
}

/* A source that takes long has few runs, however many targets there are. */
static void
test_large_sources_have_few_runs(void **state)
{
	struct model m = any_model();
	struct transcode_request req = { .ntargets = 4,
		.target = { { 50000, 1280, 0, 0, 0 }, { 90000, 1600, 0, 0, 0 },
		    { 200000, 2048, 0, 0, 0 }, { 300000, 2048, 0, 0, 0 } } };
	struct gif_task t;
	struct gif_search s = { .n = 0 };
	struct gif_recipe how;

	m.bytes = 4e6;
	gif_task_begin(&t, &req, 2000, 1000, 100);
	for (; gif_task_next(&t, &s, &how); s.n++) {
		s.made[s.n].how = how;
		model_make(&m, s.made[0].how.width, &s.made[s.n]);
	}
	assert_in_range(s.n, 5, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_animation),
		cmocka_unit_test(test_near_the_best),
		cmocka_unit_test(test_nothing_is_made_when_all_fits),
		cmocka_unit_test(test_first_tries),
		cmocka_unit_test(test_all_colors_are_no_point_of_a_line_of_colors),
		cmocka_unit_test(test_the_least_width_waits),
		cmocka_unit_test(test_best),
		cmocka_unit_test(test_guesses_fall),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_hurry),
		cmocka_unit_test(test_when_to_hurry),
		cmocka_unit_test(test_large_sources_have_few_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
