/* av_mix: no sound becomes silence, whatever its channels do to each other */
#include "unit.h"

#include <math.h>

#include "transcode/av/av_mix.h"

enum { HZ = 44100, N = HZ, CHANNELS = 6 };

static const struct av_mix_place stereo[2] = { { 1, 0 }, { 0, 1 } }, both[1] = { { 1, 1 } },
				 surround[CHANNELS] = { { 1, 0 }, { 0, 1 }, { 0.7071F, 0.7071F },
					 { 0, 0 }, { 0.7071F, 0 }, { 0, 0.7071F } };

static int16_t in[N * CHANNELS], out[N * 2];

/* Fills channel c of n with a tone of this amplitude, from the sample from on up to the sample to.
 */
static void
tone(unsigned c, unsigned n, double amplitude, double hz, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		in[i * n + c] = (int16_t)lrint(amplitude * sin(2 * M_PI * hz * (double)i / HZ));
}

/* Mixes in pieces of a few samples more or less, as decoders give them. */
static void
mix(unsigned n, unsigned to, const struct av_mix_place *at, size_t step)
{
	struct av_mix m;

	av_mix_init(&m, n, to, at);
	for (size_t i = 0; i < N; i += step)
		av_mix(&m, in + i * n, N - i < step ? N - i : step, out + i * to);
}

/* Returns the power of channel c of n of what was made, from sample from to sample to. */
static double
power(unsigned c, unsigned n, size_t from, size_t to)
{
	double sum = 0;

	for (size_t i = from; i < to; i++)
		sum += (double)out[i * n + c] * out[i * n + c];
	return sum / (double)(to - from);
}

static void
test_two_channels(void **state)
{
	static const struct {
		double left, right; /* amplitudes; of the right in percent of the left */
		double made;        /* amplitude of the mono, in percent of the left */
	} t[] = {
		{ 8000, 100, 100 },  /* alike: the mean is the same */
		{ 8000, 50, 75 },    /* */
		{ 8000, 0, 50 },     /* one channel is silent */
		{ 8000, -100, 100 }, /* opposite: one channel */
		{ 8000, -80, 100 },  /* nearly so */
		{ 8000, -60, 100 },  /* the mean would have a twenty-fifth */
		{ 8000, -40, 30 },   /* the mean has enough of it */
		{ 8000, -125, 125 }, /* the louder one */
		{ 1, -100, 100 },    /* however low it is */
		{ 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		double want = t[i].left * t[i].made / 100;

		tone(0, 2, t[i].left, 440, 0, N);
		tone(1, 2, t[i].left * t[i].right / 100, 440, 0, N);
		for (size_t step = 300; step < N; step *= 3) {
			double got;

			mix(2, 1, stereo, step);
			got = sqrt(2 * power(0, 1, N / 10, N));
			if (fabs(got - want) > want * 0.02 + (t[i].left > 1 ? 1 : 0.5))
				fail_msg("row %zu, %zu at once: %.1f, not %.1f", i, step, got,
				    want);
		}
	}
}

/* One that turns over in the middle is heard to the end, without a click. */
static void
test_opposite_for_a_while(void **state)
{
	double most = 0;

	(void)state;
	tone(0, 2, 8000, 441, 0, N);
	tone(1, 2, 8000, 441, 0, N);
	tone(1, 2, -8000, 441, N / 3, 2 * N / 3);
	mix(2, 1, stereo, 1000);
	for (size_t i = 0; i + 4410 <= N; i += 4410)
		assert_true(power(0, 1, i, i + 4410) > 0.6 * 8000 * 8000 / 2);
	for (size_t i = 1; i < N; i++)
		most = fmax(most, abs(out[i] - out[i - 1]));
	assert_true(most < 2 * 8000 * 2 * M_PI * 441 / HZ);
}

static void
test_surround(void **state)
{
	(void)state;
	/* alike in front and behind: the sum is not louder than what may be */
	for (unsigned c = 0; c < CHANNELS; c++)
		tone(c, CHANNELS, 20000, 440, 0, N);
	mix(CHANNELS, 2, surround, 1024);
	assert_true(fabs(sqrt(2 * power(0, 2, N / 10, N)) - 20000) < 10);
	/* behind the opposite of the front, on the left only */
	memset(in, 0, sizeof in);
	tone(0, CHANNELS, 7071, 440, 0, N);
	tone(4, CHANNELS, -10000, 440, 0, N);
	tone(5, CHANNELS, 5000, 600, 0, N);
	mix(CHANNELS, 2, surround, 1024);
	assert_true(power(0, 2, N / 10, N) > 7000. * 7000 / 2);
	assert_true(power(1, 2, N / 10, N) > 1000. * 1000 / 2);
	/* nothing but low frequencies, which a sum leaves out */
	memset(in, 0, sizeof in);
	tone(3, CHANNELS, 8000, 60, 0, N);
	mix(CHANNELS, 2, surround, 1024);
	assert_true(power(0, 2, N / 10, N) > 7000. * 7000 / 2);
	/* noise beside them does not count */
	tone(0, CHANNELS, 3, 440, 0, N);
	mix(CHANNELS, 2, surround, 1024);
	assert_true(power(0, 2, N / 10, N) > 7000. * 7000 / 2);
	/* a voice beside them is still heard alone */
	tone(2, CHANNELS, 500, 440, 0, N);
	mix(CHANNELS, 2, surround, 1024);
	assert_true(power(0, 2, N / 10, N) < 500. * 500);
	assert_true(power(0, 2, N / 10, N) > 100. * 100 / 2);
}

/* The verdict on a piece is that by which it is mixed. */
static void
test_verdicts(void **state)
{
	(void)state;
	memset(in, 0, sizeof in);
	assert_int_equal(av_mix_judge(in, AV_MIX_PIECE), AV_MIX_SILENT);
	tone(0, 2, 8000, 440, 0, N);
	assert_int_equal(av_mix_judge(in, AV_MIX_PIECE), AV_MIX_ADDS_UP);
	tone(1, 2, 8000, 440, 0, N);
	assert_int_equal(av_mix_judge(in, AV_MIX_PIECE), AV_MIX_ADDS_UP);
	tone(1, 2, -8000, 440, 0, N);
	assert_int_equal(av_mix_judge(in, AV_MIX_PIECE), AV_MIX_OPPOSITE);
}

static void
test_few_and_many(void **state)
{
	static struct av_mix_place many[300];
	static int16_t wide[300 * 600], made[600 * 2];
	struct av_mix m;

	(void)state;
	tone(0, 1, 8000, 440, 0, N);
	mix(1, 2, both, 777);
	for (size_t i = 0; i < N; i++)
		assert_true(out[2 * i] == in[i] && out[2 * i + 1] == in[i]);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (struct av_mix_place){ 1, 1 };
	for (size_t i = 0; i < COUNT(wide); i++)
		wide[i] = INT16_MIN;
	av_mix_init(&m, 300, 2, many);
	av_mix(&m, wide, 600, made);
	for (size_t i = 0; i < COUNT(made); i++)
		assert_true(made[i] <= INT16_MIN + 2);
	/* a single channel that sums leave out */
	av_mix_init(&m, 1, 1, &(struct av_mix_place){ 0, 0 });
	av_mix(&m, in, 600, made);
	assert_memory_equal(made, in, 600 * sizeof *in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_channels),
		cmocka_unit_test(test_opposite_for_a_while),
		cmocka_unit_test(test_surround),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_few_and_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
