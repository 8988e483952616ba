/* composer_html: writes the composer's form; see composer.h. */
#include "cgi/console/composer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

enum { FIELD = 48, IMAGE_CHOICES = 200 };

static const char accepted[] =
    "image/*,audio/*,video/*,.amr,.vcf,.vcard,.ics,.ical,.ifb,.icalendar,.pdf";

static const struct console_option kinds[] = {
	{ "", "Detect automatically" },
	{ "image", "Image" },
	{ "audio", "Audio" },
	{ "video", "Video" },
	{ "vcard", "Contact" },
	{ "ical", "Calendar" },
	{ "pdf", "PDF" },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* The account's image templates, as options. The first option is no image template. */
struct image_choice {
	struct console_option option[IMAGE_CHOICES];
	size_t n;
};

static void
read_image_templates(struct console *c, struct image_choice *p)
{
	struct image_template *it;
	uint64_t after = 0;
	enum store_rc rc = ST_OK;

	p->option[p->n++] = (struct console_option){ "", "None" };
	while (rc == ST_OK && p->n < IMAGE_CHOICES) {
		const uint64_t was = after;
		const char *id;

		rc = store_image_next(c->app->store, c->account.id, &after, c->arena, &it);
		if (rc == ST_OK && (id = arena_printf(c->arena, "%" PRIu64, it->id)) != NULL)
			p->option[p->n++] = (struct console_option){ id, it->name };
		else if (console_pass_by(rc, after != was, "image template %" PRIu64, after))
			rc = ST_OK;
	}
	if (rc != ST_OK && rc != ST_NOTFOUND)
		log_error("listing image templates: %s", store_rc_text(rc));
}

/* --- a slide ----------------------------------------------------------------------- */

static const char *
name_of(struct console *c, size_t slide, const char *what, size_t row)
{
	const char *name = row == 0 ? arena_printf(c->arena, "slide_%zu_%s", slide, what) :
				      arena_printf(c->arena, "slide_%zu_%s_%zu", slide, what, row);

	return name != NULL ? name : "";
}

static bool
focused(const struct composer_form *f, const char *id)
{
	return strcmp(f->focus, id) == 0;
}

/* Writes what a kept file is, and the hidden field that sends its ticket with the form. */
static void
write_kept(struct console *c, size_t slide, size_t row, const struct console_upload *u)
{
	enum format fm = format_by_mime(u->type);
	char size[CONSOLE_SIZE];

	console_size(u->bytes, size);
	console_hidden(c, name_of(c, slide, "kept", row), console_upload_ticket(c, UPLOAD_FILE, u));
	buf_adds(c->out, "<p class=\"kept\">");
	if (fm != FORMAT_NONE && format_kind(fm) == KIND_IMAGE)
		html_open(c->out, "img", "src", console_media(c, u->sha, fm), "alt", "", NULL);
	html_elem(c->out, "span", arena_printf(c->arena, "%s, %s", u->name, size));
	buf_adds(c->out, "</p>\n");
}

static void
write_medium(struct console *c, const struct composer_form *f, size_t n, size_t row)
{
	const struct composer_slide *s = &f->slide[n - 1];
	const struct composer_medium *m = &s->medium[row - 1];
	const char *number = s->nmedium > 1 ? arena_printf(c->arena, " %zu", row) : "";
	const struct console_input url = { .name = name_of(c, n, "url", row),
		.type = "url",
		.inputmode = "url",
		.label = arena_printf(c->arena, "Media URL%s", number),
		.value = m->url,
		.autocomplete = "off",
		.focus = focused(f, name_of(c, n, "url", row)) };
	const struct console_input file = { .name = name_of(c, n, "file", row),
		.label = "Upload a file" };
	const struct console_input kind = { .name = name_of(c, n, "kind", row),
		.label = "Media type",
		.value = m->kind };

	buf_adds(c->out, "<div class=\"medium fields\">\n");
	if (m->file.name != NULL) {
		write_kept(c, n, row, &m->file);
	} else {
		console_input(c, &url);
		console_pick(c, &file, accepted);
	}
	console_select(c, &kind, kinds, KINDS);
	if (s->nmedium > 1 || m->file.name != NULL) {
		buf_adds(c->out, "<p class=\"buttons\">");
		console_do(c,
		    &(struct console_do){ .value = arena_printf(c->arena, "drop-%zu-%zu", n, row),
			.text = "Remove",
			.class = "second small",
			.label = arena_printf(c->arena, "Remove medium %zu from slide %zu", row,
			    n) });
		buf_adds(c->out, "</p>\n");
	}
	buf_adds(c->out, "</div>\n");
}

static void
write_move(struct console *c, const struct composer_form *f, size_t n)
{
	static const struct {
		const char *word, *text;
	} moves[] = { { "up", "↑ Up" }, { "down", "↓ Down" }, { "remove", "Remove" } };
	const char *labels[] = { arena_printf(c->arena, "Move slide %zu up", n),
		arena_printf(c->arena, "Move slide %zu down", n),
		arena_printf(c->arena, "Remove slide %zu", n) };

	buf_adds(c->out, "<p class=\"moves\">");
	for (size_t i = 0; i < 3; i++) {
		const char *value = arena_printf(c->arena, "%s-%zu", moves[i].word, n);

		if (value == NULL || (i == 0 && n == 1) || (i == 1 && n == f->nslide))
			continue;
		console_do(c,
		    &(struct console_do){ .value = value,
			.text = moves[i].text,
			.id = value,
			.label = labels[i],
			.class = i == 2 ? "second small danger" : "second small",
			.focus = focused(f, value) });
	}
	buf_adds(c->out, "</p>\n");
}

static void
write_slide(struct console *c, const struct composer_form *f, const struct composer_report *r,
    const struct image_choice *p, size_t n)
{
	const struct composer_slide *s = &f->slide[n - 1];
	const struct console_input text = { .name = name_of(c, n, "text", 0),
		.label = "Text",
		.value = s->text,
		.type = "textarea",
		.focus = focused(f, name_of(c, n, "text", 0)) };
	const struct console_input image = { .name = name_of(c, n, "picture", 0),
		.label = "Personal image",
		.value = s->image_template };
	const struct console_input seconds = { .name = name_of(c, n, "duration", 0),
		.label = "Duration (seconds)",
		.value = s->duration,
		.inputmode = "numeric",
		.autocomplete = "off" };

	html_open(c->out, "fieldset", "class", r->slide == n ? "slide faulty" : "slide", "id",
	    arena_printf(c->arena, "slide-%zu", n), NULL);
	html_elem(c->out, "legend", arena_printf(c->arena, "Slide %zu", n));
	write_move(c, f, n);
	console_hidden(c, name_of(c, n, "media", 0), arena_printf(c->arena, "%zu", s->nmedium));
	if (r->slide == n)
		console_say(c, "why",
		    arena_printf(c->arena, "%s: %s", error_code(r->failure.code), r->info));
	console_input(c, &text);
	for (size_t m = 1; m <= s->nmedium; m++)
		write_medium(c, f, n, m);
	if (s->nmedium < COMPOSER_MEDIA)
		console_do(c,
		    &(struct console_do){ .value = arena_printf(c->arena, "medium-%zu", n),
			.text = "Add media",
			.class = "second small",
			.label = arena_printf(c->arena, "Add media to slide %zu", n) });
	buf_adds(c->out, "<div class=\"fields\">\n");
	if (p->n > 1)
		console_select(c, &image, p->option, p->n);
	else if (s->image_template[0] != '\0')
		console_hidden(c, image.name, s->image_template);
	console_input(c, &seconds);
	buf_adds(c->out, "</div></fieldset>\n");
}

/* --- the whole form -------------------------------------------------------------------- */

static void
write_head(struct console *c, const struct composer_form *f)
{
	const struct console_input in[] = {
		{ .name = "name",
		    .label = "Name",
		    .value = f->name,
		    .autocomplete = "off",
		    .hint = "Recipients do not see it." },
		{ .name = "subject",
		    .label = "Subject",
		    .value = f->subject,
		    .autocomplete = "off" },
		{ .name = "fallbacksmstext",
		    .label = "Fallback SMS text",
		    .value = f->fallback,
		    .type = "textarea",
		    .class = "wide" },
		{ .name = "client_reference",
		    .label = "Client reference",
		    .value = f->reference,
		    .autocomplete = "off",
		    .hint = "Included in postbacks." },
	};
	const struct console_input no = { .name = "disablefallbacksms",
		.label = "Disable fallback SMS",
		.value = f->no_fallback };
	const struct console_input no_link = { .name = "disablefallbacksmslink",
		.label = "Omit the link from the SMS",
		.value = f->no_fallback_link };

	buf_adds(c->out, "<fieldset><legend>The MMS</legend><div class=\"fields\">\n");
	for (size_t i = 0; i < sizeof in / sizeof in[0]; i++)
		console_input(c, &in[i]);
	buf_adds(c->out, "<div>\n");
	console_tick(c, &no);
	console_tick(c, &no_link);
	buf_adds(c->out, "</div></div></fieldset>\n");
}

void
composer_write_form(struct console *c, const struct composer_form *f,
    const struct composer_report *r)
{
	struct image_choice *p = arena_zalloc(c->arena, sizeof *p);

	if (p == NULL)
		return; /* the answer will find this, too */
	read_image_templates(c, p);
	console_form_files(c, "compose", "composer", "compose/check");
	console_do_first(c, "look");
	console_hidden(c, "slides", arena_printf(c->arena, "%zu", f->nslide));
	write_head(c, f);
	for (size_t n = 1; n <= f->nslide; n++)
		write_slide(c, f, r, p, n);
	buf_adds(c->out, "<p class=\"buttons\">");
	console_do(c,
	    &(struct console_do){ .value = "add",
		.text = "Add slide",
		.class = "second",
		.id = "add",
		.focus = focused(f, "add") });
	console_do(c,
	    &(struct console_do){ .value = "check",
		.text = "Check with media",
		.class = "second" });
	console_do(c, &(struct console_do){ .value = "save", .text = "Save" });
	buf_adds(c->out, "</p>\n");
	console_form_end(c);
}
