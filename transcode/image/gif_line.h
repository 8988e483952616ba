/*
 * gif_line: what may be varied to make an animation smaller, and what comes of it; the
 * foretelling half of gif_search.h. Pure.
 *
 * A line has one free parameter: the width, at one of a few mixtures of loss and colours (the
 * ladder, from mild to hard), or at full or least width the loss or the colours. Along a line size
 * and likeness change smoothly, so the point that fills a budget can be foretold from the
 * points made, and its likeness too.
 */
#ifndef SM_GIF_LINE_H
#define SM_GIF_LINE_H

#include "transcode/image/gif_search.h"

#define GIF_AIM 0.955  /* share of a budget to aim at */
#define GIF_ENOUGH 0.9 /* share that is good enough to stop */

/* Lines 0 to GIF_LADDER - 1 are the ladder, then those of full width, then those of the least
 * width, for what is hard to fit at all. */
enum { GIF_LADDER = 7, GIF_FULL = GIF_LADDER + 4, GIF_LINES = GIF_FULL + 3 };

/* The recipe of the line that makes share of the goal's budget. False when the line does
 * not reach so low, or has been made there. */
bool gif_predict(const struct gif_search *s, int line, const struct gif_goal *g, double share,
    struct gif_recipe *r) __attribute__((warn_unused_result));

/* The likeness the line gives when it aims at the budget; negative when nothing made tells.
 * *met: it is that of a point that was made, fits, and fills GIF_ENOUGH of the budget. */
double gif_expect(const struct gif_search *s, int line, const struct gif_goal *g, bool *met);

/* ln(bytes) that a recipe usually makes of this animation, from made[0]. */
double gif_usual(const struct gif_search *s, const struct gif_recipe *r);

#endif
