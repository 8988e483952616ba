/*
 * media_table: writes a table for each medium, with what arrived and what was made of it. The
 * stored data tell why a rendition is what it is: if an image is smaller than it arrived, the
 * table says which limit made it so.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgi/console/template_page.h"
#include "cgi/console/media_table.h"

/* Returns "1200 × 900", or "" for a medium without sides. */
static const char *
dimensions(struct console *c, uint32_t w, uint32_t h)
{
	return w != 0 ? arena_printf(c->arena, "%" PRIu32 " × %" PRIu32, w, h) : "";
}

static const char *
seconds(struct console *c, uint32_t ms)
{
	return ms != 0 ?
	    arena_printf(c->arena, "%" PRIu32 ".%" PRIu32 " s", ms / 1000, ms % 1000 / 100) :
	    "";
}

/* Returns the quality as the encoder counts it: 1 to 100 for a JPEG, the likeness to the source
 * in percent for a GIF, else kbit/s. */
static const char *
quality(struct console *c, const struct rendition *r)
{
	if (r->quality == 0)
		return "";
	if (r->format == FORMAT_JPEG)
		return arena_printf(c->arena, "JPEG quality %" PRIu32, r->quality);
	if (r->format == FORMAT_GIF)
		return arena_printf(c->arena, "similarity %" PRIu32 " %%", r->quality);
	return arena_printf(c->arena, "%" PRIu32 " kbit/s", r->quality);
}

static const struct class *
class_of(struct console *c, const char *name)
{
	const struct settings *s = &c->app->settings;

	for (unsigned i = 0; i < s->nclass; i++)
		if (strcmp(s->class[i].name, name) == 0)
			return &s->class[i];
	return NULL;
}

/* Returns why the rendition is what it is. */
static const char *
reason(struct console *c, const struct medium *m, const struct rendition *r)
{
	const struct class *k = class_of(c, r->class);
	uint32_t longest = r->width > r->height ? r->width : r->height;
	uint32_t was = m->width > m->height ? m->width : m->height;
	char limit[CONSOLE_SIZE];

	if (k == NULL)
		return "Made for a class that no longer exists";
	console_size(k->bytes, limit);
	if (strcmp(r->sha, m->sha) == 0)
		return "Original, unchanged";
	if (was == 0 || longest == 0 || longest == was)
		return r->quality < m->rendition[m->nrendition - 1].quality ?
		    arena_printf(c->arena, "Lower quality, so that the message fits in %s", limit) :
		    "Optimised; metadata removed";
	if (longest >= k->box)
		return arena_printf(c->arena, "Resized to the %" PRIu32 " pixels of class %s",
		    k->box, k->name);
	return arena_printf(c->arena, "Resized further, so that the message fits in %s", limit);
}

static void
cell(struct console *c, const char *name, const char *text)
{
	html_open(c->out, "td", "data-name", name, NULL);
	html_text(c->out, text);
	html_close(c->out, "td");
}

static void
write_source(struct console *c, const struct medium *m)
{
	char size[CONSOLE_SIZE];

	console_size(m->bytes, size);
	buf_adds(c->out, "<tr><th scope=\"row\">");
	if (m->format != FORMAT_NONE)
		console_link(c, console_media(c, m->sha, m->format), "Original", NULL);
	else
		buf_adds(c->out, "Original");
	buf_adds(c->out, "</th>");
	cell(c, "Size", size);
	cell(c, "Format", m->format != FORMAT_NONE ? format_mime(m->format) : "unknown");
	cell(c, "Dimensions", dimensions(c, m->width, m->height));
	cell(c, "Duration", seconds(c, m->ms));
	cell(c, "Quality", "");
	cell(c, "Notes",
	    arena_printf(c->arena, "Received as %s",
		m->mime[0] != '\0' ? m->mime : "an undeclared type"));
	buf_adds(c->out, "</tr>\n");
}

static void
write_rendition(struct console *c, const struct medium *m, const struct rendition *r)
{
	char size[CONSOLE_SIZE];

	console_size(r->bytes, size);
	buf_adds(c->out, "<tr><th scope=\"row\">");
	console_link(c, console_media(c, r->sha, r->format),
	    arena_printf(c->arena, "Class %s", r->class), NULL);
	buf_adds(c->out, "</th>");
	cell(c, "Size", size);
	cell(c, "Format", format_mime(r->format));
	cell(c, "Dimensions", dimensions(c, r->width, r->height));
	cell(c, "Duration", seconds(c, r->ms));
	cell(c, "Quality", quality(c, r));
	cell(c, "Notes", reason(c, m, r));
	buf_adds(c->out, "</tr>\n");
}

static void
write_medium(struct console *c, const struct template *t, size_t slide, const struct medium *m)
{
	static const char *const kinds[KIND_COUNT] = {
		[KIND_IMAGE] = "image",
		[KIND_AUDIO] = "audio",
		[KIND_VIDEO] = "video",
		[KIND_VCARD] = "contact",
		[KIND_ICAL] = "calendar",
		[KIND_PDF] = "PDF",
	};
	static const char *const head[] = { "Version", "Size", "Format", "Dimensions", "Duration",
		"Quality", "Notes", NULL };
	const char *title = arena_printf(c->arena, "Slide %zu: %s", slide, kinds[m->kind]);

	buf_adds(c->out, "<div class=\"paper\">\n");
	html_elem(c->out, "h3", title);
	html_open(c->out, "p", "class", "hint", NULL);
	html_elem(c->out, "code", m->url);
	html_close(c->out, "p");
	if (m->state == MEDIUM_FAILED)
		console_say(c, "wrong", m->why != NULL ? m->why : "Encoding failed.");
	else if (m->state == MEDIUM_WAITING)
		console_say(c, "hint", "Encoding is still in progress.");
	console_table_open(c, title, "media", head);
	write_source(c, m);
	for (size_t i = 0; i < m->nrendition; i++)
		write_rendition(c, m, &m->rendition[i]);
	console_table_close(c);
	if (m->nrendition == 0 && m->state == MEDIUM_READY)
		console_say(c, "hint",
		    kind_is_object(m->kind) ? "Contacts, calendars and PDFs are never changed." :
			t->transcoding      ? "There are no renditions." :
					      "Transcoding is off. The original is sent.");
	buf_adds(c->out, "</div>\n");
}

void
console_media_table(struct console *c, const struct template *t)
{
	bool any = false;

	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++, any = true)
			write_medium(c, t, i + 1, &t->slide[i].medium[k]);
	if (!any)
		console_say(c, "hint", "This MMS contains only text.");
}
