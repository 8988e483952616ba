/*
 * gif_line: predicts the size and the likeness that each way of reducing an animation gives. It is
 * the predicting half of gif_search.h. Pure.
 *
 * A line has one free parameter. On the ladder this is the width, at one of a few mixtures of loss
 * and colours, from mild to hard; on the other lines it is the loss or the number of colours, at
 * full width or at the least width. Size and likeness change smoothly along a line, so the points
 * already made predict which point fills a budget, and how much it will look like the source.
 */
#ifndef SM_GIF_LINE_H
#define SM_GIF_LINE_H

#include "transcode/image/gif_search.h"

#define GIF_AIM 0.955  /* share of a budget to aim at */
#define GIF_ENOUGH 0.9 /* share that is good enough to stop */

/* The ladder is lines 0 to GIF_LADDER - 1; the first GIF_LOSSLESS of it are without loss. The lines
 * of full width follow, then those of the least width, for animations that hardly fit at all. */
enum { GIF_LOSSLESS = 3, GIF_LADDER = 8, GIF_FULL = GIF_LADDER + 4, GIF_LINES = GIF_FULL + 3 };

/* Sets *r to the recipe on the line that is predicted to take this share of the goal's budget.
 * Returns false when the line does not reach that low. */
bool gif_reach(const struct gif_search *s, int line, const struct gif_goal *g, double share,
    struct gif_recipe *r) __attribute__((warn_unused_result));

/* Does the same, but returns false too when the recipe has been made already. */
bool gif_predict(const struct gif_search *s, int line, const struct gif_goal *g, double share,
    struct gif_recipe *r) __attribute__((warn_unused_result));

/* Returns the likeness that the line gives when it aims at the budget; negative when no point made
 * allows a prediction. The farther the nearest point is from the aim, the more the result is
 * raised: a line of which little is known is rather tried than missed. Sets *met when the likeness
 * is that of a point that was made, fits, and fills GIF_ENOUGH of the budget. */
double gif_expect(const struct gif_search *s, int line, const struct gif_goal *g, bool *met);

/* Returns ln(bytes) that a recipe usually gives for this animation, judged by made[0]. */
double gif_usual(const struct gif_search *s, const struct gif_recipe *r);

/* Tells whether this recipe has been made. */
bool gif_is_made(const struct gif_search *s, const struct gif_recipe *r)
    __attribute__((warn_unused_result));

/* Returns the likeness that such a recipe usually gives, for use where it cannot be measured. */
double gif_guess(const struct gif_recipe *r, uint32_t widest);

#endif
