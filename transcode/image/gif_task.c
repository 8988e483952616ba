/* gif_task: see gif_task.h */
#include "transcode/image/gif_task.h"
#include "transcode/image/gif_line.h"

#include <math.h>
#include <stddef.h>

enum {
	CAP = 640,
	CAP_SMALL = 480,
	SMALL_BOX = 1280,
	WORK_MP = 240,     /* millions of pixels read in all runs: about twenty seconds */
	RUNS_LEAST = 6,    /* however large the source is */
	RUNS_KEPT = 4,     /* for each target still to come */
	RUNS_MOST = 9,     /* for one target */
	RUNS_RESERVED = 4, /* of the wall time, see gif_task_hurries() */
};

uint32_t
gif_base_width(uint32_t w, uint32_t h, uint32_t box)
{
	double longest = w > h ? w : h, scale = 1, cap = box <= SMALL_BOX ? CAP_SMALL : CAP;

	if (w > cap)
		scale = cap / w;
	if (longest * scale > box)
		scale = box / longest;
	w = (uint32_t)floor(w * scale + 0.001);
	return w > 0 ? w : 1;
}

uint32_t
gif_floor_width(uint32_t w, uint32_t h, uint32_t base)
{
	double longest = w > h ? w : h, width = ceil(w * (GIF_SIDE_FLOOR / longest));

	return width < base ? (uint32_t)width : base;
}

void
gif_task_begin(struct gif_task *t, const struct transcode_request *req, uint32_t width,
    uint32_t height, uint32_t frames)
{
	double n = WORK_MP * 1e6 / ((double)width * height * frames);

	*t = (struct gif_task){ .n = req->ntargets,
		.runs = n < RUNS_LEAST ? RUNS_LEAST :
		    n > GIF_RUNS - 2   ? GIF_RUNS - 2 :
					 (unsigned)n };
	for (unsigned i = 0; i < t->n; i++) {
		uint32_t base = gif_base_width(width, height, req->target[i].box);

		t->box[i] = req->target[i].box;
		t->goal[i] = (struct gif_goal){ req->target[i].budget, base,
			gif_floor_width(width, height, base), RUNS_MOST };
	}
}

/* Returns the goal of target i, given what the targets before it have. */
static struct gif_goal
goal_of(const struct gif_task *t, unsigned i, const uint32_t *have)
{
	struct gif_goal g = t->goal[i];

	for (unsigned k = 0; k < i; k++)
		if (t->box[k] <= t->box[i] && have[k] > g.narrowest)
			g.narrowest = have[k];
	return g;
}

/* Sets have[] to the widths that the targets before n have; 0: nothing fits. */
static void
widths(const struct gif_task *t, const struct gif_search *s, unsigned n, uint32_t *have)
{
	for (unsigned i = 0; i < n; i++) {
		struct gif_goal g = goal_of(t, i, have);
		const struct gif_made *best = gif_best(s, &g);

		have[i] = best != NULL ? best->how.width : 0;
	}
}

/* Returns the runs that target at may have: what the later targets leave, but at least an equal
 * share. */
static unsigned
runs_of(const struct gif_task *t, const struct gif_search *s)
{
	unsigned later = 0, most;

	for (unsigned i = t->at + 1; i < t->n; i++)
		later += s->made[0].bytes > t->goal[i].budget;
	most = t->runs / (later + 1);
	if (t->runs > RUNS_KEPT * later && t->runs - RUNS_KEPT * later > most)
		most = t->runs - RUNS_KEPT * later;
	return t->goal[t->at].runs < most ? t->goal[t->at].runs : most;
}

bool
gif_task_next(struct gif_task *t, const struct gif_search *s, struct gif_recipe *how)
{
	uint32_t have[TRANSCODE_TARGETS], widest = 0;

	if (s->n == 0) {
		for (unsigned i = 0; i < t->n; i++)
			widest = t->goal[i].widest > widest ? t->goal[i].widest : widest;
		*how = (struct gif_recipe){ widest, 0, GIF_COLORS };
		return true;
	}
	for (; t->at < t->n && s->n < GIF_RUNS; t->at++) {
		struct gif_goal g;

		widths(t, s, t->at, have);
		if (t->begun == t->at)
			t->goal[t->begun++].runs = runs_of(t, s);
		g = goal_of(t, t->at, have);
		g.runs = t->hurry ? 0 : g.runs;
		if (gif_next(s, &g, how)) {
			t->goal[t->at].runs--;
			t->runs--;
			return true;
		}
		*how = gif_smallest(&g);
		if (gif_best(s, &g) == NULL && !gif_is_made(s, how))
			return true;
	}
	return false;
}

bool
gif_task_hurries(int64_t spent, int64_t longest, int64_t wall)
{
	int64_t kept = longest < wall / (2 * RUNS_RESERVED) ? longest * RUNS_RESERVED : wall / 2;

	return spent > wall - kept;
}

bool
gif_task_keeps(const struct gif_task *t, const struct gif_search *s, unsigned k)
{
	const struct gif_recipe *how = &s->made[k].how;

	return k == 0 || s->made[k].bytes <= t->goal[t->n - 1].budget ||
	    (how->lossy == GIF_LOSSY_MOST && how->colors == GIF_COLORS_LEAST);
}

/* Returns the index of the smallest result that is kept and no wider than widest; -1 if there is
 * none. */
static int
smallest(const struct gif_task *t, const struct gif_search *s, uint32_t widest)
{
	int best = -1;

	for (unsigned k = 0; k < s->n; k++)
		if (s->made[k].how.width <= widest && gif_task_keeps(t, s, k) &&
		    (best < 0 || s->made[k].bytes < s->made[best].bytes))
			best = (int)k;
	return best;
}

void
gif_task_pick(const struct gif_task *t, const struct gif_search *s, int pick[TRANSCODE_TARGETS])
{
	uint32_t have[TRANSCODE_TARGETS];

	widths(t, s, t->n, have);
	for (unsigned i = 0; i < t->n; i++) {
		struct gif_goal g = goal_of(t, i, have);
		const struct gif_made *best = gif_best(s, &g);

		pick[i] = best != NULL ? (int)(best - s->made) : smallest(t, s, g.widest);
	}
}

bool
gif_task_whole(const struct gif_task *t, unsigned i, const struct gif_recipe *how)
{
	return how->width == t->goal[i].widest && how->lossy == 0 && how->colors == GIF_COLORS;
}
