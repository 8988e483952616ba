/*
 * gif_search: see gif_search.h
 *
 * The search opens lines (gif_line.h) while one may be better than the best, then makes the best
 * line meet the budget. Which line is best differs from animation to animation: one that is
 * dithered like a photo loses least by fewer pixels, a small and noisy one by fewer colours, a
 * flat one by loss.
 */
#include "transcode/image/gif_search.h"

#include <math.h>
#include <stddef.h>

#include "transcode/image/gif_line.h"

#define AIM_SAFE 0.75   /* share of the budget to aim at with the last run when nothing fits */
#define FULL_LEAST 0.33 /* below this share of its bytes, full width is not worth a try */
#define FULL_AWAY 0.03  /* full width is given up when it is this much worse than the best */
#define STEP_AWAY 0.012 /* climbing the ladder ends when it is this much worse */

enum { SETTLING = 2 }; /* runs kept for meeting the budget */

static const struct gif_made *
find(const struct gif_search *s, const struct gif_recipe *r)
{
	for (const struct gif_made *m = s->made; m < s->made + s->n; m++)
		if (m->how.width == r->width && m->how.lossy == r->lossy &&
		    m->how.colors == r->colors)
			return m;
	return NULL;
}

/* What is known of the lines for one goal. */
struct outlook {
	double score[GIF_LINES]; /* negative: not known */
	bool met[GIF_LINES];
	int top, step, full; /* the best of all, of the ladder, of full width; -1: none */
};

static void
better(const struct outlook *o, int i, int *best)
{
	if (o->score[i] >= 0 && (*best < 0 || o->score[i] > o->score[*best]))
		*best = i;
}

static void
look(const struct gif_search *s, const struct gif_goal *g, struct outlook *o)
{
	o->top = o->step = o->full = -1;
	for (int i = 0; i < GIF_LINES; i++) {
		o->score[i] = gif_expect(s, i, g, &o->met[i]);
		better(o, i, &o->top);
		if (i < GIF_FULL)
			better(o, i, i < GIF_LADDER ? &o->step : &o->full);
	}
}

/* Opens the mildest step of the ladder that reaches the budget. */
static bool
first_step(const struct gif_search *s, const struct gif_goal *g, struct gif_recipe *next)
{
	for (int i = 0; i < GIF_LADDER; i++)
		if (gif_predict(s, i, g, GIF_AIM, next))
			return true;
	return false;
}

/* Opens a neighbour of the best step of the ladder while that step is about the best line: first
 * the milder one, because what served a smaller budget is rather too hard for this one. */
static bool
next_step(const struct gif_search *s, const struct gif_goal *g, const struct outlook *o,
    struct gif_recipe *next)
{
	int i = o->step;

	if (o->score[i] < o->score[o->top] - STEP_AWAY)
		return false;
	if (i > 0 && o->score[i - 1] < 0 && gif_predict(s, i - 1, g, GIF_AIM, next))
		return true;
	return i + 1 < GIF_LADDER && o->score[i + 1] < 0 && gif_predict(s, i + 1, g, GIF_AIM, next);
}

/* Opens a line of full width while one of these may be the best. whole is ln(bytes) with nothing
 * reduced. */
static bool
next_full(const struct gif_search *s, const struct gif_goal *g, const struct outlook *o,
    double whole, struct gif_recipe *next)
{
	if (g->narrowest < g->widest && log((double)g->budget) < whole + log(FULL_LEAST))
		return false;
	if (o->full >= 0 && o->score[o->full] < o->score[o->top] - FULL_AWAY)
		return false;
	for (int i = GIF_LADDER; i < GIF_FULL; i++)
		if (o->score[i] < 0 && gif_predict(s, i, g, GIF_AIM, next))
			return true;
	return false;
}

/* Sets *next to the next point of the best line that can come nearer to the budget. Returns false
 * when the point of a better line meets it. */
static bool
settle(const struct gif_search *s, const struct gif_goal *g, struct outlook *o,
    struct gif_recipe *next)
{
	double share = g->runs == 1 && gif_best(s, g) == NULL ? AIM_SAFE : GIF_AIM;

	while (o->top >= 0 && !o->met[o->top]) {
		if (gif_predict(s, o->top, g, share, next))
			return true;
		o->score[o->top] = -1;
		o->top = -1;
		for (int i = 0; i < GIF_LINES; i++)
			better(o, i, &o->top);
	}
	return false;
}

/* Tells whether a step without loss fills the budget at more than the least width. */
static bool
fits_wider(const struct gif_search *s, const struct gif_goal *g)
{
	struct gif_recipe r;

	for (int i = 0; i < GIF_LOSSLESS; i++)
		if (gif_reach(s, i, g, GIF_AIM, &r) && r.width > g->narrowest)
			return true;
	return false;
}

/* Opens a line of the least width when fewer pixels alone are not enough even there. */
static bool
next_narrow(const struct gif_search *s, const struct gif_goal *g, const struct outlook *o,
    struct gif_recipe *next)
{
	struct gif_recipe least = { g->narrowest, 0, GIF_COLORS };
	const struct gif_made *m = find(s, &least);

	if (m == NULL || m->bytes <= g->budget || fits_wider(s, g))
		return false;
	for (int i = GIF_FULL; i < GIF_LINES; i++)
		if (o->score[i] < 0 && gif_predict(s, i, g, GIF_AIM, next))
			return true;
	return false;
}

/* When only results with great loss fit, looks for something in between. */
static bool
squeeze(const struct gif_search *s, const struct gif_goal *g, struct gif_recipe *next)
{
	const struct gif_made *best = gif_best(s, g);

	if (best != NULL && (double)best->bytes >= GIF_ENOUGH * (double)g->budget)
		return false;
	for (int i = GIF_FULL; i < GIF_LINES; i++)
		if (gif_predict(s, i, g, GIF_AIM, next))
			return true;
	return false;
}

static bool
choose(const struct gif_search *s, const struct gif_goal *g, struct gif_recipe *next)
{
	struct gif_recipe all = { g->widest, 0, GIF_COLORS };
	const struct gif_made *whole = find(s, &all);
	double bytes = whole != NULL ? log((double)whole->bytes) : gif_usual(s, &all);
	struct outlook o;

	if (whole == NULL && bytes < log(1.1 * (double)g->budget)) {
		*next = all;
		return true;
	}
	if (whole != NULL && whole->bytes <= g->budget)
		return false;
	look(s, g, &o);
	if (o.step < 0 && g->narrowest < g->widest && first_step(s, g, next))
		return true;
	if (g->runs > SETTLING && next_full(s, g, &o, bytes, next))
		return true;
	if (o.step >= 0 && g->runs > SETTLING && next_step(s, g, &o, next))
		return true;
	if (o.top >= 0 && g->runs > SETTLING && next_narrow(s, g, &o, next))
		return true;
	return settle(s, g, &o, next) || squeeze(s, g, next);
}

struct gif_recipe
gif_smallest(const struct gif_goal *g)
{
	return (struct gif_recipe){ g->narrowest, GIF_LOSSY_MOST, GIF_COLORS_LEAST };
}

bool
gif_next(const struct gif_search *s, const struct gif_goal *g, struct gif_recipe *next)
{
	if (g->runs == 0 || s->n >= GIF_RUNS)
		return false;
	if (choose(s, g, next))
		return true;
	*next = gif_smallest(g);
	return gif_best(s, g) == NULL && find(s, next) == NULL;
}

const struct gif_made *
gif_best(const struct gif_search *s, const struct gif_goal *g)
{
	const struct gif_made *best = NULL;

	for (const struct gif_made *m = s->made; m < s->made + s->n; m++)
		if (m->bytes <= g->budget && m->how.width <= g->widest &&
		    m->how.width >= g->narrowest &&
		    (best == NULL || m->score > best->score ||
			(m->score >= best->score && m->how.width > best->how.width)))
			best = m;
	return best;
}
