/*
 * composer_report: writes what is known of an MMS that is being composed: the rule that it
 * breaks, its merge tags, its size in each class, and its request. See composer.h.
 */
#include <string.h>

#include "cgi/console/composer.h"
#include "media/forecast.h"
#include "model/mergetag.h"

enum { TAGS = 64 };

/* --- the verdict --------------------------------------------------------------------- */

static void
write_failure(struct console *c, const struct composer_report *r)
{
	html_open(c->out, "p", "class", "wrong", NULL);
	html_elem(c->out, "strong", error_code(r->failure.code));
	buf_addc(c->out, ' ');
	html_text(c->out, r->info);
	if (r->slide != 0) {
		buf_addc(c->out, ' ');
		console_link(c, arena_printf(c->arena, "#slide-%lu", r->slide), "Go to the slide",
		    NULL);
	}
	buf_adds(c->out, "</p>\n");
	if (r->failure.note != NULL)
		console_say(c, "hint", r->failure.note);
}

static void
write_verdict(struct console *c, const struct composer_form *f, const struct composer_report *r)
{
	buf_adds(c->out, "<div role=\"status\" id=\"verdict\">");
	if (f->trouble != NULL)
		console_say(c, "wrong", f->trouble);
	if (r->failure.code != E_NONE) {
		if (r->saving)
			console_say(c, "hint", "Not saved:");
		write_failure(c, r);
	} else if (r->tried) {
		console_say(c, "done", "Ready to save");
	} else {
		console_say(c, "done",
		    "No errors so far. The media are checked by Check with media and by Save.");
	}
	buf_adds(c->out, "</div>\n");
}

/* Warns of several media of one kind on a slide, of which the API takes the first. */
static void
write_doubles(struct console *c, const struct composer_form *f)
{
	for (size_t i = 0; i < f->nslide; i++) {
		unsigned seen = 0;

		for (size_t m = 0; m < f->slide[i].nmedium; m++) {
			const struct composer_medium *row = &f->slide[i].medium[m];

			if (!composer_has(row))
				continue;
			if (seen & 1U << composer_kind(row))
				console_say(c, "hint",
				    arena_printf(c->arena,
					"Slide %zu has more than one %s. Only the first is used.",
					i + 1, kind_pair(composer_kind(row))));
			seen |= 1U << composer_kind(row);
		}
		if (f->slide[i].image_template[0] != '\0' && seen & 1U << KIND_IMAGE)
			console_say(c, "hint",
			    arena_printf(c->arena,
				"Slide %zu has an image and a personal image. "
				"Only the image is used.",
				i + 1));
	}
}

/* --- merge tags ---------------------------------------------------------------------- */

struct tags {
	struct mergetag_piece v[TAGS];
	size_t n;
};

static void
collect(struct tags *tags, const char *text)
{
	struct mergetag_reader rd;
	struct mergetag_piece p;
	size_t i;

	if (text == NULL)
		return;
	mergetag_start(&rd, text);
	while (mergetag_next(&rd, &p)) {
		if (!p.tag)
			continue;
		for (i = 0; i < tags->n; i++)
			if (tags->v[i].n == p.n && memcmp(tags->v[i].p, p.p, p.n) == 0)
				break;
		if (i == tags->n && tags->n < TAGS)
			tags->v[tags->n++] = p;
	}
}

static void
write_tags(struct console *c, const struct request *q)
{
	struct tags tags = { .n = 0 };

	collect(&tags, q->subject);
	collect(&tags, q->fallback);
	for (size_t i = 0; i < q->nslide; i++)
		collect(&tags, q->slide[i].text);
	buf_adds(c->out, "<h3>Merge tags</h3>\n");
	if (tags.n == 0) {
		console_say(c, "hint",
		    "None. A tag such as {$name|default} is filled in for each recipient.");
		return;
	}
	buf_adds(c->out, "<ul class=\"tags\">\n");
	for (size_t i = 0; i < tags.n; i++) {
		const struct mergetag_piece *p = &tags.v[i];

		buf_adds(c->out, "<li><code>");
		html_bytes(c->out, p->name, p->namelen);
		buf_adds(c->out, "</code> ");
		html_text(c->out, p->deflen > 0 ? "default “" : "no default");
		html_bytes(c->out, p->def, p->deflen);
		html_text(c->out, p->deflen > 0 ? "”" : NULL);
		buf_adds(c->out, "</li>\n");
	}
	buf_adds(c->out, "</ul>\n");
}

/* --- forecast ------------------------------------------------------------------------- */

static const char *
verdict_text(struct console *c, const struct forecast *f)
{
	switch (f->verdict) {
	case FORECAST_FITS:
		return "fits";
	case FORECAST_SMALLER:
		return "fits when optimised";
	case FORECAST_LINK:
		return "too large, sent as a link";
	case FORECAST_LATER:
		return "known after encoding";
	case FORECAST_OPEN:
		break;
	}
	return arena_printf(c->arena, "%zu medi%s of unknown size", f->unknown,
	    f->unknown == 1 ? "um" : "a");
}

static void
write_forecast(struct console *c, const struct template *t)
{
	struct forecast all[CLASS_MAX];

	forecast(&c->app->settings, t, all);
	buf_adds(c->out,
	    "<h3 id=\"forecast\">Classes</h3>\n<table aria-labelledby=\"forecast\">\n<thead><tr><th scope=\"col\">Class</th>"
	    "<th scope=\"col\">Media</th><th scope=\"col\">Space for media</th>"
	    "<th scope=\"col\">Forecast</th></tr></thead>\n<tbody>\n");
	for (unsigned i = 0; i < c->app->settings.nclass; i++) {
		const struct class *cl = &c->app->settings.class[i];
		struct forecast f = all[i];
		char known[CONSOLE_SIZE], room[CONSOLE_SIZE];

		console_size(f.known, known);
		console_size(f.room, room);
		html_open(c->out, "tr", NULL);
		html_open(c->out, "th", "scope", "row", NULL);
		html_text(c->out, cl->name);
		buf_adds(c->out, "</th>");
		html_elem(c->out, "td", f.unknown > 0 && f.known == 0 ? "?" : known);
		html_elem(c->out, "td", room);
		html_open(c->out, "td", "class",
		    f.verdict == FORECAST_LINK      ? "bad" :
			f.verdict >= FORECAST_LATER ? NULL :
						      "good",
		    NULL);
		html_text(c->out, verdict_text(c, &f));
		buf_adds(c->out, "</td></tr>\n");
	}
	buf_adds(c->out, "</tbody></table>\n");
}

/* --- the request ----------------------------------------------------------------------- */

static void
write_xml(struct console *c, const struct composer_form *f, const struct composer_report *r)
{
	bool files = false;

	for (size_t i = 0; i < f->nslide; i++)
		for (size_t m = 0; m < f->slide[i].nmedium; m++)
			files = files || f->slide[i].medium[m].file.name != NULL;
	buf_adds(c->out, "<details id=\"request\"><summary>View API request</summary>\n");
	if (files)
		console_say(c, "hint",
		    "Uploaded files have no URL. In your own request, replace upload:NAME with one.");
	console_copy(c,
	    &(struct console_input){ .name = "xml",
		.label = "saveMMS request (XML)",
		.value = r->xml,
		.type = "textarea" });
	buf_adds(c->out, "<p class=\"buttons\">");
	console_copy_button(c, "xml");
	buf_adds(c->out, "</p>\n</details>\n");
}

void
composer_write_report(struct console *c, const struct composer_form *f,
    const struct composer_report *r)
{
	html_open(c->out, "section", "id", "report", "class", "paper report", "aria-labelledby",
	    "report-title", NULL);
	buf_adds(c->out, "<h2 id=\"report-title\">Check</h2>\n");
	write_verdict(c, f, r);
	write_doubles(c, f);
	if (r->t != NULL)
		write_forecast(c, r->t);
	write_tags(c, r->request);
	write_xml(c, f, r);
	buf_adds(c->out, "</section>\n");
}
