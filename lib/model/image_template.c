/*
 * image_template: see image_template.h. In a record, the line of a text area or barcode
 * comes before the texts that belong to it.
 */
#include "model/image_template.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/record.h"
#include "model/mergetag.h"
#include "model/text.h"

enum { CONTRAST_MIN = 40 };

static const struct record_form record_form = { "image-template", 1 };

static const char *const aligns[IMAGE_ALIGNS] = { "left", "center", "right" };

static const char *const codes[IMAGE_CODES] = {
	[CODE_AZTEC] = "aztec",
	[CODE_11] = "code11",
	[CODE_128] = "code128",
	[CODE_39] = "code39",
	[CODE_DATAMATRIX] = "datamatrix",
	[CODE_EAN] = "ean",
	[CODE_I25] = "interleaved2of5",
	[CODE_PDF417] = "pdf417",
	[CODE_QR] = "qr",
	[CODE_UPCA] = "upca",
};

const char *
image_align_name(enum image_align a)
{
	return aligns[a];
}

const char *
image_code_name(enum image_code c)
{
	return codes[c];
}

bool
image_align_by_name(const char *name, enum image_align *out)
{
	for (int i = 0; i < IMAGE_ALIGNS; i++)
		if (strcasecmp(name, aligns[i]) == 0) {
			*out = (enum image_align)i;
			return true;
		}
	return false;
}

/* Compares names of barcodes as people write them, such as "UPC-A" and "Data Matrix". */
static bool
same_code(const char *name, const char *code)
{
	for (; *name != '\0'; name++) {
		if (*name == ' ' || *name == '-' || *name == '_')
			continue;
		if (tolower((unsigned char)*name) != *code++)
			return false;
	}
	return *code == '\0';
}

bool
image_code_by_name(const char *name, enum image_code *out)
{
	for (int i = 0; i < IMAGE_CODES; i++)
		if (same_code(name, codes[i])) {
			*out = (enum image_code)i;
			return true;
		}
	return false;
}

bool
image_text_varies(const char *text)
{
	struct mergetag_reader r;
	struct mergetag_piece p;

	mergetag_start(&r, text);
	while (mergetag_next(&r, &p))
		if (p.tag)
			return true;
	return false;
}

/* --- limits ------------------------------------------------------------------------ */

static bool bad(char why[IMAGE_WHY], const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool
bad(char why[IMAGE_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, IMAGE_WHY, fmt, ap);
	va_end(ap);
	return false;
}

static bool
box_ok(const struct image_template *it, const struct image_box *b, const char *what,
    char why[IMAGE_WHY])
{
	if (b->width == 0 || b->height == 0)
		return bad(why, "%s needs a width and a height", what);
	if (b->width > it->width || b->x > it->width - b->width || b->height > it->height ||
	    b->y > it->height - b->height)
		return bad(why,
		    "%s lies outside of the background, which has %" PRIu32 "x%" PRIu32 " pixels",
		    what, it->width, it->height);
	return true;
}

static bool
text_ok(const char *text, const char *what, size_t max, char why[IMAGE_WHY])
{
	if (!text_valid(text, strlen(text)))
		return bad(why, "%s is not UTF-8", what);
	if (text_count(text) > max)
		return bad(why, "%s is longer than %zu characters", what, max);
	return true;
}

static bool
area_ok(const struct image_template *it, size_t i, char why[IMAGE_WHY])
{
	const struct image_area *a = &it->area[i];
	char what[40];

	(void)snprintf(what, sizeof what, "text area %zu", i + 1);
	if (!box_ok(it, &a->box, what, why))
		return false;
	if (a->text[strspn(a->text, " \t\r\n")] == '\0')
		return bad(why, "%s has no text", what);
	if (a->size < IMAGE_FONT_MIN || a->size > IMAGE_FONT_MAX)
		return bad(why, "%s: the size must be %d to %d pixels", what, IMAGE_FONT_MIN,
		    IMAGE_FONT_MAX);
	if (a->color > 0xffffff)
		return bad(why, "%s: the color must have the form #rrggbb", what);
	(void)snprintf(what, sizeof what, "the font of text area %zu", i + 1);
	if (!text_ok(a->font, what, IMAGE_FONT_CHARS, why))
		return false;
	(void)snprintf(what, sizeof what, "the text of text area %zu", i + 1);
	return text_ok(a->text, what, IMAGE_TEXT_CHARS, why);
}

/* Returns the brightness in per cent of white. The weights of the colours (ITU-R BT.601) suit both
 * an eye and the red light of a reader. */
static int
brightness(uint32_t rgb)
{
	return (int)((299 * (rgb >> 16 & 255) + 587 * (rgb >> 8 & 255) + 114 * (rgb & 255)) / 2550);
}

static bool
barcode_ok(const struct image_template *it, char why[IMAGE_WHY])
{
	const struct image_barcode *b = it->barcode;

	if (!box_ok(it, &b->box, "the barcode", why))
		return false;
	if (b->text[strspn(b->text, " \t\r\n")] == '\0')
		return bad(why, "the barcode has no text");
	if (b->color > 0xffffff || b->background > 0xffffff)
		return bad(why, "the barcode's colors must have the form #rrggbb");
	if (brightness(b->background) - brightness(b->color) < CONTRAST_MIN)
		return bad(why,
		    "the barcode's color must be darker than its background, by at least %d%% of white",
		    CONTRAST_MIN);
	return text_ok(b->text, "the barcode's text", IMAGE_TEXT_CHARS, why) &&
	    text_ok(b->caption, "the barcode's caption", IMAGE_TEXT_CHARS, why);
}

bool
image_template_check(const struct image_template *it, char why[IMAGE_WHY])
{
	why[0] = '\0';
	if (it->name[strspn(it->name, " \t\r\n")] == '\0')
		return bad(why, "the name is missing");
	if (!text_ok(it->name, "the name", IMAGE_NAME_CHARS, why))
		return false;
	if (it->width < IMAGE_SIDE_MIN || it->height < IMAGE_SIDE_MIN ||
	    it->width > IMAGE_SIDE_MAX || it->height > IMAGE_SIDE_MAX)
		return bad(why,
		    "the background has %" PRIu32 "x%" PRIu32
		    " pixels; each side must have %d to %d",
		    it->width, it->height, IMAGE_SIDE_MIN, IMAGE_SIDE_MAX);
	if (it->narea == 0 && it->barcode == NULL)
		return bad(why, "there is neither a text area nor a barcode");
	if (it->narea > IMAGE_AREAS)
		return bad(why, "there are %zu text areas; %d are allowed", it->narea, IMAGE_AREAS);
	for (size_t i = 0; i < it->narea; i++)
		if (!area_ok(it, i, why))
			return false;
	return it->barcode == NULL || barcode_ok(it, why);
}

/* --- the record ---------------------------------------------------------------------- */

void
image_template_encode(const struct image_template *it, struct buf *out)
{
	record_start(out, &record_form);
	record_u64(out, "account", it->account);
	record_u64(out, "created", (uint64_t)it->created);
	record_str(out, "name", it->name);
	buf_printf(out, "background %s %" PRIu64 " %" PRIu32 " %" PRIu32 "\n", it->sha, it->bytes,
	    it->width, it->height);
	for (size_t i = 0; i < it->narea; i++) {
		const struct image_area *a = &it->area[i];

		buf_printf(out,
		    "area %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32
		    " %s\n",
		    a->box.x, a->box.y, a->box.width, a->box.height, a->size, a->color,
		    image_align_name(a->align));
		record_str(out, "font", a->font);
		record_str(out, "text", a->text);
	}
	if (it->barcode != NULL) {
		const struct image_barcode *b = it->barcode;

		buf_printf(out,
		    "barcode %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32
		    " %s\n",
		    b->box.x, b->box.y, b->box.width, b->box.height, b->color, b->background,
		    image_code_name(b->type));
		record_str(out, "caption", b->caption);
		record_str(out, "text", b->text);
	}
	record_end(out);
}

struct reading {
	struct record r;
	struct image_template *it;
	struct image_area *area; /* the area begun last; NULL once the barcode has begun */
};

static uint32_t
word_u32(struct reading *rd, const char *word)
{
	rd->r.value = word;
	return (uint32_t)record_number(&rd->r, 0, UINT32_MAX);
}

/* Reads the four numbers of a box, two more numbers, and a name, which it returns. */
static const char *
read_line(struct reading *rd, struct image_box *b, uint32_t two[2])
{
	char *w[7];

	if (!record_words(&rd->r, w, 7))
		return "";
	*b = (struct image_box){ word_u32(rd, w[0]), word_u32(rd, w[1]), word_u32(rd, w[2]),
		word_u32(rd, w[3]) };
	two[0] = word_u32(rd, w[4]);
	two[1] = word_u32(rd, w[5]);
	return w[6];
}

static void
begin_area(struct reading *rd)
{
	struct image_area *a;
	uint32_t two[2] = { 0, 0 };

	if (rd->it->narea == IMAGE_AREAS || rd->it->barcode != NULL) {
		rd->r.bad = true;
		return;
	}
	a = rd->area = &rd->it->area[rd->it->narea++];
	a->font = a->text = "";
	if (!image_align_by_name(read_line(rd, &a->box, two), &a->align))
		rd->r.bad = true;
	a->size = two[0];
	a->color = two[1];
}

static void
begin_barcode(struct reading *rd)
{
	struct image_barcode *b = arena_zalloc(rd->r.arena, sizeof *b);
	uint32_t two[2] = { 0, 0 };

	if (b == NULL || rd->it->barcode != NULL) {
		rd->r.bad = true;
		return;
	}
	rd->it->barcode = b;
	rd->area = NULL;
	b->caption = b->text = "";
	if (!image_code_by_name(read_line(rd, &b->box, two), &b->type))
		rd->r.bad = true;
	b->color = two[0];
	b->background = two[1];
}

static void
read_background(struct reading *rd)
{
	char *w[4];

	if (!record_words(&rd->r, w, 4) || !crypt_is_sha256_hex(w[0])) {
		rd->r.bad = true;
		return;
	}
	memcpy(rd->it->sha, w[0], SHA256_HEX);
	rd->r.value = w[1];
	rd->it->bytes = record_number(&rd->r, 1, INT64_MAX);
	rd->it->width = word_u32(rd, w[2]);
	rd->it->height = word_u32(rd, w[3]);
}

static void
read_field(struct reading *rd)
{
	struct image_template *it = rd->it;
	struct record *r = &rd->r;

	if (record_is(r, "account"))
		it->account = record_number(r, 1, INT64_MAX);
	else if (record_is(r, "created"))
		it->created = (int64_t)record_number(r, 0, INT64_MAX);
	else if (record_is(r, "name"))
		it->name = r->value;
	else if (record_is(r, "background"))
		read_background(rd);
	else if (record_is(r, "area"))
		begin_area(rd);
	else if (record_is(r, "barcode"))
		begin_barcode(rd);
	else if (record_is(r, "font") && rd->area != NULL)
		rd->area->font = r->value;
	else if (record_is(r, "text") && rd->area != NULL)
		rd->area->text = r->value;
	else if (record_is(r, "caption") && it->barcode != NULL)
		it->barcode->caption = r->value;
	else if (record_is(r, "text") && it->barcode != NULL)
		it->barcode->text = r->value;
	else
		r->bad = true;
}

struct image_template *
image_template_decode(struct arena *a, const char *p, size_t n)
{
	struct reading rd = { .it = arena_zalloc(a, sizeof *rd.it) };
	char why[IMAGE_WHY];

	if (rd.it == NULL ||
	    (rd.it->area = arena_array(a, IMAGE_AREAS, sizeof *rd.it->area)) == NULL ||
	    !record_open(&rd.r, a, p, n, &record_form))
		return NULL;
	rd.it->name = "";
	while (record_next(&rd.r))
		read_field(&rd);
	return record_whole(&rd.r) && rd.it->account != 0 && rd.it->sha[0] != '\0' &&
		image_template_check(rd.it, why) ?
	    rd.it :
	    NULL;
}
