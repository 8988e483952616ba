/*
 * gif_line: see gif_line.h. The numbers are means over 22 animations (measured); results made of
 * the animation at hand override them.
 */
#include "transcode/image/gif_line.h"

#include <math.h>
#include <stddef.h>

#define POWER 1.85     /* bytes grow with the width to this power */
#define NEAR 0.55      /* a point predicts sizes this near to its own, in ln(bytes) */
#define SAME 0.008     /* widths this near are the same, in ln(width) */
#define RESAMPLED 0.97 /* most width of a narrower one, which has lost sharpness already */
#define DOUBT 0.4      /* how far off a prediction from other lines may be, in ln(bytes) */
#define HOPE 0.02 /* hope for a line, for each ln(bytes) between its nearest point and the aim */

enum vary { WIDTH, LOSSY, COLORS };
enum { STEPS = 5 };

static const struct line {
	enum vary vary;
	unsigned lossy, colors;
} lines[GIF_LINES] = {
	{ WIDTH, 0, 256 },
	{ WIDTH, 0, 128 },
	{ WIDTH, 0, 64 },
	{ WIDTH, 20, 128 },
	{ WIDTH, 20, 64 },
	{ WIDTH, 50, 64 },
	{ WIDTH, 100, 32 },
	{ WIDTH, GIF_LOSSY_MOST, GIF_COLORS_LEAST },
	{ LOSSY, 0, 256 },
	{ COLORS, 0, 0 },
	{ LOSSY, 0, 64 },
	{ LOSSY, 0, 32 },
	{ LOSSY, 0, 256 },
	{ COLORS, 0, 0 },
	{ LOSSY, 0, 32 },
};

/* How fast ln(1 - likeness) falls with ln(bytes) along a line, by its free parameter. */
static const double fall[] = { [WIDTH] = 0.4, [LOSSY] = 3, [COLORS] = 2 };

/* By how much a parameter lowers ln(bytes), and the damage it does to the likeness. */
static const struct {
	double at[STEPS], less[STEPS], damage[STEPS];
} by_loss = {
	{ 0, 20, 50, 100, GIF_LOSSY_MOST }, { 0, 0.30, 0.47, 0.62, 0.78 },
	{ 0, 0.024, 0.050, 0.080, 0.115 },
}, by_colors = {	/* at: ln of how many times fewer */
	{ 0, 0.693, 1.386, 2.079, 2.773 }, { 0, 0.16, 0.41, 0.71, 1.1 },
	{ 0, 0.030, 0.060, 0.110, 0.180 },
}, by_width = {		/* at: ln of how many times narrower */
	{ 0.02, 0.162, 0.357, 0.693, 1.386 }, { 0 }, { 0.035, 0.045, 0.060, 0.080, 0.140 },
};

/* Returns the value at x of the curve through from[] and to[], never below 0; from[] rises. */
static double
curve(const double *from, const double *to, double x)
{
	int i = 1;

	while (i < STEPS - 1 && x > from[i])
		i++;
	x = to[i - 1] + (to[i] - to[i - 1]) * (x - from[i - 1]) / (from[i] - from[i - 1]);
	return x > 0 ? x : 0;
}

static double
fewer(unsigned colors)
{
	return log((double)GIF_COLORS / colors);
}

static double
size_of(const struct gif_made *m)
{
	return log((double)m->bytes);
}

static double
damage_of(const struct gif_made *m)
{
	return m->score < 0.9998 ? 1 - m->score : 0.0002;
}

/* Returns the usual ln(bytes), up to a constant of the animation. */
static double
usual(const struct gif_recipe *r)
{
	return POWER * log(r->width) - curve(by_loss.at, by_loss.less, r->lossy) -
	    curve(by_colors.at, by_colors.less, fewer(r->colors));
}

double
gif_usual(const struct gif_search *s, const struct gif_recipe *r)
{
	return size_of(&s->made[0]) + usual(r) - usual(&s->made[0].how);
}

double
gif_guess(const struct gif_recipe *r, uint32_t widest)
{
	double d = curve(by_loss.at, by_loss.damage, r->lossy) +
	    curve(by_colors.at, by_colors.damage, fewer(r->colors));

	if (r->width < widest)
		d += curve(by_width.at, by_width.damage, log((double)widest / r->width));
	return d < 1 ? 1 - d : 0;
}

static double
clamp(double v, double min, double max)
{
	return v < min ? min : v > max ? max : v;
}

/* ---- a line and its points ----------------------------------------------- */

/* Returns the greatest width of lines whose width is free. If nothing has been resampled yet, the
 * first step down is a jump. */
static uint32_t
rim(const struct gif_search *s, const struct gif_goal *g)
{
	uint32_t w = g->widest < s->made[0].how.width ? g->widest :
							(uint32_t)(RESAMPLED * g->widest);

	return w > g->narrowest ? w : g->narrowest;
}

/* Returns the width of a line whose width is not free. */
static uint32_t
width_of(const struct line *l, const struct gif_goal *g)
{
	return l < lines + GIF_FULL ? g->widest : g->narrowest;
}

static bool
on_line(const struct gif_search *s, const struct line *l, const struct gif_goal *g,
    const struct gif_recipe *r)
{
	if (r->width > g->widest || r->width < g->narrowest)
		return false;
	if (l->vary == WIDTH)
		return r->width <= rim(s, g) && r->lossy == l->lossy && r->colors == l->colors;
	if (r->width != width_of(l, g))
		return false;
	/* With all colours each frame keeps its own table; with fewer all share one, which may
	 * take far fewer bytes. So all colours are no point of a line of colours. */
	return l->vary == LOSSY ? r->colors == l->colors : r->lossy == 0 && r->colors < GIF_COLORS;
}

/* Returns where on its line a recipe lies: the usual ln(bytes), up to a constant of the line. */
static double
place(const struct line *l, const struct gif_recipe *r)
{
	if (l->vary == WIDTH)
		return POWER * log(r->width);
	return l->vary == LOSSY ? -curve(by_loss.at, by_loss.less, r->lossy) :
				  -curve(by_colors.at, by_colors.less, fewer(r->colors));
}

/* Returns the recipe at a place, or that at the nearer end of the line. */
static struct gif_recipe
recipe_at(const struct gif_search *s, const struct line *l, const struct gif_goal *g, double at)
{
	struct gif_recipe r = { width_of(l, g), l->lossy, l->colors };

	if (l->vary == WIDTH)
		r.width = (uint32_t)lround(clamp(exp(at / POWER), g->narrowest, rim(s, g)));
	else if (l->vary == LOSSY)
		r.lossy = (unsigned)lround(
		    clamp(curve(by_loss.less, by_loss.at, -at), 0, GIF_LOSSY_MOST));
	else
		r.colors = (unsigned)lround(
		    clamp(GIF_COLORS / exp(curve(by_colors.less, by_colors.at, -at)),
			GIF_COLORS_LEAST, GIF_COLORS - 1));
	return r;
}

/* Returns the recipe on the line that gives the fewest bytes. */
static struct gif_recipe
last_of(const struct gif_search *s, const struct line *l, const struct gif_goal *g)
{
	struct gif_recipe least = { g->narrowest, GIF_LOSSY_MOST, GIF_COLORS_LEAST };

	return recipe_at(s, l, g, place(l, &least));
}

/* Points of a line by size: the two nearest to t = ln(bytes), the nearest above it, and the nearest
 * not above it. NULL: there is none. */
struct points {
	const struct gif_made *near, *next, *over, *under;
};

static struct points
points_of(const struct gif_search *s, const struct line *l, const struct gif_goal *g, double t)
{
	struct points p = { NULL, NULL, NULL, NULL };

	for (const struct gif_made *m = s->made; m < s->made + s->n; m++) {
		if (!on_line(s, l, g, &m->how))
			continue;
		if (size_of(m) > t && (p.over == NULL || m->bytes < p.over->bytes))
			p.over = m;
		else if (size_of(m) <= t && (p.under == NULL || m->bytes > p.under->bytes))
			p.under = m;
		if (p.near == NULL || fabs(size_of(m) - t) < fabs(size_of(p.near) - t)) {
			p.next = p.near;
			p.near = m;
		} else if (p.next == NULL || fabs(size_of(m) - t) < fabs(size_of(p.next) - t)) {
			p.next = m;
		}
	}
	return p;
}

/* ---- prediction ---------------------------------------------------------- */

/* Returns the place on the line at which ln(bytes) is t when the line has no point, judged by the
 * point nearest in size on other lines. */
static double
place_by_others(const struct gif_search *s, const struct line *l, const struct gif_goal *g,
    double t)
{
	struct gif_recipe last = last_of(s, l, g);
	const struct gif_made *a = s->made;

	for (const struct gif_made *m = s->made; m < s->made + s->n; m++)
		if (fabs(size_of(m) - t) < fabs(size_of(a) - t))
			a = m;
	return place(l, &last) + t - (size_of(a) + usual(&last) - usual(&a->how));
}

/* Returns the same from points of the line: between two, or beyond the nearest. */
static double
place_of(const struct line *l, const struct points *p, double t)
{
	const struct gif_made *a = p->near;
	double slope = 1, away;

	if (p->over != NULL && p->under != NULL) {
		double high = place(l, &p->over->how), low = place(l, &p->under->how);

		return low +
		    (high - low) * (t - size_of(p->under)) / (size_of(p->over) - size_of(p->under));
	}
	away = p->next != NULL ? place(l, &a->how) - place(l, &p->next->how) : 0;
	if (fabs(away) > 0.02)
		slope = clamp((size_of(a) - size_of(p->next)) / away, 0.3, 2.5);
	return place(l, &a->how) + (t - size_of(a)) / slope;
}

bool
gif_is_made(const struct gif_search *s, const struct gif_recipe *r)
{
	for (const struct gif_made *m = s->made; m < s->made + s->n; m++)
		if (m->how.lossy == r->lossy && m->how.colors == r->colors &&
		    (m->how.width == r->width || fabs(log((double)m->how.width / r->width)) < SAME))
			return true;
	return false;
}

bool
gif_reach(const struct gif_search *s, int line, const struct gif_goal *g, double share,
    struct gif_recipe *r)
{
	const struct line *l = &lines[line];
	struct gif_recipe last = last_of(s, l, g);
	double t = log(share * (double)g->budget), at, doubt = 1 - GIF_ENOUGH;
	struct points p = points_of(s, l, g, t);

	if (p.near != NULL) {
		at = place_of(l, &p, t);
	} else {
		at = place_by_others(s, l, g, t);
		doubt = DOUBT;
	}
	if (at < place(l, &last) - doubt)
		return false;
	*r = recipe_at(s, l, g, at);
	return true;
}

bool
gif_predict(const struct gif_search *s, int line, const struct gif_goal *g, double share,
    struct gif_recipe *r)
{
	return gif_reach(s, line, g, share, r) && !gif_is_made(s, r);
}

double
gif_expect(const struct gif_search *s, int line, const struct gif_goal *g, bool *met)
{
	const struct line *l = &lines[line];
	double t = log(GIF_AIM * (double)g->budget), k = fall[l->vary], away, damage;
	struct points p = points_of(s, l, g, t);

	*met = false;
	if (p.near == NULL || fabs(size_of(p.near) - t) > NEAR)
		return -1;
	*met = p.near->bytes <= g->budget &&
	    (double)p.near->bytes >= GIF_ENOUGH * (double)g->budget;
	if (*met)
		return p.near->score;
	away = p.next != NULL ? size_of(p.near) - size_of(p.next) : 0;
	if (fabs(away) > 0.05)
		k = clamp(-log(damage_of(p.near) / damage_of(p.next)) / away, 0, 6);
	damage = damage_of(p.near) * exp(-k * (t - size_of(p.near)));
	if (fabs(away) <= 0.05 &&
	    l->vary != WIDTH) { /* with one point only, assume the lesser of two damages */
		struct gif_recipe r = recipe_at(s, l, g, place_of(l, &p, t));

		damage = fmin(damage,
		    damage_of(p.near) + gif_guess(&p.near->how, g->widest) -
			gif_guess(&r, g->widest));
	}
	return clamp(1 - damage + HOPE * fabs(t - size_of(p.near)), 0, 1);
}
