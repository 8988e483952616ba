/*
 * render_parts: declarations that the files render_*.c share. They draw personal images, one for
 * each recipient, over a background.
 */
#ifndef SM_RENDER_PARTS_H
#define SM_RENDER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/transcode.h"
#include "model/image_template.h"

/* A plain image in memory: 3 bytes a pixel, red first, rows without gaps. */
struct canvas {
	unsigned char *rgb;
	uint32_t width, height;
};

/* --- text (render_text.c) --- */

/* Loads the list of fonts; each font is opened when a text needs it. Returns false when memory is
 * short. */
bool render_text_setup(void) __attribute__((warn_unused_result));

/* Draws the text into the area's box and nothing outside it: wrapped at words, centred vertically,
 * in a size reduced from the area's until the text fits, and cut with an ellipsis when even
 * RENDER_FONT_FLOOR is too large. Markup in the text is not interpreted. Returns false when memory
 * is short. */
enum { RENDER_FONT_FLOOR = 8 }; /* pixels */
bool render_text_draw(struct canvas *c, const struct image_area *a, const char *text)
    __attribute__((warn_unused_result));

/* --- barcodes (render_barcode.c) --- */

/* Fills the barcode's box with its background color and draws in it a barcode that holds text, with
 * the caption. Returns false, with the reason in why, when the type cannot hold the value or cannot
 * hold it within the box at RENDER_MODULE pixels a module. */
enum { RENDER_MODULE = 2 };
bool render_code_draw(struct canvas *c, const struct image_barcode *b, const char *text,
    const char *caption, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* Fills a box, which lies entirely within the canvas. */
void render_fill(struct canvas *c, const struct image_box *b, uint32_t color);

#endif
