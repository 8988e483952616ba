/* builder_html: writes the builder's form and its preview; see builder.h. */
#include "cgi/console/builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct console_option aligns[] = { { "left", "Left" }, { "center", "Center" },
	{ "right", "Right" } };

static const struct console_option codes[IMAGE_CODES] = {
	{ "qr", "QR" },
	{ "aztec", "Aztec" },
	{ "datamatrix", "Data Matrix" },
	{ "pdf417", "PDF417" },
	{ "code128", "Code 128" },
	{ "code39", "Code 39" },
	{ "code11", "Code 11" },
	{ "ean", "EAN" },
	{ "interleaved2of5", "Interleaved 2 of 5" },
	{ "upca", "UPC-A" },
};

static bool
focused(const struct builder_form *f, const char *id)
{
	return strcmp(f->focus, id) == 0;
}

/* --- parts ------------------------------------------------------------------------------ */

static void
write_key(struct console *c, const struct builder_form *f, const char *prefix,
    const struct builder_key *k, const char *value)
{
	const char *name = arena_printf(c->arena, "%s_%s", prefix, k->key);
	bool plain = strcmp(k->type, "text") == 0, area = strcmp(k->type, "textarea") == 0;
	const struct console_input in = { .name = name != NULL ? name : "",
		.label = k->label,
		.value = value,
		.type = plain ? NULL : k->type,
		.autocomplete = "off",
		.class = area || strcmp(k->key, "text") == 0 || strcmp(k->key, "caption") == 0 ?
		    "wide" :
		    NULL,
		.focus = name != NULL && focused(f, name) };

	if (strcmp(k->type, "align") == 0)
		console_select(c, &in, aligns, sizeof aligns / sizeof aligns[0]);
	else if (strcmp(k->type, "code") == 0)
		console_select(c, &in, codes, IMAGE_CODES);
	else
		console_input(c, &in);
}

static void
write_part(struct console *c, const struct builder_form *f, size_t number)
{
	const char *title = number == IMAGE_AREAS ?
	    "Barcode" :
	    arena_printf(c->arena, "Text area %zu", number + 1);
	char prefix[BUILDER_PART];

	(void)builder_prefix(prefix, number);
	html_open(c->out, "fieldset", "class", "part", "data-part", prefix, "data-title", title,
	    NULL);
	html_elem(c->out, "legend", title);
	buf_adds(c->out, "<div class=\"numbers\">\n");
	for (size_t k = 0; k < BUILDER_KEYS; k++)
		write_key(c, f, prefix, &builder_keys(number)[k],
		    builder_part(f, number)->value[k]);
	buf_adds(c->out, "</div>\n<p class=\"buttons\">");
	console_do(c,
	    &(struct console_do){ .text = "Remove",
		.class = "second small danger",
		.value = number == IMAGE_AREAS ? "no-code" :
						 arena_printf(c->arena, "remove-%zu", number + 1),
		.label = arena_printf(c->arena, "Remove: %s", title) });
	buf_adds(c->out, "</p></fieldset>\n");
}

/* --- the form ------------------------------------------------------------------------------ */

static void
write_background(struct console *c, const struct builder_form *f)
{
	const struct console_input name = { .name = "name",
		.label = "Name",
		.value = f->name,
		.autocomplete = "off" };
	const struct console_input url = { .name = "url",
		.label = "Background URL",
		.value = f->url,
		.type = "url",
		.inputmode = "url",
		.autocomplete = "off" };
	const struct console_input file = { .name = "file",
		.label = "Upload a file",
		.hint = "A still image, ideally 640 × 1138 pixels." };
	uint32_t w, h;

	buf_adds(c->out, "<fieldset><legend>The image template</legend>\n");
	console_input(c, &name);
	if (builder_sides(f, &w, &h)) {
		console_hidden(c, "kept",
		    console_upload_ticket(c, UPLOAD_BACKGROUND, &f->background));
		buf_adds(c->out, "<p class=\"kept\">");
		html_open(c->out, "img", "src", console_media(c, f->background.sha, FORMAT_JPEG),
		    "alt", "", NULL);
		html_elem(c->out, "span",
		    arena_printf(c->arena, "Background: %" PRIu32 " × %" PRIu32 " pixels.", w, h));
		buf_adds(c->out, "</p>\n<details><summary>Replace the background</summary>\n");
	}
	buf_adds(c->out, "<div class=\"fields\">\n");
	console_input(c, &url);
	console_pick(c, &file, "image/jpeg,image/png,image/gif,image/webp");
	buf_adds(c->out, "</div>\n");
	if (f->background.name != NULL)
		html_close(c->out, "details");
	html_close(c->out, "fieldset");
}

static void
write_buttons(struct console *c, const struct builder_form *f)
{
	bool ready = f->background.name != NULL;

	buf_adds(c->out, "<p class=\"buttons\">");
	if (ready && f->narea < IMAGE_AREAS)
		console_do(c,
		    &(struct console_do){ .value = "add",
			.text = "Add text area",
			.class = "second",
			.id = "add",
			.focus = focused(f, "add") });
	if (ready && !f->has_code)
		console_do(c,
		    &(struct console_do){ .value = "code",
			.text = "Add barcode",
			.class = "second",
			.id = "code",
			.focus = focused(f, "code") });
	console_do(c,
	    &(struct console_do){ .value = "look",
		.text = ready ? "Preview" : "Continue",
		.class = ready ? "second" : NULL });
	if (ready)
		console_do(c, &(struct console_do){ .value = "save", .text = "Save" });
	if (f->id != 0)
		console_do(c,
		    &(struct console_do){ .value = "save-new",
			.text = "Save as new",
			.class = "second" });
	buf_adds(c->out, "</p>\n");
	if (f->id != 0)
		console_say(c, "hint",
		    "Messages that are still to be sent will use what you save here.");
}

static void
write_preview(struct console *c, const struct builder_form *f, const char *sha)
{
	char width[16], height[16];
	uint32_t w = 0, h = 0;

	html_open(c->out, "section", "class", "paper report first", "aria-labelledby",
	    "preview-title", NULL);
	buf_adds(c->out,
	    "<h2 id=\"preview-title\">Preview</h2>\n<div role=\"status\" id=\"verdict\">");
	if (f->why[0] != '\0')
		console_say(c, "wrong", f->why);
	buf_adds(c->out, "</div>\n");
	if (builder_sides(f, &w, &h)) {
		(void)snprintf(width, sizeof width, "%" PRIu32, w);
		(void)snprintf(height, sizeof height, "%" PRIu32, h);
		html_open(c->out, "div", "id", "stage", "data-width", width, "data-height", height,
		    NULL);
		html_open(c->out, "img", "src",
		    console_media(c, sha[0] != '\0' ? sha : f->background.sha, FORMAT_JPEG), "alt",
		    sha[0] != '\0' ? "Preview with the default values of the merge tags" :
				     "Background only",
		    "width", width, "height", height, NULL);
		buf_adds(c->out,
		    "</div>\n<p class=\"hint\">Merge tags show their default values."
		    "<span class=\"scripted\" hidden> Drag a frame to move it, or its lower right "
		    "corner to resize it. With the keyboard, the arrow keys move it, and Shift "
		    "with an arrow key resizes it. Hold Ctrl for steps of ten pixels.</span></p>\n");
	} else {
		console_say(c, "hint", "The preview appears when there is a background.");
	}
	html_close(c->out, "section");
}

void
builder_write(struct console *c, const struct builder_form *f, const char *sha)
{
	buf_adds(c->out, "<div id=\"builder\" class=\"beside\">\n");
	console_form_files(c,
	    f->id != 0 ? arena_printf(c->arena, "pictures/%" PRIu64, f->id) : "pictures/new",
	    "picture", "pictures/preview");
	console_do_first(c, "look");
	if (f->id != 0)
		console_hidden(c, "id", arena_printf(c->arena, "%" PRIu64, f->id));
	console_hidden(c, "areas", arena_printf(c->arena, "%zu", f->narea));
	console_hidden(c, "barcode", f->has_code ? "yes" : "");
	write_background(c, f);
	for (size_t i = 0; i < f->narea; i++)
		write_part(c, f, i);
	if (f->has_code)
		write_part(c, f, IMAGE_AREAS);
	write_buttons(c, f);
	console_form_end(c);
	write_preview(c, f, sha);
	buf_adds(c->out, "</div>\n");
	console_script(c, "builder.js");
}
