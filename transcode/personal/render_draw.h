/*
 * render_draw: a background and what is drawn over it.
 */
#ifndef SM_RENDER_DRAW_H
#define SM_RENDER_DRAW_H

#include "personal/render_session.h"
#include "transcode/image/pixels.h"
#include "transcode/personal/render_parts.h"

struct render_picture {
	const struct image_template *it;
	size_t bytes;
	struct canvas base; /* the background with what does not vary */
	struct canvas now;  /* the picture made last */
};

/* Takes over the background's pixels and draws what does not vary. False with why: the
 * background is another, a value cannot be drawn, or memory is short; the process is to
 * end then, and nothing is freed. */
bool render_begin(struct render_picture *p, const struct image_template *it,
    struct pixels *background, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* Makes p->now with these values. False with why. */
bool render_make(struct render_picture *p, const struct render_values *v, char why[TRANSCODE_WHY])
    __attribute__((warn_unused_result));

#endif
