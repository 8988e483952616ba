/*
 * builder_form: reads the builder's form, changes it, and makes an image template of it; see
 * builder.h. image_form_read() and image_template_check() decide which values are valid.
 */
#include "cgi/console/builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "model/image_template_form.h"

enum { FIELD = 48, FORM_MOST = 64 << 10 };

static const struct builder_key area_keys[BUILDER_KEYS] = {
	{ "text", "Text", "textarea" },
	{ "x", "Left", "number" },
	{ "y", "Top", "number" },
	{ "width", "Width", "number" },
	{ "height", "Height", "number" },
	{ "size", "Font size", "number" },
	{ "align", "Alignment", "align" },
	{ "color", "Color", "color" },
	{ "font", "Font", "text" },
};

static const struct builder_key code_keys[BUILDER_KEYS] = {
	{ "text", "Content", "text" },
	{ "x", "Left", "number" },
	{ "y", "Top", "number" },
	{ "width", "Width", "number" },
	{ "height", "Height", "number" },
	{ "type", "Type", "code" },
	{ "color", "Color", "color" },
	{ "background", "Background", "color" },
	{ "caption", "Caption", "text" },
};

const struct builder_key *
builder_keys(size_t number)
{
	return number == IMAGE_AREAS ? code_keys : area_keys;
}

const struct builder_part *
builder_part(const struct builder_form *f, size_t number)
{
	return number == IMAGE_AREAS ? &f->code : &f->area[number];
}

const char *
builder_prefix(char out[BUILDER_PART], size_t number)
{
	if (number == IMAGE_AREAS)
		(void)snprintf(out, BUILDER_PART, "code");
	else
		(void)snprintf(out, BUILDER_PART, "area_%zu", number + 1);
	return out;
}

bool
builder_sides(const struct builder_form *f, uint32_t *width, uint32_t *height)
{
	return f->background.name != NULL &&
	    sscanf(f->background.name, "%" SCNu32 "x%" SCNu32, width, height) == 2 && *width > 0 &&
	    *height > 0;
}

struct builder_form *
builder_new(struct console *c)
{
	struct builder_form *f = arena_zalloc(c->arena, sizeof *f);

	if (f != NULL)
		f->name = f->url = "";
	return f;
}

/* --- a form of a stored image template -------------------------------------------------- */

static const char *
number(struct console *c, uint32_t n)
{
	const char *s = arena_printf(c->arena, "%" PRIu32, n);

	return s != NULL ? s : "";
}

static const char *
color(struct console *c, uint32_t rgb)
{
	const char *s = arena_printf(c->arena, "#%06" PRIx32, rgb);

	return s != NULL ? s : "";
}

static struct builder_part
area_part(struct console *c, const struct image_area *a)
{
	return (struct builder_part){ { a->text, number(c, a->box.x), number(c, a->box.y),
	    number(c, a->box.width), number(c, a->box.height), number(c, a->size),
	    image_align_name(a->align), color(c, a->color), a->font } };
}

static struct builder_part
code_part(struct console *c, const struct image_barcode *b)
{
	return (struct builder_part){ { b->text, number(c, b->box.x), number(c, b->box.y),
	    number(c, b->box.width), number(c, b->box.height), image_code_name(b->type),
	    color(c, b->color), color(c, b->background), b->caption } };
}

struct builder_form *
builder_of(struct console *c, const struct image_template *it)
{
	struct builder_form *f = builder_new(c);

	if (f == NULL)
		return NULL;
	f->id = it->id;
	f->name = it->name;
	f->background = (struct console_upload){ .name = arena_printf(c->arena,
						     "%" PRIu32 "x%" PRIu32, it->width, it->height),
		.type = "image/jpeg",
		.bytes = it->bytes };
	memcpy(f->background.sha, it->sha, SHA256_HEX);
	f->narea = it->narea;
	for (size_t i = 0; i < it->narea; i++)
		f->area[i] = area_part(c, &it->area[i]);
	f->has_code = it->barcode != NULL;
	if (f->has_code)
		f->code = code_part(c, it->barcode);
	return f;
}

/* --- the form as it was sent ---------------------------------------------------------- */

static struct builder_part
read_part(struct console *c, size_t number)
{
	const struct builder_key *keys = builder_keys(number);
	struct builder_part part;
	char name[FIELD], prefix[BUILDER_PART];

	(void)builder_prefix(prefix, number);
	for (size_t k = 0; k < BUILDER_KEYS; k++) {
		(void)snprintf(name, sizeof name, "%s_%s", prefix, keys[k].key);
		part.value[k] = console_field(c, name);
	}
	return part;
}

struct builder_form *
builder_read(struct console *c)
{
	struct builder_form *f = builder_new(c);
	uint64_t n;

	if (f == NULL)
		return NULL;
	f->id = num_u64(console_field(c, "id"), 1, INT64_MAX, &n) ? n : 0;
	f->name = console_field(c, "name");
	f->url = console_field(c, "url");
	f->narea = num_u64(console_field(c, "areas"), 0, IMAGE_AREAS, &n) ? (size_t)n : 0;
	f->has_code = strcmp(console_field(c, "barcode"), "yes") == 0;
	for (size_t i = 0; i < f->narea; i++)
		f->area[i] = read_part(c, i);
	if (f->has_code)
		f->code = read_part(c, IMAGE_AREAS);
	console_upload_find(c, UPLOAD_BACKGROUND, console_field(c, "kept"), &f->background);
	return f;
}

/* --- the buttons ------------------------------------------------------------------------ */

/* Adds a text area in the middle of the background, below the last one. */
static void
add_area(struct console *c, struct builder_form *f)
{
	uint32_t w = IMAGE_WIDTH, h = IMAGE_HEIGHT;
	struct image_area a = { .font = "Noto Sans Bold",
		.color = 0xffffff,
		.align = IMAGE_CENTER,
		.text = "" };

	if (f->narea == IMAGE_AREAS)
		return;
	(void)builder_sides(f, &w, &h);
	a.size = w / 16 > IMAGE_FONT_MIN ? w / 16 : IMAGE_FONT_MIN;
	a.box = (struct image_box){ w / 10, (uint32_t)(h / 10 + (h / 10) * f->narea), w - w / 5,
		h / 10 };
	f->area[f->narea] = area_part(c, &a);
	f->area[f->narea].value[0] = "Hello {$name|friend}";
	(void)snprintf(f->focus, sizeof f->focus, "area_%zu_text", ++f->narea);
}

static void
add_code(struct console *c, struct builder_form *f)
{
	uint32_t w = IMAGE_WIDTH, h = IMAGE_HEIGHT, side;
	struct image_barcode b = { .type = CODE_QR,
		.background = 0xffffff,
		.caption = "",
		.text = "https://example.com/{$code|none}" };

	if (f->has_code)
		return;
	(void)builder_sides(f, &w, &h);
	side = (w < h ? w : h) / 3;
	b.box = (struct image_box){ (w - side) / 2, h - side - h / 20, side, side };
	f->has_code = true;
	f->code = code_part(c, &b);
	(void)snprintf(f->focus, sizeof f->focus, "code_text");
}

void
builder_do(struct console *c, struct builder_form *f, const char *button)
{
	uint64_t n;

	if (strcmp(button, "add") == 0) {
		add_area(c, f);
	} else if (strcmp(button, "code") == 0) {
		add_code(c, f);
	} else if (strcmp(button, "no-code") == 0) {
		f->has_code = false;
		(void)snprintf(f->focus, sizeof f->focus, "code");
	} else if (strncmp(button, "remove-", 7) == 0 && num_u64(button + 7, 1, f->narea, &n)) {
		memmove(&f->area[n - 1], &f->area[n], (f->narea - n) * sizeof f->area[0]);
		f->narea--;
		(void)snprintf(f->focus, sizeof f->focus, "add");
	}
}

/* --- an image template of the form -------------------------------------------------------- */

static void
add_line(struct buf *b, const char *key, const char *value)
{
	buf_printf(b, "%s = ", key);
	for (; *value != '\0'; value++)
		if (*value == '\n')
			buf_adds(b, "\\n");
		else
			buf_addc(b, *value);
	buf_addc(b, '\n');
}

/* Reads one part into *one with the reader of the form that people write. It leaves out what
 * that reader says about lines. Returns false with f->why set. */
static bool
build_part(struct console *c, struct builder_form *f, size_t number, struct image_template *one)
{
	const struct builder_key *keys = builder_keys(number);
	bool code = number == IMAGE_AREAS, ok;
	struct buf b;
	char what[32] = "the barcode", why[IMAGE_WHY];
	const char *text;

	if (!code)
		(void)snprintf(what, sizeof what, "text area %zu", number + 1);
	buf_init(&b, FORM_MOST);
	buf_adds(&b, code ? "[barcode]\n" : "[text]\n");
	for (size_t k = 0; k < BUILDER_KEYS; k++)
		add_line(&b, keys[k].key, builder_part(f, number)->value[k]);
	ok = buf_ok(&b) && image_form_read(c->arena, buf_str(&b), one, why);
	if (!ok) {
		text = buf_ok(&b) && strchr(why, ':') != NULL ? strchr(why, ':') + 1 :
								" it is too long";
		(void)snprintf(f->why, sizeof f->why, "%s:%s", what, text);
	}
	buf_free(&b);
	return ok;
}

static bool
build_parts(struct console *c, struct builder_form *f)
{
	struct image_template one = { .name = "" };

	if ((f->it.area = arena_array(c->arena, IMAGE_AREAS, sizeof *f->it.area)) == NULL)
		return false;
	for (size_t i = 0; i < f->narea; i++) {
		if (!build_part(c, f, i, &one))
			return false;
		f->it.area[f->it.narea++] = one.area[0];
	}
	if (!f->has_code)
		return true;
	if (!build_part(c, f, IMAGE_AREAS, &one))
		return false;
	f->it.barcode = one.barcode;
	return true;
}

bool
builder_build(struct console *c, struct builder_form *f, bool saving)
{
	f->it = (struct image_template){ .id = f->id,
		.account = c->account.id,
		.bytes = f->background.bytes,
		.name = saving || f->name[0] != '\0' ? f->name : "preview" };
	if (!builder_sides(f, &f->it.width, &f->it.height)) {
		(void)snprintf(f->why, sizeof f->why, "the background is missing");
		return false;
	}
	memcpy(f->it.sha, f->background.sha, SHA256_HEX);
	if (!build_parts(c, f)) {
		if (f->why[0] == '\0')
			(void)snprintf(f->why, sizeof f->why, "the server is out of memory");
		return false;
	}
	return image_template_check(&f->it, f->why);
}
