/* lost.h: sounds of which nothing is heard any more, the factor that keeps them from it, and films
 * of which nothing is seen. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "transcode/lost.h"

enum { N = 44100 };

/* Returns the level of a tone that lies around a constant, in one of two channels. */
static struct level
tone(double peak, double constant)
{
	static float s[2 * N];
	struct level l = { .peak = 0 };

	for (size_t i = 0; i < N; i++) {
		s[2 * i] = 0;
		s[2 * i + 1] = (float)(constant + peak * sin(0.0627 * (double)i));
	}
	level_add(&l, s, N, 2);
	level_add(&l, s + 1, N, 2);
	return l;
}

static double
db(double v)
{
	return pow(10, v / 20);
}

static void
a_sound_is_lost_only_if_it_was_one(void **state)
{
	static const struct {
		double was, constant, made; /* dB of full scale */
		bool lost;
	} row[] = {
		{ -6, 0, -91, true },
		{ -6, 0, -300, true },
		{ -6, 0, -40, false },
		{ -80, 0, -300, true },
		{ -80, 0, -100, false },
		{ -120, 0, -300, false },
		{ -300, 0, -300, false },
		{ -300, 0.5, -300, false }, /* a constant is silence */
		{ -300, -1, -300, false },
		{ -6, 0.3, -91, true },
		{ 80, 0, -6, false },
		{ 80, 0, -91, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct level was = tone(db(row[i].was), row[i].constant),
			     made = tone(db(row[i].made), 0);

		if (level_lost(&was, &made) != row[i].lost)
			fail_msg("row %zu", i);
	}
}

/* What an encoder makes at the start of a tone that it leaves out is no sound. */
static void
a_click_is_not_the_sound(void **state)
{
	struct level was = tone(0.5, 0), click = { .peak = 0 };
	static float s[N] = { 0.5F, -0.5F };

	(void)state;
	level_add(&click, s, N, 1);
	assert_true(level_lost(&was, &click));
	assert_false(level_lost(&click, &click));
	assert_false(level_lost(&click, &was));
	assert_true(level_lost(&click, &(struct level){ .peak = 0 }));
}

static void
gain_keeps_sounds_within_16_bits(void **state)
{
	static const struct {
		double peak, gained; /* dB of full scale */
	} row[] = { { -6, -6 }, { -60, -60 }, { -71, -71 }, { -80, -60 }, { -100, -60 },
		{ -120, -120 }, { 0, 0 }, { 3, 3 }, { 12, 0 }, { 90, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct level l = tone(db(row[i].peak), 0);
		double gained = 20 * log10(l.peak * level_gain(&l));

		if (fabs(gained - row[i].gained) > 0.5)
			fail_msg("row %zu: %f", i, gained);
	}
}

static void
damage_changes_nothing(void **state)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY, 1e30F, 40000 };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct level l = tone(0.5, 0);
		float piece[LEVEL_PIECE] = { 0 };

		piece[7] = bad[i];
		level_add(&l, piece, LEVEL_PIECE, 1);
		assert_true(level_gain(&l) == 1);
		assert_true(isfinite(l.peak));
	}
}

/* Fills a small frame of one colour, with two halves of different alpha. */
static void
see(struct seen *s, unsigned left, unsigned right, unsigned left_alpha, unsigned right_alpha)
{
	unsigned char rgba[SEEN_SIDE][SEEN_SIDE][4];

	for (unsigned y = 0; y < SEEN_SIDE; y++)
		for (unsigned x = 0; x < SEEN_SIDE; x++) {
			memset(rgba[y][x], (int)(x < SEEN_SIDE / 2 ? left : right), 3);
			rgba[y][x][3] = (unsigned char)(x < SEEN_SIDE / 2 ? left_alpha :
									    right_alpha);
		}
	seen_source(s, &rgba[0][0][0], SEEN_SIDE * 4);
}

/* Fills a frame that came out, of odd size, all of it with one blue and red. */
static void
make_coloured(struct seen *s, int left, int right, int blue, int red)
{
	enum { W = 37, H = 21 };
	unsigned char grey[H][64], u[H / 2 + 1][32], v[H / 2 + 1][32];

	for (unsigned y = 0; y < H; y++)
		for (unsigned x = 0; x < W; x++)
			grey[y][x] = (unsigned char)(x < W / 2 ? left : right);
	memset(u, blue, sizeof u);
	memset(v, red, sizeof v);
	seen_made(s,
	    &(struct seen_frame){ { &grey[0][0], &u[0][0], &v[0][0] }, { 64, 32, 32 }, W, H });
}

static void
make(struct seen *s, int left, int right)
{
	make_coloured(s, left, right, 128, 128);
}

/* A damaged film may have colours that no screen has: no light, but a green that is bright. */
static void
green_without_light_is_not_black(void **state)
{
	struct seen s = { .looks = 0 };

	(void)state;
	see(&s, 80, 80, 255, 255);
	make_coloured(&s, 1, 1, 0, 0);
	assert_false(seen_lost(&s));
	s = (struct seen){ .looks = 0 };
	see(&s, 80, 80, 255, 255);
	make_coloured(&s, 1, 1, 128, 128);
	assert_true(seen_lost(&s));
}

static void
a_film_is_lost_only_if_it_showed_something(void **state)
{
	static const struct {
		unsigned left, right, left_alpha, right_alpha; /* of the source */
		int made_left, made_right;
		bool lost;
		unsigned shows[GROUNDS];
	} row[] = {
		{ 0, 255, 255, 255, 16, 235, false, { 1, 1, 1 } },
		{ 0, 255, 255, 255, 16, 16, true, { 1, 1, 1 } },
		{ 0, 255, 255, 255, 126, 126, true, { 1, 1, 1 } },
		{ 255, 255, 255, 0, 235, 235, true, { 0, 1, 0 } },
		{ 0, 0, 255, 0, 16, 16, true, { 0, 0, 1 } },
		{ 128, 128, 255, 0, 126, 126, true, { 0, 1, 1 } },
		{ 255, 255, 255, 0, 235, 16, false, { 0, 1, 0 } },
		{ 0, 0, 255, 255, 16, 16, false, { 0, 0, 0 } },
		{ 255, 255, 255, 255, 235, 235, false, { 0, 0, 0 } },
		{ 255, 255, 255, 255, 16, 16, true, { 0, 0, 0 } },
		{ 255, 255, 0, 0, 235, 235, false, { 0, 0, 0 } },
		{ 100, 110, 255, 255, 110, 110, false, { 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct seen s = { .looks = 0 };

		see(&s, row[i].left, row[i].right, row[i].left_alpha, row[i].right_alpha);
		make(&s, row[i].made_left, row[i].made_right);
		if (seen_lost(&s) != row[i].lost)
			fail_msg("row %zu", i);
		for (unsigned g = 0; g < GROUNDS; g++)
			assert_int_equal(s.shows[g], row[i].shows[g]);
	}
}

static void
a_flash_is_not_the_film(void **state)
{
	struct seen s = { .looks = 0 };

	(void)state;
	assert_false(seen_lost(&s));
	make(&s, 16, 16);
	assert_false(seen_lost(&s));
	see(&s, 0, 255, 255, 255);
	assert_true(seen_lost(&s));
	for (int i = 0; i < 8; i++)
		see(&s, 0, 0, 255, 255);
	assert_false(seen_lost(&s));
}

static void
pictures(void **state)
{
	uint64_t n[256] = { [0] = 1000 };

	(void)state;
	assert_true(picture_lost(40, 0) && picture_lost(40, 2) && !picture_lost(40, 3));
	assert_false(picture_lost(0, 0) || picture_lost(2, 0) || picture_lost(15, 2));
	assert_false(picture_lost_in_gif(n)); /* nothing is shown in any way */
	n[10] = 500;
	assert_false(picture_lost_in_gif(n));
	n[127] = 100;
	assert_true(picture_lost_in_gif(n));
	n[128] = 12;
	assert_true(picture_lost_in_gif(n));
	n[255] = 10;
	assert_false(picture_lost_in_gif(n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_is_lost_only_if_it_was_one),
		cmocka_unit_test(a_click_is_not_the_sound),
		cmocka_unit_test(gain_keeps_sounds_within_16_bits),
		cmocka_unit_test(damage_changes_nothing),
		cmocka_unit_test(a_film_is_lost_only_if_it_showed_something),
		cmocka_unit_test(a_flash_is_not_the_film),
		cmocka_unit_test(green_without_light_is_not_black),
		cmocka_unit_test(pictures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
