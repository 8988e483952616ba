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

/* Draws the text into the area's box and nothing outside it: wrapped at words, centred vertically,
 * in a size reduced from the area's until the text fits, and cut with an ellipsis when even
 * RENDER_FONT_FLOOR is too large. Markup in the text is not interpreted. Returns false when memory
 * is short. */
enum { RENDER_FONT_FLOOR = 8 }; /* pixels */

/* --- barcodes (render_barcode.c) --- */

/* Fills the barcode's box with its background color and draws in it a barcode that holds text, with
 * the caption. Returns false, with the reason in why, when the type cannot hold the value or cannot
 * hold it within the box at RENDER_MODULE pixels a module. */
enum { RENDER_MODULE = 2 };

#endif
