/*
 * image_template_form: an image template as people write it (savemms(1), Image templates). A
 * part begins with [text] or [barcode]; lines "key = value" follow. Pure.
 */
#ifndef SM_IMAGE_TEMPLATE_FORM_H
#define SM_IMAGE_TEMPLATE_FORM_H

#include "model/image_template.h"

/* Reads the text areas and the barcode into *it, in memory of the arena. Returns false on a
 * fault; why then names the line and says what is wrong with it. It leaves the limits to
 * image_template_check(). */
bool image_form_read(struct arena *a, const char *form, struct image_template *it,
    char why[IMAGE_WHY]) __attribute__((warn_unused_result));

/* Appends the form from which image_form_read() would read these text areas and this barcode.
 * Check buf_ok(). */
void image_form_write(const struct image_template *it, struct buf *out);

/* A form that shows all keys, for the help. */
#define IMAGE_FORM_SAMPLE                   \
	"[text]\n"                          \
	"x = 40\n"                          \
	"y = 60\n"                          \
	"width = 560\n"                     \
	"height = 90\n"                     \
	"font = Noto Sans Bold\n"           \
	"size = 48\n"                       \
	"color = #ffffff\n"                 \
	"align = center\n"                  \
	"text = Dear {$firstname|friend}\n" \
	"\n"                                \
	"[barcode]\n"                       \
	"type = qr\n"                       \
	"x = 195\n"                         \
	"y = 780\n"                         \
	"width = 250\n"                     \
	"height = 290\n"                    \
	"color = #000000\n"                 \
	"background = #ffffff\n"            \
	"caption = {$code|no code}\n"       \
	"text = https://example.com/c/{$code|none}\n"

#endif
