/* av_rate, film_shape: how many bytes a picture takes, and which one is made */
#include <math.h>

#include "transcode/av/av_rate.h"
#include "transcode/av/film/film.h"
#include "unit.h"

static const struct av_info hd = {
	.width = 1920, .height = 1080, .fps_num = 30, .fps_den = 1, .ms = 20000
};
static const struct transcode_target xl = { .budget = 1183744,
	.box = 2048,
	.profile = PROFILE_MAIN };
static const struct transcode_target s = { .budget = 289792,
	.box = 1280,
	.profile = PROFILE_BASELINE };

static struct av_picture
picture(const struct transcode_target *t, unsigned rung)
{
	struct av_picture p;

	assert_true(plan_picture(&hd, t, rung, &p));
	return p;
}

/* ---- the model ------------------------------------------------------------------ */

/* A film as x264 would have it: bytes a second by size, rate and CRF. */
struct truth {
	double level, pixels, frames, halves;
};

static double
really(const struct truth *f, const struct av_picture *p, uint32_t profile, double crf)
{
	return f->level * pow((double)p->width * p->height, f->pixels) *
	    pow((double)p->fps_num / p->fps_den, f->frames) * exp2((26 - crf) / f->halves) *
	    (profile == PROFILE_MAIN ? 0.85 : 1);
}

static void
test_model(void **state)
{
	const struct av_picture p = picture(&xl, 8), q = picture(&xl, 5);
	struct rate_model m = { .n = 0 };

	/* nothing known: some guess, which falls with the CRF and grows with the picture */
	assert_true(rate_bytes(&m, &p, PROFILE_MAIN, 20) > rate_bytes(&m, &p, PROFILE_MAIN, 30));
	assert_true(rate_bytes(&m, &p, PROFILE_MAIN, 26) > rate_bytes(&m, &q, PROFILE_MAIN, 26));
	assert_true(
	    rate_bytes(&m, &p, PROFILE_BASELINE, 26) > rate_bytes(&m, &p, PROFILE_MAIN, 26));
	rate_learn(&m, &(struct rate_point){ p, PROFILE_MAIN, 26, 50000, true });
	assert_true(fabs(rate_bytes(&m, &p, PROFILE_MAIN, 26) - 50000) < 1);
	assert_true(fabs(rate_bytes(&m, &p, PROFILE_MAIN, 32) - 25000) < 1); /* six steps halve */
	assert_true(fabs(rate_crf(&m, &p, PROFILE_MAIN, 25000) - 32) < 0.01);
	rate_learn(&m,
	    &(struct rate_point){ p, PROFILE_MAIN, 29, 25000, true }); /* here three do */
	assert_true(fabs(rate_bytes(&m, &p, PROFILE_MAIN, 32) - 12500) < 250);
	assert_true(fabs(rate_crf(&m, &p, PROFILE_MAIN, 35355) - 27.5) < 0.05);
	rate_learn(&m,
	    &(struct rate_point){ q, PROFILE_MAIN, 26, 0, true }); /* nothing came: not kept */
	assert_int_equal(m.n, 2);
}

/* Whatever the film, a few encodes find the CRF that fits. */
static void
test_search_ends(void **state)
{
	unsigned worst = 0, sum = 0, films = 0;

	for (int i = 0; i < 3 * 3 * 3 * 3; i++) {
		const double levels[] = { 0.3, 1.5, 6 }, pixels[] = { 0.5, 0.65, 0.9 };
		const double frames[] = { 0.1, 0.35, 0.8 }, halves[] = { 3, 5, 7 };
		const struct truth f = { levels[i % 3], pixels[i / 3 % 3], frames[i / 9 % 3],
			halves[i / 27] };
		struct rate_model m = { .n = 0 };

		for (int k = 0; k < 2; k++) {
			const struct transcode_target *t = k == 0 ? &xl : &s;
			const struct av_picture top = picture(&xl, AV_RUNGS);
			struct film_want w = { &hd, t, &top, 0, CRF_BEST };
			double want = 0.97 * (double)t->budget / 20, got;
			unsigned tries = 0;
			struct film_choice c;

			do {
				c = film_choose(&m, &w, want);
				w.tried = c.picture.rung;
				got = really(&f, &c.picture, t->profile, c.crf);
				rate_learn(&m,
				    &(struct rate_point){ c.picture, t->profile, c.crf, got,
					true });
				tries++;
			} while (tries < 8 &&
			    !(got <= want / 0.97 && (got >= 0.92 / 0.97 * want || c.best)) &&
			    !(c.picture.rung == 1 && c.crf >= CRF_LEAST));
			worst = tries > worst ? tries : worst;
			sum += tries;
			films++;
		}
	}
	print_message("tries: %.2f each, %u at most\n", (double)sum / films, worst);
	assert_true(worst <= 6 && 10 * sum <= 25 * films);
}

/* A quick look tells how much there is, until something real is known; several still show what size
 * and rate do. */
static void
test_look(void **state)
{
	const struct av_picture p = picture(&xl, 8), q = picture(&xl, 5);
	struct rate_model m = { .n = 0 }, looked;
	double usual;

	assert_false(rate_knows(&m, &q, PROFILES));
	rate_learn(&m, &(struct rate_point){ q, PROFILES, 18, 300000, true });
	assert_true(rate_knows(&m, &q, PROFILES) && !rate_knows(&m, &p, PROFILES));
	assert_false(rate_knows(&m, &q, PROFILE_MAIN)); /* a look is no encode of that size */
	assert_true(rate_bytes(&m, &q, PROFILE_BASELINE, 18) > 180000 &&
	    rate_bytes(&m, &q, PROFILE_BASELINE, 18) < 300000);
	assert_true(
	    rate_bytes(&m, &p, PROFILE_BASELINE, 18) > rate_bytes(&m, &q, PROFILE_BASELINE, 18));
	rate_learn(&m, &(struct rate_point){ p, PROFILE_BASELINE, 20, 100000, true });
	assert_true(fabs(rate_bytes(&m, &p, PROFILE_BASELINE, 20) - 100000) < 1);
	assert_true(fabs(rate_crf(&m, &p, PROFILE_BASELINE, 50000) - 26) < 0.01);
	/* where a look at the other size takes a quarter, an encode takes far less than usual */
	usual = rate_bytes(&m, &q, PROFILE_BASELINE, 20);
	looked = m;
	rate_learn(&looked, &(struct rate_point){ p, PROFILES, 18, 1200000, true });
	assert_true(rate_bytes(&looked, &q, PROFILE_BASELINE, 20) < 0.7 * usual);
	assert_true(fabs(rate_bytes(&looked, &p, PROFILE_BASELINE, 20) - 100000) < 1);
	/* between two of the same picture it is found, whatever the law says */
	rate_learn(&m, &(struct rate_point){ p, PROFILE_BASELINE, 22, 99000, true });
	assert_true(rate_crf(&m, &p, PROFILE_BASELINE, 99500) > 20 &&
	    rate_crf(&m, &p, PROFILE_BASELINE, 99500) < 22);
}

/* An encode that was given up, or whose CRF changed, is not believed where others are near. */
static void
test_unsure(void **state)
{
	const struct av_picture p = picture(&xl, 8);
	struct rate_model m = { .n = 0 };
	double alone;

	rate_learn(&m, &(struct rate_point){ p, PROFILE_MAIN, 25, 100000, false });
	alone = rate_crf(&m, &p, PROFILE_MAIN, 98000);
	assert_true(alone > 25 && alone < 26);
	rate_learn(&m, &(struct rate_point){ p, PROFILE_MAIN, 23, 96000, true });
	assert_true(rate_crf(&m, &p, PROFILE_MAIN, 98000) < 23);
}

/* A try is not made twice: where an encode that is not believed leads back to the CRF of one that
 * is, that one leads on. */
static void
test_no_try_twice(void **state)
{
	const struct av_picture p = picture(&xl, 8);
	struct rate_model m = { .n = 0 };
	struct rate_point at = { p, PROFILE_BASELINE, 0, 473000, false };
	double halves;

	rate_learn(&m, &(struct rate_point){ p, PROFILE_BASELINE, 22, 602000, false });
	halves = rate_halves(&m);
	at.crf = 22 + halves * log2(602000 / at.bps);
	assert_false(rate_tried(&m, &at));
	assert_true(fabs(rate_crf(&m, &p, PROFILE_BASELINE, at.bps) - at.crf) < 0.01);
	rate_learn(&m, &(struct rate_point){ p, PROFILE_BASELINE, at.crf, 271000, true });
	assert_true(rate_tried(&m, &at));
	at.profile = PROFILE_MAIN;
	assert_false(rate_tried(&m, &at));
	at.crf = rate_crf(&m, &p, PROFILE_BASELINE, at.bps);
	assert_false(rate_tried(&m, &at));
}

/* How much Main saves differs from film to film and says nothing of what a step of CRF does; nor do
 * two encodes whose CRF hardly differs. */
static void
test_steps(void **state)
{
	const struct av_picture p = picture(&xl, 8);
	struct rate_model m = { .n = 0 };

	assert_true(fabs(rate_halves(&m) - 6) < 0.01);
	rate_learn(&m, &(struct rate_point){ p, PROFILE_MAIN, 18, 100000, true });
	rate_learn(&m, &(struct rate_point){ p, PROFILE_BASELINE, 26, 60000, true });
	assert_true(fabs(rate_halves(&m) - 6) < 0.01);
	rate_learn(&m, &(struct rate_point){ p, PROFILE_MAIN, 18.5, 93000, true });
	assert_true(rate_halves(&m) > 5);
	rate_learn(&m, &(struct rate_point){ p, PROFILE_MAIN, 22, 25000, true });
	assert_true(rate_halves(&m) < 3);
}

static void
test_forecast(void **state)
{
	static const struct {
		struct rate_part got, was, whole;
		double want;
	} cases[] = {
		{ { 10, 20 }, { 20, 40 }, { 100, 400 }, 250 }, /* half of the other */
		{ { 20, 10 }, { 20, 40 }, { 100, 400 }, 200 }, /* each kind by itself */
		{ { 0, 10 }, { 0, 40 }, { 100, 400 }, 125 },
		{ { 10, 0 }, { 20, 0 }, { 100, 400 }, 250 },
		{ { 10, 0 }, { 0, 0 }, { 100, 400 }, 0 }, /* nothing to go by */
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_true(fabs(rate_forecast(&cases[i].got, &cases[i].was, &cases[i].whole) -
				cases[i].want) < 0.001);
}

static void
test_steer(void **state)
{
	enum { LET_BE, UP, DOWN, HOPELESS };
	static const struct {
		/* came, rest; least, most; part, steered; frames; may be hopeless; halves; fixed */
		struct rate_way w;
		int want;
	} cases[] = {
		{ { 300, 660, 900, 1000, 0.3, 0, 100, true, 6, false }, LET_BE },
		{ { 300, 900, 900, 0, 0.3, 0, 100, true, 6, false },
		    LET_BE }, /* any number is of use */
		{ { 300, 750, 900, 1000, 0.3, 0, 100, true, 6, false }, UP },
		{ { 300, 550, 900, 1000, 0.3, 0, 100, true, 6, false }, DOWN },
		/* too early to be led, but not to be given up, unless too little was seen */
		{ { 150, 900, 900, 1000, 0.14, 0, 100, true, 6, false }, LET_BE },
		{ { 150, 9000, 900, 1000, 0.14, 0, 100, true, 6, false }, HOPELESS },
		{ { 150, 9000, 900, 1000, 0.14, 0, 20, true, 6, false }, LET_BE },
		{ { 150, 9000, 900, 1000, 0.1, 0, 100, true, 6, false }, LET_BE },
		{ { 300, 1500, 900, 1000, 0.3, 0, 100, true, 6, false }, HOPELESS },
		{ { 300, 900, 900, 1000, 0.3, 0, 100, true, 6, false },
		    UP }, /* off by no more than forecasts err */
		/* far more than half of it is still to do, whatever the budget */
		{ { 700, 2100, 900, 1000, 0.3, 0, 100, true, 6, false }, HOPELESS },
		{ { 300, 1500, 900, 1000, 0.3, 0, 11, true, 6, false },
		    LET_BE }, /* too few frames */
		/* the encoder takes no other CRF any more */
		{ { 300, 750, 900, 1000, 0.3, 0, 100, true, 6, true }, LET_BE },
		{ { 300, 1500, 900, 1000, 0.3, 0, 100, true, 6, true }, HOPELESS },
		{ { 300, 1500, 900, 1000, 0.3, 0, 100, false, 6, false }, UP },
		/* as far as it may already */
		{ { 300, 1500, 900, 1000, 0.3, 2, 100, false, 6, false }, LET_BE },
		{ { 100, 200, 900, 1000, 0.3, 0, 100, true, 6, false }, HOPELESS },
		{ { 200, 100, 900, 1000, 0.3, 0, 100, true, 6, false },
		    DOWN }, /* most of it is done */
		{ { 800, 250, 900, 1000, 0.8, 2, 100, true, 6, false },
		    LET_BE }, /* most of it is done */
		{ { 1100, 100, 900, 1000, 0.9, 0, 100, true, 6, false }, UP },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		double steps = rate_steer(&cases[i].w);
		int got = LET_BE;

		if (steps >= RATE_HOPELESS)
			got = HOPELESS;
		else if (steps != 0)
			got = steps > 0 ? UP : DOWN;

		if (got != cases[i].want || (got != HOPELESS && fabs(steps) > 2))
			fail_msg("case %zu: %g", i, steps);
	}
}

/* In noise, a step of CRF does far more than in most films, so fewer lead to the same bytes. */
static void
test_steer_noise(void **state)
{
	struct rate_way w = { 300, 750, 900, 1000, 0.3, 0, 100, false, 6, false };
	double usual = rate_steer(&w), noise;

	w.halves = 2;
	noise = rate_steer(&w);
	assert_true(noise > 0 && fabs(noise - usual / 3) < 0.001);
}

/* ---- choices ---------------------------------------------------------------------- */

static void
test_choice(void **state)
{
	const struct av_picture top = picture(&xl, AV_RUNGS), low = picture(&xl, 3);
	struct rate_model m = { .n = 0 };
	struct film_choice c;

	rate_learn(&m, &(struct rate_point){ top, PROFILE_MAIN, 18, 100000, true });
	c = film_choose(&m, &(struct film_want){ &hd, &xl, &top, 0, CRF_BEST }, 200000);
	/* more bytes would be of no use */
	assert_true(c.best && c.picture.rung == AV_RUNGS && c.crf == CRF_BEST);
	c = film_choose(&m, &(struct film_want){ &hd, &xl, &top, 0, CRF_BEST }, 50000);
	assert_true(!c.best && c.picture.rung == AV_RUNGS && fabs(c.crf - 24) < 0.01);
	c = film_choose(&m, &(struct film_want){ &hd, &xl, &top, 0, CRF_BEST }, 20000);
	assert_true(!c.best && c.picture.rung < AV_RUNGS && c.crf <= CRF_GOOD);
	c = film_choose(&m, &(struct film_want){ &hd, &xl, &top, 0, CRF_BEST }, 1);
	assert_true(c.picture.rung == 1 && c.crf == CRF_LEAST);
	c = film_choose(&m, &(struct film_want){ &hd, &xl, &low, 0, CRF_BEST }, 1e9);
	assert_true(c.picture.rung == 3 && c.best); /* no more is kept than that */
	c = film_choose(&m, &(struct film_want){ &hd, &s, &top, 0, CRF_BEST }, 1e9);
	assert_true(c.picture.rung == 8 && c.best); /* the level's most */
}

/* A rung that was tried is not left for a little. */
static void
test_tried(void **state)
{
	const struct av_picture top = picture(&xl, AV_RUNGS), below = picture(&xl, AV_RUNGS - 1);
	struct rate_model m = { .n = 0 };
	struct film_want w = { &hd, &xl, &top, 0, CRF_BEST };

	rate_learn(&m, &(struct rate_point){ top, PROFILE_MAIN, CRF_GOOD, 100000, true });
	assert_int_equal(film_choose(&m, &w, 99000).picture.rung, AV_RUNGS - 1);
	assert_int_equal(film_choose(&m, &w, 101000).picture.rung, AV_RUNGS);
	w.tried = AV_RUNGS;
	assert_int_equal(film_choose(&m, &w, 99000).picture.rung, AV_RUNGS);
	assert_true(film_choose(&m, &w, 50000).picture.rung < AV_RUNGS);
	w.tried = below.rung;
	assert_int_equal(film_choose(&m, &w, 101000).picture.rung, below.rung);
	assert_int_equal(film_choose(&m, &w, 200000).picture.rung, AV_RUNGS);
}

/* One encode for all targets that get the same picture at best quality, in the profile all of them
 * play. */
static void
test_profile(void **state)
{
	struct transcode_request req = { .ntargets = 2, .target = { s, xl } };
	const struct av_info small = { .width = 640,
		.height = 360,
		.fps_num = 30,
		.fps_den = 1,
		.ms = 4000 };
	const struct av_info *source[] = { &small, &hd };
	static const struct {
		int source;
		double bps; /* of the top picture at best quality */
		uint32_t want;
	} cases[] = {
		{ 0, 20000, PROFILE_BASELINE }, /* fits both */
		{ 0, 100000, PROFILE_MAIN },    /* the larger */
		{ 0, 1000000, PROFILE_MAIN },   /* neither */
		{ 1, 5000, PROFILE_MAIN },      /* both, but the smaller's picture is smaller */
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct av_info *in = source[cases[i].source];
		const struct av_picture top = film_top(in, &req);
		const struct film_want w = { in, &xl, &top, 0, CRF_BEST };
		struct rate_model m = { .n = 0 };
		struct film_choice c;

		rate_learn(&m,
		    &(struct rate_point){ top, PROFILE_MAIN, CRF_BEST, cases[i].bps, true });
		c = film_choose(&m, &w, (double)xl.budget * 1000 / (double)in->ms);
		assert_int_equal(c.profile, PROFILE_MAIN);
		assert_int_equal(film_profile(&m, &w, &req, &c), cases[i].want);
	}
	/* noise takes nearly a bit a pixel */
	assert_false(film_may_exceed(&(struct av_picture){ 1, 80, 100, 10, 1 }, 1000, 10000));
	assert_true(film_may_exceed(&(struct av_picture){ 1, 80, 100, 10, 1 }, 1000, 9999));
}

/* What a film full of noise is worth: less than CRF_BEST, but not without end. */
static void
test_finest(void **state)
{
	assert_true(film_crf_of(1) >= CRF_BEST && film_crf_of(0.988) >= CRF_BEST);
	assert_true(film_crf_of(0.9875) < CRF_BEST && film_crf_of(0.9875) > CRF_BEST - 1);
	assert_true(fabs(film_crf_of(0.976) - 13.5) < 0.01);
	assert_true(fabs(film_crf_of(0.5) - 8) < 0.01);
}

static void
test_interlaced(void **state)
{
	static const struct {
		struct film_lines l; /* frames; said; seen, unseen, not found */
		bool want;
	} t[] = {
		{ { 48, 48, 40, 0, 2 }, true },
		{ { 48, 0, 40, 0, 2 }, true },   /* not said, but seen */
		{ { 48, 48, 0, 0, 45 }, false }, /* said, but not so */
		{ { 50, 0, 20, 0, 30 }, true },  /* telecined */
		{ { 48, 30, 1, 0, 2 }, true },
		{ { 48, 10, 1, 0, 2 }, false }, /* nothing moves */
		{ { 1, 0, 0, 0, 0 }, false },
		{ { 48, 0, 0, 45, 0 }, false },
		{ { 48, 48, 0, 45, 0 }, true }, /* noise; slow, and said */
		{ { 50, 0, 16, 34, 0 }, false },
		{ { 50, 0, 20, 10, 20 }, true },
	};

	for (size_t i = 0; i < COUNT(t); i++)
		if (film_is_interlaced(&t[i].l) != t[i].want)
			fail_msg("row %zu", i);
}

/* A slanted edge, each line of the second time moved by shift, with noise. */
static void
draw(unsigned char *grey, unsigned w, unsigned h, unsigned shift, unsigned noise)
{
	uint32_t rnd = 1;

	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++) {
			unsigned v = (x + y / 4 + (y % 2) * shift) % 64 < 32 ? 60 : 180;

			rnd = rnd * 1664525U + 1013904223U;
			grey[y * w + x] = (unsigned char)(v +
			    (noise > 0 ? rnd >> 16 : 0) % (noise + 1));
		}
}

static void
test_combed(void **state)
{
	static const struct {
		unsigned shift, noise;
		bool want;
	} t[] = {
		{ 0, 0, false },
		{ 0, 20, false },
		{ 0, 75, false },
		{ 4, 0, true },
		{ 4, 20, true },
		{ 12, 40, true },
	};
	static unsigned char grey[320 * 240];

	for (size_t i = 0; i < COUNT(t); i++) {
		draw(grey, 320, 240, t[i].shift, t[i].noise);
		if (film_combed(grey, 320, 320, 240) != t[i].want)
			fail_msg("row %zu", i);
	}
	assert_false(film_combed(grey, 320, 8, 8)); /* smaller than a block */
}

/* Every frame of a lower rate is another of the higher, in order. */
static void
test_nth(void **state)
{
	static const unsigned rates[][2] = { { 30, 1 }, { 30000, 1001 }, { 24, 1 }, { 15, 1 },
		{ 12, 1 }, { 10, 1 }, { 25, 2 } };

	for (size_t i = 0; i < COUNT(rates); i++)
		for (size_t k = 0; k < COUNT(rates); k++) {
			const struct av_picture p = { .fps_num = rates[k][0],
				.fps_den = rates[k][1] };
			uint64_t last = 0;

			if ((uint64_t)rates[k][0] * rates[i][1] >
			    (uint64_t)rates[i][0] * rates[k][1])
				continue;
			assert_int_equal(film_nth(&p, rates[i][0], rates[i][1], 0), 0);
			for (uint64_t n = 1; n < 20000; n++) {
				uint64_t at = film_nth(&p, rates[i][0], rates[i][1], n);

				assert_true(at > last);
				last = at;
			}
		}
}

static void
test_shape(void **state)
{
	const struct av_picture p = { .width = 640, .height = 360 };
	struct av_info in = { .width = 1920, .height = 1080 };
	struct film_colours c = { .width = 720,
		.height = 576,
		.matrix = 2,
		.primaries = 2,
		.transfer = 2 };
	char chain[FILM_CHAIN];

	film_shape(&c, &in, &p, chain);
	assert_string_equal(chain,
	    "scale=640:360:flags=bicubic:in_color_matrix=smpte170m:in_range=tv:"
	    "out_color_matrix=bt709:"
	    "out_range=tv,format=yuv420p,setsar=1");
	c.matrix = c.primaries = 5;
	film_shape(&c, &in, &p, chain);
	assert_non_null(strstr(chain, "min=5:pin=5:"));
	c.matrix = c.primaries = 1;
	film_shape(&c, &in, &p, chain);
	assert_string_equal(chain,
	    "scale=640:360:flags=bicubic:in_color_matrix=bt709:in_range=tv:out_color_matrix=bt709:"
	    "out_range=tv,format=yuv420p,setsar=1");
	c.matrix = 10;
	c.primaries = 99;
	film_shape(&c, &in, &p, chain);
	assert_non_null(strstr(chain, "min=9:pin=1:"));
	c.full = c.rgb = true;
	in.turn = (struct av_turn){ 1, false };
	film_shape(&c, &in, &p, chain);
	assert_string_equal(chain,
	    "scale=360:640:flags=bicubic:in_range=pc:out_color_matrix=bt709:out_range=tv,"
	    "format=yuv420p,"
	    "transpose=clock,setsar=1");
	c = (struct film_colours){ .width = 1920,
		.height = 1080,
		.matrix = 1,
		.primaries = 12,
		.transfer = 1 };
	in.turn = (struct av_turn){ 2, true };
	film_shape(&c, &in, &p, chain);
	assert_non_null(
	    strstr(chain, "zscale=640:360:f=bicubic:min=1:pin=12:tin=1:rin=limited:m=bt709"));
	assert_non_null(strstr(chain, "format=yuv420p,vflip,setsar=1"));
	c = (struct film_colours){ .width = 1920,
		.height = 1080,
		.matrix = 9,
		.primaries = 9,
		.transfer = 16,
		.peak = 4000 };
	in.light = LIGHT_PQ;
	film_shape(&c, &in, &p, chain);
	assert_non_null(strstr(chain, "tin=16:min=9:pin=9"));
	assert_non_null(strstr(chain, "peak=19.704"));
	c.peak = 1e9;
	film_shape(&c, &in, &p, chain);
	assert_non_null(strstr(chain, "peak=49.261"));
	c.peak = 0;
	in.light = LIGHT_HLG;
	film_shape(&c, &in, &p, chain);
	assert_non_null(strstr(chain, "tin=18:"));
	assert_non_null(strstr(chain, "peak=4.926"));
	assert_true(strlen(chain) < FILM_CHAIN - 100);
}

/* A film of which nothing is seen is made in another way, by what would be seen. */
static void
test_other_way(void **state)
{
	static const struct {
		unsigned shows[GROUNDS], bright, spread;
		enum film_way way;
	} row[] = {
		{ { 8, 8, 8 }, 0, 100, FILM_USUAL },
		{ { 8, 8, 8 }, 0, 0, FILM_PLAIN },
		{ { 0, 8, 8 }, 0, 0, FILM_ON_BLACK },
		{ { 0, 3, 8 }, 0, 0, FILM_ON_WHITE },
		{ { 1, 8, 0 }, 0, 0, FILM_ON_BLACK },
		{ { 0, 0, 0 }, 8, 0, FILM_PLAIN },
		{ { 0, 0, 0 }, 0, 0, FILM_USUAL },
	};
	const struct av_picture p = { .width = 640, .height = 360 };
	struct film_colours c = { .matrix = 9, .primaries = 9, .transfer = 16, .way = FILM_PLAIN };
	char chain[FILM_CHAIN];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct seen seen = { .looks = 8, .bright = row[i].bright, .made = 8 };

		memcpy(seen.shows, row[i].shows, sizeof seen.shows);
		seen.spread = row[i].spread;
		assert_int_equal(film_other_way(&seen), row[i].way);
	}
	film_shape(&c, &(struct av_info){ .light = LIGHT_PQ }, &p, chain);
	assert_null(strstr(chain, "zscale"));
	c.way = FILM_ON_BLACK;
	film_shape(&c, &(struct av_info){ .light = LIGHT_SDR }, &p, chain);
	assert_non_null(strstr(chain, "format=gbrap,premultiply=inplace=1,scale=640:360:"));
	c.way = FILM_ON_WHITE;
	film_shape(&c, &(struct av_info){ .light = LIGHT_SDR }, &p, chain);
	assert_non_null(
	    strstr(chain, "format=gbrap,negate,premultiply=inplace=1,negate,scale=640:360:"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steer_noise),
		cmocka_unit_test(test_no_try_twice),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_finest),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_search_ends),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_unsure),
		cmocka_unit_test(test_forecast),
		cmocka_unit_test(test_steer),
		cmocka_unit_test(test_tried),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_interlaced),
		cmocka_unit_test(test_combed),
		cmocka_unit_test(test_nth),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_other_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
