/* lost: see lost.h */
#include "transcode/lost.h"

#include <math.h>

#define SMALL (1.0 / 4096) /* eight steps of 16 bits */
#define RAISED (1.0 / 1024)
#define FAR_OVER 1.5        /* what lossy decoders go beyond full scale is less */
#define BEYOND 4294967296.0 /* no scale of samples reaches so far: damage */

enum {
	HEARD = 4, /* steps below the loudest that count as heard */
	LESS = 1,  /* steps that an encoder may take from them */
	SILENCE = LEVEL_STEPS - 1,
};

/* Returns a sample within full scale. */
static double
within(float v)
{
	return isnan(v) ? 0 : v > 1 ? 1 : v < -1 ? -1 : (double)v;
}

/* Returns how many whole steps of 10 dB the power is below full scale. */
static unsigned
steps_down(double power)
{
	unsigned k = 0;

	for (double least = 0.1; k < SILENCE && power <= least; least /= 10)
		k++;
	return k;
}

/* Returns the power of n samples around the straight line that is nearest to them. */
static double
power_of(const float *p, size_t n, size_t step)
{
	double sum = 0, squares = 0, slope = 0, middle = ((double)n - 1) / 2;
	double spread = ((double)n * (double)n - 1) / 12; /* variance of 0..n - 1 */

	for (size_t i = 0; i < n; i++) {
		double v = within(p[i * step]);

		sum += v;
		squares += v * v;
		slope += v * ((double)i - middle);
	}
	sum /= (double)n;
	slope /= (double)n;
	return squares / (double)n - sum * sum - (n > 1 ? slope * slope / spread : 0);
}

static void
add_piece(struct level *l, const float *p, size_t n, size_t step)
{
	unsigned down = steps_down(power_of(p, n, step));
	double peak = 0;

	for (size_t i = 0; i < n; i++) {
		double size = fabs((double)p[i * step]);

		if (size > peak && size <= BEYOND)
			peak = size;
	}
	l->peak = peak > l->peak ? peak : l->peak;
	l->samples[down] += n;
	l->over += down < SILENCE && peak > FAR_OVER ? n : 0;
}

void
level_add(struct level *l, const float *p, size_t n, size_t step)
{
	for (size_t at = 0, piece; at < n; at += piece) {
		piece = n - at < LEVEL_PIECE ? n - at : LEVEL_PIECE;
		add_piece(l, p + at * step, piece, step);
	}
}

void
level_add_short(struct level *l, const int16_t *s, size_t n, size_t step)
{
	float piece[LEVEL_PIECE];

	for (size_t at = 0, m; at < n; at += m) {
		m = n - at < LEVEL_PIECE ? n - at : LEVEL_PIECE;
		for (size_t i = 0; i < m; i++)
			piece[i] = (float)s[(at + i) * step] / 32768;
		level_add(l, piece, m, 1);
	}
}

/* Returns the samples of the steps from first to last that are not silent. */
static uint64_t
samples(const struct level *l, unsigned first, unsigned last)
{
	uint64_t n = 0;

	for (unsigned k = first; k <= last && k < SILENCE; k++)
		n += l->samples[k];
	return n;
}

/* Returns the step of the loudest piece. */
static unsigned
loudest(const struct level *l)
{
	unsigned k = 0;

	while (k < SILENCE && l->samples[k] == 0)
		k++;
	return k;
}

double
level_gain(const struct level *l)
{
	if (loudest(l) == SILENCE)
		return 1;
	if (l->peak < SMALL)
		return RAISED / l->peak;
	return l->over > 0 && l->over * 4 >= samples(l, 0, SILENCE) ? 1 / l->peak : 1;
}

bool
level_lost(const struct level *was, const struct level *made)
{
	unsigned from = loudest(was);
	uint64_t heard = samples(was, from, from + HEARD),
		 all = samples(was, 0, SILENCE) + was->samples[SILENCE];
	uint64_t left = samples(made, 0, from + HEARD + LESS),
		 of = samples(made, 0, SILENCE) + made->samples[SILENCE];

	if (from == SILENCE)
		return false;
	return of == 0 || (double)left / (double)of * 8 < (double)heard / (double)all;
}
