/*
 * render_parts: pictures made for one recipient each, drawn over a background; what the files
 * render_*.c share.
 */
#ifndef SM_RENDER_PARTS_H
#define SM_RENDER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/transcode.h"
#include "model/image_template.h"

/* A plain picture in memory: 3 bytes a pixel, red first, rows without gaps. */
struct canvas {
	unsigned char *rgb;
	uint32_t width, height;
};

/* --- text (render_text.c) --- */

/* Loads the fonts' directory; the fonts are opened as texts need them. False: memory. */
bool render_text_setup(void) __attribute__((warn_unused_result));

/* Draws the text into the area's box, nothing outside of it: wrapped at words, in the
 * middle of its height, smaller than the area's size until it fits, and cut with an
 * ellipsis when even RENDER_FONT_FLOOR is too large. The text is drawn as it is; it holds no
 * markup. False: memory is short. */
enum { RENDER_FONT_FLOOR = 8 }; /* pixels */
bool render_text_draw(struct canvas *c, const struct image_area *a, const char *text)
    __attribute__((warn_unused_result));

/* --- barcodes (render_barcode.c) --- */

/* Draws a barcode that holds text into the barcode's box, which its background color
 * fills. False and in why what is wrong: the type cannot hold the value, or not at
 * RENDER_MODULE pixels a module within the box. */
enum { RENDER_MODULE = 2 };
bool render_code_draw(struct canvas *c, const struct image_barcode *b, const char *text,
    const char *caption, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* Fills a box, all of it within the canvas. */
void render_fill(struct canvas *c, const struct image_box *b, uint32_t color);

#endif
