/* image_search: see image_search.h */
#include "transcode/image/image_search.h"

#include <math.h>

#define SLOPE 0.022 /* ln(bytes) a quality step (measured on 116 images) */
#define AIM 0.965   /* share of the budget to aim at */
#define ENOUGH 0.93 /* share that is good enough to stop */
#define SHRUNK 0.88 /* share that shrinking aims at, at the worst quality */

enum { TRIES = 8 }; /* then the search stops and takes the best so far */

void
search_start(struct search *s, uint64_t budget, int worst)
{
	*s = (struct search){ .budget = budget,
		.q = QUALITY_BEST,
		.worst = worst,
		.lo = 0,
		.hi = QUALITY_BEST + 1 };
}

void
search_shrunk(struct search *s)
{
	search_start(s, s->budget, s->worst);
	s->q = s->worst + 2;
}

/* Returns ln(bytes) a quality step, from the sizes on both sides if both are known. */
static double
slope(const struct search *s)
{
	double k;

	if (s->lo_size == 0 || s->hi_size == 0)
		return SLOPE;
	k = log((double)s->hi_size / (double)s->lo_size) / (s->hi - s->lo);
	return k > SLOPE / 10 ? k : SLOPE / 10;
}

static int
clamp(int q, int min, int max)
{
	return q < min ? min : q > max ? max : q;
}

enum search_verdict
search_step(struct search *s, uint64_t size)
{
	double off = log((double)size / (AIM * (double)s->budget));
	int from = s->q;

	s->tries++;
	if (size <= s->budget) {
		if (s->q >= s->hi - 1 || (double)size >= ENOUGH * (double)s->budget)
			return SEARCH_THIS;
		s->lo = s->q;
		s->lo_size = size;
	} else {
		if (s->q <= s->worst)
			return SEARCH_SMALLER;
		s->hi = s->q;
		s->hi_size = size;
		if (s->lo != 0 && s->hi - s->lo <= 1)
			return SEARCH_KEPT;
	}
	if (s->tries >= TRIES && s->lo != 0)
		return SEARCH_KEPT;
	s->q = clamp(from - (int)lround(off / slope(s)), s->lo != 0 ? s->lo + 1 : s->worst,
	    s->hi - 1);
	if (s->tries >= TRIES)
		s->q = s->worst;
	return SEARCH_AGAIN;
}

uint32_t
search_shrink(uint32_t longest, uint64_t size, uint64_t budget, uint32_t least)
{
	double to = floor(longest * sqrt(SHRUNK * (double)budget / (double)size));

	if (least < SIDE_FLOOR)
		least = SIDE_FLOOR;
	if (longest <= least)
		return 0;
	if (to > longest * 0.97) /* always a real step */
		to = floor(longest * 0.97);
	return to < least ? least : (uint32_t)to;
}
