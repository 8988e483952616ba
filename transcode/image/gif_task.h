/*
 * gif_task: what is made, in which order, for all targets of one animation, and which of
 * what was made each target gets. Pure; gif.c carries it out.
 *
 * Targets go from the smallest budget up. One whose box is at least as large as that of a
 * smaller budget has at least as many pixels, and looks at least as much like the source.
 */
#ifndef SM_GIF_TASK_H
#define SM_GIF_TASK_H

#include "media/transcode.h"
#include "transcode/image/gif_search.h"

struct gif_task {
	unsigned n; /* targets */
	struct gif_goal goal[TRANSCODE_TARGETS];
	uint32_t box[TRANSCODE_TARGETS];
	unsigned runs; /* of gifsicle that are left, but for the smallest */
	unsigned at;   /* the target that is worked for; n: all are done */
	bool hurry;    /* set by the caller: nothing more that can be left */
};

/* Starts for a source of this size, upright. */
void gif_task_begin(struct gif_task *t, const struct transcode_request *req, uint32_t width,
    uint32_t height, uint32_t frames);

/* What is to be made next: the caller makes it and adds it to s, at most GIF_RUNS in all. False
 * when all targets have what they get. */
bool gif_task_next(struct gif_task *t, const struct gif_search *s, struct gif_recipe *how)
    __attribute__((warn_unused_result));

/* Must the search end, so that what cannot be left is made in time? spent of wall microseconds have
 * passed since it began, and its longest run took longest. Time is kept for four runs as long, a
 * smallest one for each target of a usual list, but never more than half. How many runs there are
 * is decided by the source alone (gif_task_begin()); a machine that is busy must not change that.
 */
bool gif_task_hurries(int64_t spent, int64_t longest, int64_t wall)
    __attribute__((warn_unused_result));

/* May number k of what was made still be picked? If not, its file is not needed. */
bool gif_task_keeps(const struct gif_task *t, const struct gif_search *s, unsigned k)
    __attribute__((warn_unused_result));

/* pick[i] is the number of what target i gets: the best that fits it, else the smallest, which is
 * over its budget; -1 when there is nothing. */
void gif_task_pick(const struct gif_task *t, const struct gif_search *s,
    int pick[TRANSCODE_TARGETS]);

/* Is this what target i has when nothing is reduced? */
bool gif_task_whole(const struct gif_task *t, unsigned i, const struct gif_recipe *how)
    __attribute__((warn_unused_result));

/* The width an animation of w x h pixels gets for a target with this box when nothing has to
 * be reduced: at most 640, 480 for boxes up to 1280 (class S), and both sides within the
 * box (savemms-media(7), Animations). Never more than w, never 0. */
uint32_t gif_base_width(uint32_t w, uint32_t h, uint32_t box);

/* The least width it is shrunk to: that at which its longest side is GIF_SIDE_FLOOR, never
 * more than base. */
uint32_t gif_floor_width(uint32_t w, uint32_t h, uint32_t base);

#endif
