/*
 * gif_task: decides what is made, in which order, for all targets of one animation, and which
 * result each target gets. Pure; gif.c carries the decisions out.
 *
 * Targets are worked on from the smallest budget up. If a target's box is at least as large as
 * that of a smaller budget, its result has at least as many pixels and looks at least as much like
 * the source.
 */
#ifndef SM_GIF_TASK_H
#define SM_GIF_TASK_H

#include "media/transcode.h"
#include "transcode/image/gif_search.h"

struct gif_task {
	unsigned n; /* targets */
	struct gif_goal goal[TRANSCODE_TARGETS];
	uint32_t box[TRANSCODE_TARGETS];
	unsigned runs;  /* gifsicle runs left, not counting those for the smallest result */
	unsigned at;    /* the target being worked on; n: all are done */
	unsigned begun; /* so many targets have been given their runs */
	bool hurry;     /* set by the caller: make only what is indispensable */
};

/* Initialises *t for a source whose upright size is width x height. */
void gif_task_begin(struct gif_task *t, const struct transcode_request *req, uint32_t width,
    uint32_t height, uint32_t frames);

/* Returns true and sets *how to what must be made next; the caller makes it and adds it to s, at
 * most GIF_RUNS in all. Returns false when every target has its result. */
bool gif_task_next(struct gif_task *t, const struct gif_search *s, struct gif_recipe *how)
    __attribute__((warn_unused_result));

/* Tells whether the search must end, to leave time for the indispensable runs. spent of the wall
 * microseconds have passed since the search began, and its longest run took longest. The function
 * reserves time for four such runs, one smallest result for each target of a usual list, but never
 * more than half of wall. The source alone decides the number of runs (gif_task_begin()); a busy
 * machine must not change it. */
bool gif_task_hurries(int64_t spent, int64_t longest, int64_t wall)
    __attribute__((warn_unused_result));

/* Tells whether a target may still pick made[k]. If not, its file is not needed. */
bool gif_task_keeps(const struct gif_task *t, const struct gif_search *s, unsigned k)
    __attribute__((warn_unused_result));

/* Sets pick[i] to the index in made[] of what target i gets: the best result that fits, else the
 * smallest, which is over its budget; -1 when there is nothing. */
void gif_task_pick(const struct gif_task *t, const struct gif_search *s,
    int pick[TRANSCODE_TARGETS]);

/* Tells whether this recipe is what target i gets when nothing is reduced. */
bool gif_task_whole(const struct gif_task *t, unsigned i, const struct gif_recipe *how)
    __attribute__((warn_unused_result));

/* Returns the width that an animation of w x h pixels gets for a target with this box when nothing
 * needs to be reduced: at most 640, or 480 for boxes up to 1280 (class S), with both sides within
 * the box (savemms-media(7), Animations). The result is never more than w and never 0. */
uint32_t gif_base_width(uint32_t w, uint32_t h, uint32_t box);

/* Returns the least width to which the animation may be shrunk: the width at which its longest side
 * is GIF_SIDE_FLOOR, but never more than base. */
uint32_t gif_floor_width(uint32_t w, uint32_t h, uint32_t base);

#endif
