/*
 * render_draw: draws the texts and the barcode over one background. What does not depend on the
 * recipient is drawn once; each personal image starts as a copy of that.
 */
#include "transcode/personal/render_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transcode/personal/render_barcode.h"
#include "transcode/personal/render_parts.h"
#include "transcode/personal/render_text.h"

static bool
barcode_varies(const struct image_barcode *b)
{
	return image_text_varies(b->text) || image_text_varies(b->caption);
}

/* Returns the text for this recipient: value, or text if it does not vary. */
static const char *
pick(const char *text, const char *value)
{
	return value != NULL ? value : text;
}

/* Draws the parts that vary (v not NULL) or those that do not. Returns false with why. */
static bool
draw_parts(struct canvas *c, const struct image_template *it, const struct render_values *v,
    char why[TRANSCODE_WHY])
{
	const struct image_barcode *b = it->barcode;

	for (size_t i = 0; i < it->narea; i++) {
		const struct image_area *a = &it->area[i];

		if (image_text_varies(a->text) != (v != NULL))
			continue;
		if (!render_text_draw(c, a, pick(a->text, v != NULL ? v->text[i] : NULL))) {
			(void)snprintf(why, TRANSCODE_WHY, "out of memory");
			return false;
		}
	}
	if (b == NULL || barcode_varies(b) != (v != NULL))
		return true;
	return render_code_draw(c, b, pick(b->text, v != NULL ? v->code : NULL),
	    pick(b->caption, v != NULL ? v->caption : NULL), why);
}

bool
render_begin(struct render_drawing *p, const struct image_template *it, struct pixels *background,
    char why[TRANSCODE_WHY])
{
	size_t n = (size_t)it->width * it->height * 3;

	why[0] = '\0';
	*p = (struct render_drawing){ .it = it, .bytes = n };
	if (pixels_width(background) != it->width || pixels_height(background) != it->height) {
		(void)snprintf(why, TRANSCODE_WHY,
		    "the background has another size than its record says");
		return false;
	}
	p->base = (struct canvas){ malloc(n), it->width, it->height };
	p->now = (struct canvas){ malloc(n), it->width, it->height };
	if (p->base.rgb == NULL || p->now.rgb == NULL ||
	    pixels_to_rgb(background, p->base.rgb) != 0) {
		(void)snprintf(why, TRANSCODE_WHY, "out of memory");
		return false;
	}
	return draw_parts(&p->base, it, NULL, why);
}

bool
render_make(struct render_drawing *p, const struct render_values *v, char why[TRANSCODE_WHY])
{
	why[0] = '\0';
	memcpy(p->now.rgb, p->base.rgb, p->bytes);
	return draw_parts(&p->now, p->it, v, why);
}
