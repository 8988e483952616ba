/* av_rate: see av_rate.h */
#include "transcode/av/av_rate.h"

#include <math.h>

/* Measured on six films of phones and cameras, 180x320 to 640x480, 12 and 24 frames a second. */
#define PIXELS_POWER 0.65	/* bytes grow with pixels of a frame to this power, */
#define FRAMES_POWER 0.35	/* with frames a second to this, */
#define CRF_HALVES 6.0		/* and halve with so many steps of CRF */
#define CRF_LESS 2.0		/* bounds of that, where two points tell */
#define CRF_MORE 9.0
#define MAIN_SAVES 0.87		/* main against baseline at the same CRF */
#define FIRST_GUESS 0.06	/* bits a pixel that a film takes at CRF 26, when nothing is known */
#define FIRST_CRF 26.0

static double
profile_factor(uint32_t profile)
{
	return profile == PROFILE_MAIN ? MAIN_SAVES : 1;
}

/* How much more bytes a second of picture p takes than one of q. */
static double
size_factor(const struct av_picture *p, const struct av_picture *q)
{
	double pixels = (double)p->width * p->height / ((double)q->width * q->height);
	double frames = (double)p->fps_num / p->fps_den / ((double)q->fps_num / q->fps_den);

	return pow(pixels, PIXELS_POWER) * pow(frames, FRAMES_POWER);
}

static double
distance(const struct rate_point *r, const struct av_picture *p, uint32_t profile, double crf)
{
	return 2 * fabs(log(size_factor(p, &r->picture))) + fabs(r->crf - crf) / CRF_HALVES + (r->profile != profile ? 0.3 : 0);
}

static const struct rate_point *
nearest(const struct rate_model *m, const struct av_picture *p, uint32_t profile, double crf)
{
	const struct rate_point *best = NULL;

	for (unsigned i = 0; i < m->n; i++)
		if (best == NULL || distance(&m->point[i], p, profile, crf) < distance(best, p, profile, crf))
			best = &m->point[i];
	return best;
}

/* Steps of CRF that halve the bytes between two points of one picture; 0: they do not tell. */
static double
step_between(const struct rate_point *a, const struct rate_point *b)
{
	double step;

	if (a->profile != b->profile || !plan_same(&a->picture, &b->picture) || fabs(a->crf - b->crf) < 0.3 ||
	    (a->bps - b->bps) * (a->crf - b->crf) >= 0)
		return 0;
	step = (b->crf - a->crf) / log2(a->bps / b->bps);
	return step < CRF_LESS ? CRF_LESS : step > CRF_MORE ? CRF_MORE : step;
}

/* The same around r: by the nearest point of its picture, else by what any two of the film tell. */
static double
halves(const struct rate_model *m, const struct rate_point *r)
{
	double near = 1e9, step = CRF_HALVES;

	for (unsigned i = 0; i < m->n; i++)
		for (unsigned k = 0; k < i; k++) {
			const struct rate_point *a = &m->point[i], *b = &m->point[k];
			double away = (a == r || b == r ? 0 : 10) + distance(a, &r->picture, r->profile, r->crf) +
			    distance(b, &r->picture, r->profile, r->crf), s = step_between(a, b);

			if (s > 0 && away < near) {
				near = away;
				step = s;
			}
		}
	return step;
}

void
rate_learn(struct rate_model *m, const struct rate_point *p)
{
	if (p->bps > 0)
		m->point[m->n < RATE_POINTS ? m->n++ : RATE_POINTS - 1] = *p;
}

double
rate_bytes(const struct rate_model *m, const struct av_picture *p, uint32_t profile, double crf)
{
	const struct rate_point *r = nearest(m, p, profile, crf);

	if (r == NULL)
		return plan_rate(p) * FIRST_GUESS / 8 * exp2((FIRST_CRF - crf) / CRF_HALVES) * profile_factor(profile);
	return r->bps * size_factor(p, &r->picture) * profile_factor(profile) / profile_factor(r->profile) *
	    exp2((r->crf - crf) / halves(m, r));
}

double
rate_crf(const struct rate_model *m, const struct av_picture *p, uint32_t profile, double bps)
{
	double crf = FIRST_CRF;

	/* the nearest point depends on where one looks: a few steps settle that */
	for (int i = 0; i < 4; i++) {
		const struct rate_point *r = nearest(m, p, profile, crf);

		crf += (r != NULL ? halves(m, r) : CRF_HALVES) * log2(rate_bytes(m, p, profile, crf) / bps);
	}
	return crf;
}
