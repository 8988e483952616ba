/* av_mix: see av_mix.h. */
#include "transcode/av/av_mix.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
	RAMP = 512,  /* samples in which weights go over into others, lest it clicks */
	SHORT = 256, /* fewer samples are too few to judge */
	LOUDER = 4,  /* how many times louder another channel must be to be taken instead */
};
static const double little = 0.125, enough = 0.25; /* of the power of channels without relation */
static const double next_to_nothing = 1e-5;        /* of the power of another channel */

void
av_mix_init(struct av_mix *m, unsigned in, unsigned out, const struct av_mix_place *at)
{
	unsigned n = in < AV_MIX_MOST ? in : AV_MIX_MOST;
	float most = 0;

	memset(m, 0, sizeof *m);
	m->in = in;
	m->out = out;
	for (unsigned k = 0; k < out; k++) {
		struct av_mix_sum *s = &m->sum[k];

		for (unsigned c = 0; c < n; c++) {
			s->usual[c] = out == 1 ? at[c].left + at[c].right :
			    k == 0             ? at[c].left :
						 at[c].right;
			s->total += s->usual[c];
		}
		most = s->total > most ? s->total : most;
	}
	for (unsigned k = 0; k < out; k++) {
		struct av_mix_sum *s = &m->sum[k];

		for (unsigned c = 0; c < n; c++)
			s->now[c] = s->usual[c] = most > 0 ? s->usual[c] / most : 1 / (float)n;
		s->total = most > 0 ? s->total / most : 1;
	}
	m->sum[0].alone = m->sum[1].alone = -1;
}

/* What a piece holds. */
struct heard {
	size_t n;
	double power[AV_MIX_MOST]; /* of each channel */
	bool silent;               /* none of the channels that are summed is heard beside others */
};

static unsigned
channels(const struct av_mix *m)
{
	return m->in < AV_MIX_MOST ? m->in : AV_MIX_MOST;
}

/* Tells whether the channels that are summed are silent, or next to it beside one that a sum leaves
 * out. */
static bool
silent(const struct av_mix *m, const struct heard *h)
{
	double summed = 0, left_out = 0;

	for (unsigned c = 0; c < channels(m); c++)
		for (unsigned k = 0; k < m->out; k++) {
			double *most = m->sum[k].usual[c] > 0 ? &summed : &left_out;

			*most = h->power[c] > *most ? h->power[c] : *most;
		}
	return summed < (double)h->n || summed < next_to_nothing * left_out;
}

static void
hear(const struct av_mix *m, const int16_t *from, size_t n, struct heard *h)
{
	unsigned in = channels(m);

	memset(h, 0, sizeof *h);
	h->n = n;
	for (size_t i = 0; i < n; i++)
		for (unsigned c = 0; c < in; c++)
			h->power[c] += (double)from[i * m->in + c] * from[i * m->in + c];
	h->silent = silent(m, h);
}

/* Returns the power of the sum in a piece. */
static double
power_of_sum(const struct av_mix *m, const struct av_mix_sum *s, const int16_t *from, size_t n)
{
	unsigned in = channels(m);
	double power = 0;

	for (size_t i = 0; i < n; i++) {
		double v = 0;

		for (unsigned c = 0; c < in; c++)
			v += (double)s->usual[c] * from[i * m->in + c];
		power += v * v;
	}
	return power;
}

/* Returns the power of a channel as the sum has it; where the sum has no part in any sound, its own
 * power. */
static double
part(const struct av_mix_sum *s, const struct heard *h, unsigned c)
{
	return h->silent ? h->power[c] : h->power[c] * (double)s->usual[c] * (double)s->usual[c];
}

static unsigned
loudest(const struct av_mix *m, const struct av_mix_sum *s, const struct heard *h)
{
	unsigned best = 0;

	for (unsigned c = 1; c < channels(m); c++)
		if (part(s, h, c) > part(s, h, best))
			best = c;
	return best;
}

/* Tells whether the sum of a piece is what it should be. */
static bool
adds_up(const struct av_mix *m, const struct av_mix_sum *s, const struct heard *h,
    const int16_t *from)
{
	double apart = 0;

	for (unsigned c = 0; c < channels(m); c++)
		apart += part(s, h, c);
	return power_of_sum(m, s, from, h->n) >= (s->alone < 0 ? little : enough) * apart;
}

/* Decides what the piece is made of. */
static void
decide(const struct av_mix *m, struct av_mix_sum *s, const struct heard *h, const int16_t *from)
{
	unsigned best = loudest(m, s, h);

	if (!h->silent && adds_up(m, s, h, from))
		s->alone = -1;
	else if (part(s, h, best) >= (double)h->n / 4 &&
	    (s->alone < 0 || part(s, h, best) > LOUDER * part(s, h, (unsigned)s->alone)))
		s->alone = (int)best;
}

static float
weight(const struct av_mix_sum *s, unsigned c)
{
	return s->alone < 0 ? s->usual[c] : (unsigned)s->alone == c ? s->total : 0;
}

/* Makes one channel of a piece. */
static void
make(const struct av_mix *m, struct av_mix_sum *s, const int16_t *from, size_t n, int16_t *to)
{
	unsigned in = channels(m);
	size_t ramp = n < RAMP ? n : RAMP;

	for (size_t i = 0; i < n; i++) {
		float part = i < ramp ? (float)(i + 1) / (float)ramp : 1, v = 0;

		for (unsigned c = 0; c < in; c++) {
			float w = weight(s, c);

			v += (s->now[c] + (w - s->now[c]) * part) * (float)from[i * m->in + c];
		}
		v = v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v;
		to[i * m->out] = (int16_t)lrintf(v);
	}
	for (unsigned c = 0; c < in; c++)
		s->now[c] = weight(s, c);
}

void
av_mix(struct av_mix *m, const int16_t *from, size_t n, int16_t *to)
{
	struct heard h;

	for (size_t at = 0, piece; at < n; at += piece) {
		const int16_t *p = from + at * m->in;

		piece = n - at < AV_MIX_PIECE ? n - at : AV_MIX_PIECE;
		if (piece >= SHORT)
			hear(m, p, piece, &h);
		for (unsigned k = 0; k < m->out; k++) {
			if (piece >= SHORT)
				decide(m, &m->sum[k], &h, p);
			make(m, &m->sum[k], p, piece, to + at * m->out + k);
		}
	}
}

enum av_mix_verdict
av_mix_judge(const int16_t *from, size_t n)
{
	static const struct av_mix_place stereo[2] = { { 1, 0 }, { 0, 1 } };
	struct av_mix m;
	struct heard h;

	av_mix_init(&m, 2, 1, stereo);
	hear(&m, from, n, &h);
	return h.silent                      ? AV_MIX_SILENT :
	    adds_up(&m, &m.sum[0], &h, from) ? AV_MIX_ADDS_UP :
					       AV_MIX_OPPOSITE;
}
