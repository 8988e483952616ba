/*
 * render_text: draws the texts of an image with Pango and Cairo; only this file includes their
 * headers. (libvips' own text operation reads markup, cannot cut with an ellipsis, and fits a text
 * only by enlarging it.)
 *
 * Nothing outside the box changes, whatever the text is. Known limit: a character that no
 * installed font has is drawn as a box with its number.
 */
#include "transcode/personal/render_parts.h"
#include "transcode/personal/render_text.h"

#include <string.h>

#include <pango/pangocairo.h>

static PangoContext *context;

unsigned
render_text_unknown(const char *text)
{
	PangoLayout *l = pango_layout_new(context);
	int n;

	pango_layout_set_text(l, text, -1);
	n = pango_layout_get_unknown_glyphs_count(l);
	g_object_unref(l);
	return n > 0 ? (unsigned)n : 0;
}

bool
render_text_setup(void)
{
	PangoFontMap *map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	cairo_font_options_t *o = cairo_font_options_create();

	if (map == NULL || cairo_font_options_status(o) != CAIRO_STATUS_SUCCESS)
		return false;
	context = pango_font_map_create_context(map);
	/* grey edges, because the colored ones for screens are wrong in an image that is scaled */
	cairo_font_options_set_antialias(o, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(context, o);
	cairo_font_options_destroy(o);
	g_object_unref(map);                   /* the context holds a reference */
	return render_text_unknown("Aa") == 0; /* else Pango would draw boxes */
}

/* Sets the font size in pixels. Returns whether the text stays within the box. */
static bool
fits(PangoLayout *l, PangoFontDescription *d, const struct image_box *b, uint32_t size)
{
	int w, h;

	pango_font_description_set_absolute_size(d, (double)size * PANGO_SCALE);
	pango_layout_set_font_description(l, d);
	pango_layout_get_pixel_size(l, &w, &h);
	return w <= (int)b->width && h <= (int)b->height;
}

/* Sets the largest size up to the area's at which the text fits; if none does, sets the smallest
 * size and cuts the text. */
static void
shrink(PangoLayout *l, PangoFontDescription *d, const struct image_area *a)
{
	uint32_t lo = RENDER_FONT_FLOOR, hi = a->size;

	if (fits(l, d, &a->box, hi))
		return;
	if (hi <= lo || !fits(l, d, &a->box, lo)) {
		pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
		pango_layout_set_height(l, (int)a->box.height * PANGO_SCALE);
		pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
		(void)fits(l, d, &a->box, hi < lo ? hi : lo);
		return;
	}
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (fits(l, d, &a->box, mid))
			lo = mid;
		else
			hi = mid;
	}
	(void)fits(l, d, &a->box, lo);
}

static PangoLayout *
lay_out(const struct image_area *a, const char *text)
{
	static const PangoAlignment aligns[IMAGE_ALIGNS] = {
		[IMAGE_LEFT] = PANGO_ALIGN_LEFT,
		[IMAGE_CENTER] = PANGO_ALIGN_CENTER,
		[IMAGE_RIGHT] = PANGO_ALIGN_RIGHT,
	};
	PangoLayout *l = pango_layout_new(context);
	PangoFontDescription *d = pango_font_description_from_string(a->font);

	pango_layout_set_width(l, (int)a->box.width * PANGO_SCALE);
	pango_layout_set_wrap(l, PANGO_WRAP_WORD);
	pango_layout_set_alignment(l, aligns[a->align]);
	pango_layout_set_text(l, text, -1);
	shrink(l, d, a);
	pango_font_description_free(d);
	return l;
}

static unsigned char
mix(unsigned over, unsigned under, unsigned alpha)
{
	unsigned v = over + (under * (255 - alpha) + 127) / 255;

	return (unsigned char)(v > 255 ? 255 : v);
}

/* Blends Cairo's pixels (alpha first, the other channels multiplied by it) over the canvas. */
static void
blend(struct canvas *c, const struct image_box *b, cairo_surface_t *s)
{
	const unsigned char *from = cairo_image_surface_get_data(s);
	size_t stride = (size_t)cairo_image_surface_get_stride(s);

	for (uint32_t y = 0; y < b->height; y++) {
		unsigned char *to = c->rgb + ((size_t)(b->y + y) * c->width + b->x) * 3;

		for (uint32_t x = 0; x < b->width; x++, to += 3) {
			uint32_t p;

			memcpy(&p, from + y * stride + x * sizeof p, sizeof p);
			if (p >> 24 == 0)
				continue;
			to[0] = mix(p >> 16 & 255, to[0], p >> 24);
			to[1] = mix(p >> 8 & 255, to[1], p >> 24);
			to[2] = mix(p & 255, to[2], p >> 24);
		}
	}
}

bool
render_text_draw(struct canvas *c, const struct image_area *a, const char *text)
{
	cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)a->box.width,
	    (int)a->box.height);
	cairo_t *cr = cairo_create(s);
	PangoLayout *l = lay_out(a, text);
	int w, h, room;
	bool ok;

	pango_layout_get_pixel_size(l, &w, &h);
	room = (int)a->box.height - h;
	cairo_move_to(cr, 0, room > 0 ? room / 2 : 0);
	cairo_set_source_rgb(cr, (a->color >> 16 & 255) / 255.0, (a->color >> 8 & 255) / 255.0,
	    (a->color & 255) / 255.0);
	pango_cairo_show_layout(cr, l);
	g_object_unref(l);
	ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
	cairo_destroy(cr);
	cairo_surface_flush(s);
	if (ok)
		blend(c, &a->box, s);
	cairo_surface_destroy(s);
	return ok;
}
