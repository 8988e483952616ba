/*
 * render_barcode: draws barcodes with libzint; only this file includes its header.
 */
#ifndef SM_RENDER_BARCODE_H
#define SM_RENDER_BARCODE_H

#include "transcode/personal/render_parts.h"

bool render_code_draw(struct canvas *c, const struct image_barcode *b, const char *text,
    const char *caption, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* Fills a box, which lies entirely within the canvas. */
void render_fill(struct canvas *c, const struct image_box *b, uint32_t color);

#endif
