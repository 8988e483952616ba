/*
 * image_template_form: see image_template_form.h. Each key is a row of a table that says which
 * member of an area or a barcode it sets. Line breaks in a text are written \n.
 */
#include "model/image_template_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/num.h"
#include "model/text.h"

#define DEFAULT_FONT "Noto Sans"

enum { DEFAULT_SIZE = 32, LINE_MAX_BYTES = 8192 };

enum type { T_NUMBER, T_COLOR, T_ALIGN, T_CODE, T_TEXT };

struct key {
	const char *name;
	enum type type;
	size_t at;
};

static const struct key area_keys[] = {
	{ "x", T_NUMBER, offsetof(struct image_area, box.x) },
	{ "y", T_NUMBER, offsetof(struct image_area, box.y) },
	{ "width", T_NUMBER, offsetof(struct image_area, box.width) },
	{ "height", T_NUMBER, offsetof(struct image_area, box.height) },
	{ "font", T_TEXT, offsetof(struct image_area, font) },
	{ "size", T_NUMBER, offsetof(struct image_area, size) },
	{ "color", T_COLOR, offsetof(struct image_area, color) },
	{ "align", T_ALIGN, offsetof(struct image_area, align) },
	{ "text", T_TEXT, offsetof(struct image_area, text) },
	{ NULL, T_TEXT, 0 },
};

static const struct key barcode_keys[] = {
	{ "type", T_CODE, offsetof(struct image_barcode, type) },
	{ "x", T_NUMBER, offsetof(struct image_barcode, box.x) },
	{ "y", T_NUMBER, offsetof(struct image_barcode, box.y) },
	{ "width", T_NUMBER, offsetof(struct image_barcode, box.width) },
	{ "height", T_NUMBER, offsetof(struct image_barcode, box.height) },
	{ "color", T_COLOR, offsetof(struct image_barcode, color) },
	{ "background", T_COLOR, offsetof(struct image_barcode, background) },
	{ "caption", T_TEXT, offsetof(struct image_barcode, caption) },
	{ "text", T_TEXT, offsetof(struct image_barcode, text) },
	{ NULL, T_TEXT, 0 },
};

struct reading {
	struct arena *a;
	struct image_template *it;
	const struct key *keys; /* keys of the current part; NULL: none yet */
	char *part;             /* the current area or barcode */
	unsigned line;
	char *why;
};

static bool
bad(struct reading *rd, const char *what, const char *value)
{
	(void)snprintf(rd->why, IMAGE_WHY, "line %u: %s%s%.60s%s", rd->line, what,
	    value[0] != '\0' ? ": '" : "", value, value[0] != '\0' ? "'" : "");
	return false;
}

static bool
read_number(struct reading *rd, const char *v, uint32_t *out)
{
	uint64_t n;

	if (!num_u64(v, 0, UINT16_MAX, &n))
		return bad(rd, "expected a number of pixels", v);
	*out = (uint32_t)n;
	return true;
}

static bool
read_color(struct reading *rd, const char *v, uint32_t *out)
{
	unsigned rgb;
	char end;

	if (strlen(v) != 7 || v[0] != '#' || !ascii_only(v + 1, ASCII_HEX) ||
	    sscanf(v + 1, "%6x%c", &rgb, &end) != 1)
		return bad(rd, "expected a color of the form #rrggbb", v);
	*out = rgb;
	return true;
}

static bool
read_text(struct reading *rd, const char *v, const char **out)
{
	if (!text_valid(v, strlen(v)))
		return bad(rd, "the text is not UTF-8", "");
	for (const char *p = v; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 && *p != '\t')
			return bad(rd, "the text has a control character", "");
	if ((*out = text_slide(rd->a, v)) == NULL)
		return bad(rd, "out of memory", "");
	return true;
}

static bool
set(struct reading *rd, const struct key *k, const char *v)
{
	void *at = rd->part + k->at;

	switch (k->type) {
	case T_NUMBER:
		return read_number(rd, v, at);
	case T_COLOR:
		return read_color(rd, v, at);
	case T_ALIGN:
		return image_align_by_name(v, at) || bad(rd, "expected left, center or right", v);
	case T_CODE:
		return image_code_by_name(v, at) ||
		    bad(rd,
			"expected aztec, code11, code128, code39, datamatrix, ean, "
			"interleaved2of5, pdf417, qr or upca",
			v);
	case T_TEXT:
		return read_text(rd, v, at);
	}
	return false;
}

static bool
begin(struct reading *rd, const char *name)
{
	struct image_template *it = rd->it;

	if (strcasecmp(name, "[text]") == 0) {
		if (it->narea == IMAGE_AREAS)
			return bad(rd, "there are more than 8 text areas", "");
		it->area[it->narea] = (struct image_area){ .font = DEFAULT_FONT,
			.size = DEFAULT_SIZE,
			.text = "" };
		rd->part = (char *)&it->area[it->narea++];
		rd->keys = area_keys;
		return true;
	}
	if (strcasecmp(name, "[barcode]") != 0)
		return bad(rd, "expected [text] or [barcode]", name);
	if (it->barcode != NULL)
		return bad(rd, "there is more than one barcode", "");
	if ((it->barcode = arena_zalloc(rd->a, sizeof *it->barcode)) == NULL)
		return bad(rd, "out of memory", "");
	*it->barcode = (struct image_barcode){ .type = CODE_QR,
		.background = 0xffffff,
		.caption = "",
		.text = "" };
	rd->part = (char *)it->barcode;
	rd->keys = barcode_keys;
	return true;
}

static bool
read_line(struct reading *rd, char *line)
{
	char *eq, *key, *value;

	line = text_trim(line);
	if (line[0] == '\0' || line[0] == '#')
		return true;
	if (line[0] == '[')
		return begin(rd, line);
	if ((eq = strchr(line, '=')) == NULL)
		return bad(rd, "expected 'key = value'", line);
	*eq = '\0';
	key = text_trim(line);
	value = text_trim(eq + 1);
	if (rd->keys == NULL)
		return bad(rd, "[text] or [barcode] must come first", "");
	for (const struct key *k = rd->keys; k->name != NULL; k++)
		if (strcasecmp(k->name, key) == 0)
			return set(rd, k, value);
	return bad(rd,
	    rd->keys == area_keys ? "a text has no such key" : "a barcode has no such key", key);
}

bool
image_form_read(struct arena *a, const char *form, struct image_template *it, char why[IMAGE_WHY])
{
	struct reading rd = { .a = a, .it = it, .why = why };
	char line[LINE_MAX_BYTES];

	why[0] = '\0';
	it->narea = 0;
	it->barcode = NULL;
	if ((it->area = arena_array(a, IMAGE_AREAS, sizeof *it->area)) == NULL)
		return bad(&rd, "out of memory", "");
	while (*form != '\0') {
		size_t n = strcspn(form, "\n");

		rd.line++;
		if (n >= sizeof line)
			return bad(&rd, "the line is too long", "");
		memcpy(line, form, n);
		line[n] = '\0';
		if (!read_line(&rd, line))
			return false;
		form += n + (form[n] == '\n');
	}
	return true;
}

static void
write_text(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '\n')
			buf_adds(out, "\\n");
		else
			buf_addc(out, *s);
}

static void
write_key(const struct key *k, const void *part, struct buf *out)
{
	const void *at = (const char *)part + k->at;
	uint32_t n = 0;

	buf_printf(out, "%s = ", k->name);
	if (k->type == T_NUMBER || k->type == T_COLOR)
		memcpy(&n, at, sizeof n);
	if (k->type == T_NUMBER)
		buf_printf(out, "%" PRIu32, n);
	else if (k->type == T_COLOR)
		buf_printf(out, "#%06" PRIx32, n);
	else if (k->type == T_ALIGN)
		buf_adds(out, image_align_name(*(const enum image_align *)at));
	else if (k->type == T_CODE)
		buf_adds(out, image_code_name(*(const enum image_code *)at));
	else
		write_text(out, *(const char *const *)at);
	buf_addc(out, '\n');
}

static void
write_part(const struct key *keys, const void *part, const char *name, struct buf *out)
{
	buf_printf(out, "%s[%s]\n", out->len > 0 ? "\n" : "", name);
	for (; keys->name != NULL; keys++)
		write_key(keys, part, out);
}

void
image_form_write(const struct image_template *it, struct buf *out)
{
	for (size_t i = 0; i < it->narea; i++)
		write_part(area_keys, &it->area[i], "text", out);
	if (it->barcode != NULL)
		write_part(barcode_keys, it->barcode, "barcode", out);
}
