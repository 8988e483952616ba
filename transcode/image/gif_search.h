/*
 * gif_search: which width, how many colours and how much loss make an animation fit a
 * budget and look most like itself (savemms-media(7), Animations).
 *
 * Pure. The caller makes what gif_next() asks for, adds it to made[] with its size and its
 * score, and asks again until there is nothing to make; gif_best() is then the result.
 * Everything made counts for every goal: what was learnt for one budget is where the next
 * one starts. No state but what was made.
 */
#ifndef SM_GIF_SEARCH_H
#define SM_GIF_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
	GIF_RUNS = 24,    /* most runs of gifsicle for one source */
	GIF_COLORS = 256, /* all colours: none taken away */
	GIF_COLORS_LEAST = 32,
	GIF_LOSSY_MOST = 200, /* gifsicle's --lossy; 0: none */
	GIF_SIDE_FLOOR = 80,  /* longest side below which no animation is shrunk to fit */
};

/* How to make it. The first of a search has all colours and no loss. */
struct gif_recipe {
	uint32_t width;
	unsigned lossy, colors;
};

struct gif_made {
	struct gif_recipe how;
	uint64_t bytes;
	double score; /* likeness to the first that was made, 1: the same */
};

struct gif_search {
	unsigned n;
	struct gif_made made[GIF_RUNS];
};

/* What is looked for. */
struct gif_goal {
	uint64_t budget;
	uint32_t widest;    /* the width if nothing had to be reduced */
	uint32_t narrowest; /* at most widest */
	unsigned runs;      /* that may still be made for this goal */
};

/* True when *next should be made for the goal; made[0] must be there, without loss, and
 * at least as wide as widest. False also when runs is 0. */
bool gif_next(const struct gif_search *s, const struct gif_goal *g, struct gif_recipe *next)
    __attribute__((warn_unused_result));

/* The best that was made of those within the goal; NULL when none fits. */
const struct gif_made *gif_best(const struct gif_search *s, const struct gif_goal *g);

/* The smallest that may be made: what to try when nothing fits. */
struct gif_recipe gif_smallest(const struct gif_goal *g);

/* Was it made? */
bool gif_is_made(const struct gif_search *s, const struct gif_recipe *r)
    __attribute__((warn_unused_result));

/* The likeness that such a recipe usually gives, where it could not be measured. */
double gif_guess(const struct gif_recipe *r, uint32_t widest);

#endif
