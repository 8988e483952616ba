/* av_rate: see av_rate.h */
#include "transcode/av/av_rate.h"

#include <math.h>

/* Measured on six films from phones and cameras, 180x320 to 640x480, 12 and 24 frames a second. */
#define PIXELS_POWER 0.65 /* bytes grow with pixels of a frame to this power, */
#define FRAMES_POWER 0.35 /* with frames a second to this, */
#define CRF_HALVES 6.0    /* and halve with this many steps of CRF */
#define CRF_LESS 2.0      /* bounds of CRF_HALVES when points decide it */
#define CRF_MORE 10.0
#define SIZE_LEAST_POWER 0.4 /* bounds of the factor for both powers then */
#define SIZE_MOST_POWER 2.0
#define REGULAR_SIZE 0.02 /* weights of the usual values against those that points show */
#define REGULAR_STEPS 0.1 /* (two points half a step apart say little of what a step does) */
#define MAIN_SAVES 0.77   /* Main against Baseline at the same CRF: 0.54 to 0.85 in ten films */
#define LOOK_TAKES 1.5    /* a quick trial encode against Baseline, by the powers above */
#define FIRST_GUESS 0.068 /* bits a pixel that a film takes at CRF 26 when nothing is known */
#define FIRST_CRF 26.0
#define FORESEEN 0.25 /* part of an encode after which its forecast is useful */
#define FORESEEN_FAR \
	0.12 /* the same when the forecast is far off and this many frames were seen: */
#define FORESEEN_FRAMES 48
#define STEER_SLOWER                                                                         \
	(4 / 3.0)      /* steps of CRF that have an effect inside a film, against those that \
	                  have it when all of it is made anew */
#define INSIDE 0.05    /* margin, as a share of the bytes to follow, inside the useful range */
#define UNSURE 0.25    /* halvings of bytes by which a point that is not sure may well be off */
#define STEER_MOST 2.0 /* most steps of CRF away from the encode's first CRF */
#define HOPELESS 4.0   /* steps off at which an encode is given up; forecasts err by half of that */
#define FORESEEN_LEAST 12 /* fewer frames say nothing */
#define MOSTLY 0.5        /* part of an encode after which giving it up saves little */
#define ABOUT 0.25        /* steps of CRF within which another encode is no new try */

static double
profile_factor(uint32_t profile)
{
	return profile == PROFILE_MAIN ? MAIN_SAVES : profile == PROFILES ? LOOK_TAKES : 1;
}

/* Returns the logarithm of the bytes that a video takes because of its size and rate, up to a
 * factor. */
static double
size_of(const struct av_picture *p)
{
	return PIXELS_POWER * log((double)p->width * p->height) +
	    FRAMES_POWER * log((double)p->fps_num / p->fps_den);
}

static double
distance(const struct rate_point *r, const struct av_picture *p, uint32_t profile, double crf)
{
	return 2 * fabs(size_of(p) - size_of(&r->picture)) + fabs(r->crf - crf) / CRF_HALVES +
	    (r->profile != profile ? 0.3 : 0);
}

/* ln(bytes a second) = level + size * size_of(picture) - ln(2) * steps * CRF + ln(profile_factor).
 * Measured points determine level; size and steps have their usual values until points show
 * otherwise. */
struct law {
	double level, size, steps;
};

static double
by_law(const struct law *l, const struct av_picture *p, uint32_t profile, double crf)
{
	return l->level + l->size * size_of(p) - M_LN2 * l->steps * crf +
	    log(profile_factor(profile));
}

/* Sums over the points, each relative to the mean of its profile. */
struct sums {
	double ss, sc, cc, sy, cy; /* of size (s), CRF (c) and the unexplained rest (y) */
};

/* Fits by least squares how far size and steps are from their usual values, which hold as long as
 * points do not contradict them. */
static void
fit(struct law *l, const struct sums *x)
{
	double ss = x->ss + REGULAR_SIZE, cc = x->cc + REGULAR_STEPS, det = ss * cc - x->sc * x->sc;

	l->size += (x->sy * cc - x->cy * x->sc) / det;
	l->steps += (x->cy * ss - x->sy * x->sc) / det;
	l->size = l->size < SIZE_LEAST_POWER ? SIZE_LEAST_POWER :
	    l->size > SIZE_MOST_POWER        ? SIZE_MOST_POWER :
					       l->size;
	l->steps = l->steps < 1 / CRF_MORE ? 1 / CRF_MORE :
	    l->steps > 1 / CRF_LESS        ? 1 / CRF_LESS :
					     l->steps;
}

/* Quick trial encodes have a level of their own, but they show as well as others what size does. */
static bool
is_look(const struct rate_point *p)
{
	return p->profile == PROFILES;
}

/* Tells whether predictions rest on the quick trial encodes, as there are no others. */
static bool
only_looks(const struct rate_model *m)
{
	for (unsigned i = 0; i < m->n; i++)
		if (!is_look(&m->point[i]))
			return false;
	return true;
}

/* Mean of points: of size, of CRF, and of what l does not explain. */
struct mean {
	double size, crf, rest;
};

/* Returns the mean of the points of these profiles, a set of bits. */
static struct mean
mean_of(const struct rate_model *m, const struct law *l, unsigned profiles)
{
	struct mean a = { 0, 0, 0 };
	double n = 0;

	for (unsigned i = 0; i < m->n; i++)
		n += (profiles >> m->point[i].profile & 1) != 0;
	for (unsigned i = 0; i < m->n; i++) {
		const struct rate_point *r = &m->point[i];

		if ((profiles >> r->profile & 1) == 0)
			continue;
		a.size += size_of(&r->picture) / n;
		a.crf += -M_LN2 * r->crf / n;
		a.rest += (log(r->bps) - by_law(l, &r->picture, r->profile, r->crf)) / n;
	}
	return a;
}

/* Adds the points of one profile. Each profile has a mean of its own, because profile_factor()
 * differs much from film to film. */
static void
add_sums(struct sums *x, const struct rate_model *m, const struct law *l, uint32_t profile)
{
	struct mean a = mean_of(m, l, 1u << profile);

	for (unsigned i = 0; i < m->n; i++) {
		const struct rate_point *r = &m->point[i];
		double s = size_of(&r->picture) - a.size, c = -M_LN2 * r->crf - a.crf;
		double y = log(r->bps) - by_law(l, &r->picture, r->profile, r->crf) - a.rest;

		if (r->profile != profile)
			continue;
		x->ss += s * s;
		x->sc += s * c;
		x->cc += c * c;
		x->sy += s * y;
		x->cy += c * y;
	}
}

static struct law
law_of(const struct rate_model *m)
{
	struct law l = { 0, 1, 1 / CRF_HALVES };
	struct sums x = { 0 };

	for (uint32_t profile = 0; profile <= PROFILES; profile++)
		add_sums(&x, m, &l, profile);
	fit(&l, &x);
	/* the law passes through the mean */
	l.level = mean_of(m, &l, only_looks(m) ? 1u << PROFILES : (1u << PROFILES) - 1).rest;
	return l;
}

/* Returns by how much the nearest point is off the law; this counts less the farther away the point
 * is. */
static double
off_law(const struct rate_model *m, const struct law *l, const struct rate_point *at)
{
	const struct rate_point *best = NULL;
	bool looks = only_looks(m);
	double away = 0;

	for (unsigned i = 0; i < m->n; i++) {
		double d = distance(&m->point[i], &at->picture, at->profile, at->crf);

		if (is_look(&m->point[i]) == looks && (best == NULL || d < away)) {
			best = &m->point[i];
			away = d;
		}
	}
	return best != NULL ?
	    (log(best->bps) - by_law(l, &best->picture, best->profile, best->crf)) * exp(-away) :
	    0;
}

double
rate_forecast(const struct rate_part *got, const struct rate_part *was,
    const struct rate_part *whole)
{
	double sum = got->key + got->other, key;

	if (was->key + was->other <= 0)
		return 0;
	/* a kind not seen yet grows as all bytes did */
	key = was->key > 0 ? got->key / was->key : sum / (was->key + was->other);
	return whole->key * key + whole->other * (was->other > 0 ? got->other / was->other : key);
}

/* The change is limited, because a film looks the same throughout only if its CRF hardly
 * changes. */
double
rate_steer(const struct rate_way *w)
{
	double total = w->came + w->rest, want, steps;

	if (w->most <= 0 || w->part < FORESEEN_FAR || w->frames < FORESEEN_LEAST ||
	    (total <= w->most && total >= w->least))
		return 0;
	want = (total > w->most ? w->most : w->least) - w->came;
	want *= total > w->most ? 1 - INSIDE : 1 + INSIDE;
	steps = want > 0 && w->rest > 0 ? STEER_SLOWER * w->halves * log2(w->rest / want) :
					  RATE_HOPELESS;
	if (w->part < FORESEEN && (fabs(steps) <= 2 * STEER_MOST || w->frames < FORESEEN_FRAMES))
		return 0;
	if (fabs(steps + w->steered) > HOPELESS && w->hopeless && w->came < MOSTLY * total)
		return RATE_HOPELESS;
	if (w->fixed)
		return 0;
	steps += w->steered;
	return (steps > STEER_MOST         ? STEER_MOST :
		       steps < -STEER_MOST ? -STEER_MOST :
					     steps) -
	    w->steered;
}

void
rate_learn(struct rate_model *m, const struct rate_point *p)
{
	if (p->bps <= 0)
		return;
	m->point[m->n < RATE_POINTS ? m->n++ : RATE_POINTS - 1] = *p;
}

bool
rate_knows(const struct rate_model *m, const struct av_picture *p, uint32_t profile)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->point[i].profile == profile && plan_same(&m->point[i].picture, p))
			return true;
	return false;
}

double
rate_halves(const struct rate_model *m)
{
	return 1 / law_of(m).steps;
}

/* As rate_tried(). If sure, only points that are sure count. */
static bool
tried(const struct rate_model *m, const struct rate_point *at, bool sure)
{
	for (unsigned i = 0; i < m->n; i++) {
		const struct rate_point *p = &m->point[i];

		if (p->profile == at->profile && plan_same(&p->picture, &at->picture) &&
		    fabs(p->crf - at->crf) < ABOUT && (p->sure || !sure))
			return true;
	}
	return false;
}

bool
rate_tried(const struct rate_model *m, const struct rate_point *at)
{
	return tried(m, at, false);
}

/* Guesses the bytes a second when nothing is known. */
static double
guess(const struct av_picture *p, uint32_t profile, double crf)
{
	return plan_rate(p) * FIRST_GUESS / 8 * exp2((FIRST_CRF - crf) / CRF_HALVES) *
	    profile_factor(profile);
}

double
rate_bytes(const struct rate_model *m, const struct av_picture *p, uint32_t profile, double crf)
{
	struct law l = law_of(m);

	if (m->n == 0)
		return guess(p, profile, crf);
	return exp(by_law(&l, p, profile, crf) +
	    off_law(m, &l, &(struct rate_point){ *p, profile, crf, 0, false }));
}

/* Of the points of the same size, rate and profile: those on either side of bps, in each case the
 * nearest in CRF, and the one nearest to bps. */
struct beside {
	const struct rate_point *more, *less, *near;
};

/* Returns how far p is from bps, in halvings; a point that is not sure is farther away. */
static double
apart(const struct rate_point *p, double bps)
{
	return fabs(log2(p->bps / bps)) + (p->sure ? 0 : UNSURE);
}

/* If sure, only points that are sure count. */
static struct beside
find_beside(const struct rate_model *m, const struct rate_point *at, bool sure)
{
	struct beside b = { NULL, NULL, NULL };

	for (unsigned i = 0; i < m->n; i++) {
		const struct rate_point *p = &m->point[i];

		if (p->profile != at->profile || !plan_same(&p->picture, &at->picture) ||
		    (sure && !p->sure))
			continue;
		if (b.near == NULL || apart(p, at->bps) < apart(b.near, at->bps))
			b.near = p;
		if (p->bps >= at->bps && (b.more == NULL || p->crf > b.more->crf))
			b.more = p;
		if (p->bps < at->bps && (b.less == NULL || p->crf < b.less->crf))
			b.less = p;
	}
	return b;
}

/* Sets at->crf for its bytes a second from points of its size, rate and profile: between two that
 * are sure, else from the nearest. Where one that is sure was made with about that CRF, the nearest
 * is wrong, and the nearest that is sure is better. Returns false when there is no such point. */
static bool
find_crf(const struct rate_model *m, const struct law *l, struct rate_point *at)
{
	struct beside sure = find_beside(m, at, true), any = find_beside(m, at, false);

	if (any.near == NULL)
		return false;
	if (sure.more != NULL && sure.less != NULL && sure.more->crf < sure.less->crf) {
		at->crf = sure.more->crf +
		    (sure.less->crf - sure.more->crf) * log(sure.more->bps / at->bps) /
			log(sure.more->bps / sure.less->bps);
		return true;
	}
	at->crf = any.near->crf + log(any.near->bps / at->bps) / (M_LN2 * l->steps);
	if (tried(m, at, true))
		at->crf = sure.near->crf + log(sure.near->bps / at->bps) / (M_LN2 * l->steps);
	return true;
}

double
rate_crf(const struct rate_model *m, const struct av_picture *p, uint32_t profile, double bps)
{
	struct law l = law_of(m);
	struct rate_point at = { *p, profile, 0, bps, false };
	double crf = FIRST_CRF;

	if (m->n == 0)
		return FIRST_CRF + CRF_HALVES * log2(guess(p, profile, FIRST_CRF) / bps);
	if (find_crf(m, &l, &at))
		return at.crf;
	/* the correction depends on the CRF at which it is taken; a few rounds settle that */
	for (int i = 0; i < 6; i++)
		crf = (by_law(&l, p, profile, 0) +
			  off_law(m, &l, &(struct rate_point){ *p, profile, crf, 0, false }) -
			  log(bps)) /
		    (M_LN2 * l.steps);
	return crf;
}
