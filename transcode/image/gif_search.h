/*
 * gif_search: finds the width, the number of colours and the loss with which an animation fits a
 * budget and looks most like itself (savemms-media(7), Animations).
 *
 * Pure. The caller makes what gif_next() asks for, adds it to made[] with its size and score, and
 * asks again until gif_next() returns false; gif_best() is then the result. Everything made counts
 * for every goal: the search for one budget starts from what earlier ones found. The search has no
 * state but made[].
 */
#ifndef SM_GIF_SEARCH_H
#define SM_GIF_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
	GIF_RUNS = 24,    /* most runs of gifsicle for one source */
	GIF_COLORS = 256, /* all colours; none is removed */
	GIF_COLORS_LEAST = 32,
	GIF_LOSSY_MOST = 200, /* gifsicle's --lossy; 0: none */
	GIF_SIDE_FLOOR = 80,  /* longest side below which no animation is shrunk to fit */
};

/* One way to make the animation. The first recipe of a search has all colours and no loss. */
struct gif_recipe {
	uint32_t width;
	unsigned lossy, colors;
};

struct gif_made {
	struct gif_recipe how;
	uint64_t bytes;
	double score; /* likeness to made[0]; 1: the same */
};

struct gif_search {
	unsigned n;
	struct gif_made made[GIF_RUNS];
};

/* The goal of a search. */
struct gif_goal {
	uint64_t budget;
	uint32_t widest;    /* the width when nothing needs to be reduced */
	uint32_t narrowest; /* at most widest */
	unsigned runs;      /* gifsicle runs left for this goal */
};

/* Returns true when *next should be made for the goal. made[0] must exist, without loss and at
 * least as wide as widest. Returns false when nothing better can be expected, and when runs is
 * 0. */
bool gif_next(const struct gif_search *s, const struct gif_goal *g, struct gif_recipe *next)
    __attribute__((warn_unused_result));

/* Returns the best of what was made within the goal, which stays in s; NULL when nothing fits. */
const struct gif_made *gif_best(const struct gif_search *s, const struct gif_goal *g);

/* Returns the recipe of the smallest result allowed, to try when nothing fits. */
struct gif_recipe gif_smallest(const struct gif_goal *g);

#endif
