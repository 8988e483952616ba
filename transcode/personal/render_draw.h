/*
 * render_draw: a background and what is drawn over it for each recipient.
 */
#ifndef SM_RENDER_DRAW_H
#define SM_RENDER_DRAW_H

#include "personal/render_session.h"
#include "transcode/image/pixels.h"
#include "transcode/personal/render_parts.h"

struct render_drawing {
	const struct image_template *it;
	size_t bytes;
	struct canvas base; /* the background with the parts that do not vary */
	struct canvas now;  /* the personal image made last */
};

/* Copies the background's pixels and draws the parts that do not vary. *it must stay valid as long
 * as *p. Returns false with why when the background is not the template's, a value cannot be drawn,
 * or memory is short. The process must then exit; nothing is freed. */
bool render_begin(struct render_drawing *p, const struct image_template *it,
    struct pixels *background, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* Draws a personal image with these values in p->now. Returns false with why when a value cannot be
 * drawn or memory is short. */
bool render_make(struct render_drawing *p, const struct render_values *v, char why[TRANSCODE_WHY])
    __attribute__((warn_unused_result));

#endif
