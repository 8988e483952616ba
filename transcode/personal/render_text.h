/*
 * render_text: draws the texts of an image with Pango and Cairo; only this file includes their
 * headers.
 */
#ifndef SM_RENDER_TEXT_H
#define SM_RENDER_TEXT_H

#include "transcode/personal/render_parts.h"

/* Loads the list of fonts; each font is opened when a text needs it. Returns false when no
 * font has letters, or memory is short. */
bool render_text_setup(void) __attribute__((warn_unused_result));

/* Returns how many characters of the text no font has a glyph for. They would be drawn as boxes. */
unsigned render_text_unknown(const char *text);

bool render_text_draw(struct canvas *c, const struct image_area *a, const char *text)
    __attribute__((warn_unused_result));

#endif
