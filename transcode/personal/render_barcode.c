/*
 * render_barcode: draws barcodes with libzint; only this file includes its header.
 *
 * libzint says which modules are dark. They are drawn here, each a whole number of pixels wide,
 * with the quiet zone that the type's standard requires, so that the image can still be read after
 * JPEG encoding. Values are taken as they are: a value that libzint would change (letters to
 * capitals) is refused. In Interleaved 2 of 5 an odd number of digits gets a leading zero, as its
 * standard says.
 */
#include "transcode/personal/render_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <zint.h>

#include "base/ascii.h"
#include "transcode/personal/render_barcode.h"
#include "transcode/personal/render_text.h"

enum {
	BARS_MIN = 16 /* pixels high */,
	CAPTION_MIN = 12,
	CAPTION_MAX = 40,
	PDF417_COLUMNS = 12,
	LENGTH_MAX = 3000
};

#define CODE39_CHARS ASCII_DIGITS ASCII_UPPER "-. $/+%"

/* What libzint calls a type, what the type may hold, and the free modules around it. */
static const struct type {
	const char *name;
	int symbology;
	const char *chars; /* characters it may hold; NULL: any */
	uint32_t quiet_x, quiet_y;
	uint32_t row; /* height of a row in modules; 0: all the room there is */
	int option_1, option_3;
} types[IMAGE_CODES] = {
	[CODE_AZTEC] = { "Aztec", BARCODE_AZTEC, NULL, 2, 2, 1, 0, 0 },
	[CODE_11] = { "Code 11", BARCODE_CODE11, ASCII_DIGITS "-", 10, 0, 0, 0, 0 },
	[CODE_128] = { "Code 128", BARCODE_CODE128, NULL, 10, 0, 0, 0, 0 },
	[CODE_39] = { "Code 39", BARCODE_CODE39, CODE39_CHARS, 10, 0, 0, 0, 0 },
	[CODE_DATAMATRIX] = { "Data Matrix", BARCODE_DATAMATRIX, NULL, 2, 2, 1, 0, DM_SQUARE },
	[CODE_EAN] = { "EAN", BARCODE_EANX, ASCII_DIGITS, 11, 0, 0, 0, 0 },
	[CODE_I25] = { "Interleaved 2 of 5", BARCODE_C25INTER, ASCII_DIGITS, 10, 0, 0, 0, 0 },
	[CODE_PDF417] = { "PDF417", BARCODE_PDF417, NULL, 2, 2, 3, 0, 0 },
	[CODE_QR] = { "QR", BARCODE_QRCODE, NULL, 4, 4, 1, 2, 0 },
	[CODE_UPCA] = { "UPC-A", BARCODE_UPCA, ASCII_DIGITS, 9, 0, 0, 0, 0 },
};

static bool bad(char why[TRANSCODE_WHY], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool
bad(char why[TRANSCODE_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, TRANSCODE_WHY, fmt, ap);
	va_end(ap);
	return false;
}

void
render_fill(struct canvas *c, const struct image_box *b, uint32_t color)
{
	const unsigned char rgb[3] = { (unsigned char)(color >> 16), (unsigned char)(color >> 8),
		(unsigned char)color };
	size_t stride = (size_t)c->width * 3;
	unsigned char *first = c->rgb + b->y * stride + (size_t)b->x * 3;

	if (b->height == 0)
		return;
	for (uint32_t x = 0; x < b->width; x++)
		memcpy(first + (size_t)x * 3, rgb, sizeof rgb);
	for (uint32_t y = 1; y < b->height; y++)
		memcpy(first + y * stride, first, (size_t)b->width * 3);
}

/* Checks the number of digits of an EAN or UPC-A, whose check digit may be given or missing, and
 * sets *sym to the kind that checks or adds it. */
static bool
length_ok(enum image_code type, size_t n, int *sym, char why[TRANSCODE_WHY])
{
	if (type == CODE_EAN) {
		*sym = n == 8 || n == 13 ? BARCODE_EANX_CHK : BARCODE_EANX;
		return n == 7 || n == 8 || n == 12 || n == 13 ||
		    bad(why, "EAN barcode: a value must have 13 or 8 digits, or one less, not %zu",
			n);
	}
	if (type == CODE_UPCA) {
		*sym = n == 12 ? BARCODE_UPCA_CHK : BARCODE_UPCA;
		return n == 11 || n == 12 ||
		    bad(why, "UPC-A barcode: a value must have 12 or 11 digits, not %zu", n);
	}
	return true;
}

static bool
value_ok(enum image_code type, const char *text, int *sym, char why[TRANSCODE_WHY])
{
	const struct type *t = &types[type];
	size_t n = strlen(text);

	*sym = t->symbology;
	if (n == 0)
		return bad(why, "%s barcode: the value is empty", t->name);
	if (n > LENGTH_MAX)
		return bad(why, "%s barcode: the value is too long", t->name);
	if (t->chars != NULL && strspn(text, t->chars) != n)
		return bad(why, "%s barcode: a value may contain only %s", t->name,
		    strcmp(t->chars, ASCII_DIGITS) == 0 ? "digits" :
			type == CODE_11                 ? "digits and -" :
							  "A-Z, 0-9, space and -.$/+%");
	return length_ok(type, n, sym, why);
}

static bool
encode(struct zint_symbol *z, enum image_code type, int sym, const char *text, int columns)
{
	ZBarcode_Clear(z);
	z->symbology = sym;
	z->input_mode = UNICODE_MODE;
	z->option_1 = types[type].option_1 != 0 ? types[type].option_1 : -1;
	/* Code 11 has a second check digit if it is longer than 10 (AIM USS-Code 11) */
	z->option_2 = type == CODE_11 ? strlen(text) <= 10 : columns;
	z->option_3 = types[type].option_3;
	return ZBarcode_Encode(z, (const unsigned char *)text, (int)strlen(text)) < ZINT_ERROR;
}

/* A symbol's place: pixels a module, and its size with the quiet zone. */
struct place {
	uint32_t module, width, height;
};

static struct place
place(const struct zint_symbol *z, const struct type *t, const struct image_box *b)
{
	uint32_t w = (uint32_t)z->width + 2 * t->quiet_x;
	uint32_t h = t->row > 0 ? (uint32_t)z->rows * t->row + 2 * t->quiet_y : 0, m = b->width / w;

	if (h > 0 && b->height / h < m)
		m = b->height / h;
	return (struct place){ m, w, h };
}

/* Returns the number of columns that gives PDF417 the largest modules in this box. */
static int
best_columns(struct zint_symbol *z, int sym, const char *text, const struct image_box *b)
{
	uint32_t most = 0;
	int best = 0;

	for (int columns = 1; columns <= PDF417_COLUMNS; columns++) {
		struct place p;

		if (!encode(z, CODE_PDF417, sym, text, columns))
			continue;
		p = place(z, &types[CODE_PDF417], b);
		if (p.module > most) {
			most = p.module;
			best = columns;
		}
	}
	return best;
}

/* A barcode that is being drawn. */
struct symbol {
	const struct image_barcode *barcode;
	struct zint_symbol *z;
	struct image_box box; /* what the caption leaves of the barcode's box */
};

/* Draws a row of z's modules, each a whole number of pixels wide, into at, starting at its left
 * edge. A run of dark modules becomes one rectangle. */
static void
draw_row(struct canvas *c, const struct symbol *s, int row, struct image_box at, uint32_t module)
{
	const struct zint_symbol *z = s->z;
	uint32_t left = at.x;

	for (int x = 0; x < z->width;) {
		int from = x;
		bool dark = z->encoded_data[row][x >> 3] >> (x & 7) & 1;

		while (x < z->width && (z->encoded_data[row][x >> 3] >> (x & 7) & 1) == dark)
			x++;
		at.x = left + (uint32_t)from * module;
		at.width = (uint32_t)(x - from) * module;
		if (dark)
			render_fill(c, &at, s->barcode->color);
	}
}

static void
draw_symbol(struct canvas *c, const struct symbol *s)
{
	const struct type *t = &types[s->barcode->type];
	const struct image_box *box = &s->box;
	struct place p = place(s->z, t, box);
	uint32_t margin = p.module < box->height / 8 ? p.module : box->height / 8;
	uint32_t row = t->row > 0 ? t->row * p.module : box->height - 2 * margin;
	struct image_box at = { .x = box->x + (box->width - p.width * p.module) / 2 +
		    t->quiet_x * p.module,
		.y = box->y +
		    (t->row > 0 ? (box->height - p.height * p.module) / 2 + t->quiet_y * p.module :
				  margin),
		.height = row };

	for (int i = 0; i < s->z->rows; i++) {
		draw_row(c, s, i, at, p.module);
		at.y += row;
	}
}

/* Encodes the text and draws it into the symbol's box. Returns false with why when it cannot. */
static bool
draw(struct canvas *c, const struct symbol *s, const char *text, char why[TRANSCODE_WHY])
{
	const struct image_barcode *b = s->barcode;
	const struct image_box *box = &s->box;
	const struct type *t = &types[b->type];
	struct place p;
	int sym, columns;

	if (!value_ok(b->type, text, &sym, why))
		return false;
	columns = b->type == CODE_PDF417 ? best_columns(s->z, sym, text, box) : 0;
	if (!encode(s->z, b->type, sym, text, columns))
		return bad(why, "%s barcode: %.100s", t->name, s->z->errtxt);
	p = place(s->z, t, box);
	if (p.module < RENDER_MODULE)
		return bad(why,
		    "%s barcode: %dx%d modules of %d pixels do not fit in the %ux%u pixels there are",
		    t->name, (int)p.width, (int)(p.height > 0 ? p.height : 1), RENDER_MODULE,
		    (unsigned)box->width, (unsigned)box->height);
	if (t->row == 0 && box->height < BARS_MIN)
		return bad(why, "%s barcode: bars of %u pixels are too low; %d are needed", t->name,
		    (unsigned)box->height, BARS_MIN);
	render_fill(c, &b->box, b->background);
	draw_symbol(c, s);
	return true;
}

/* Returns the caption's area, a fifth of the height; *box gets what is left. */
static struct image_area
caption_area(const struct image_barcode *b, struct image_box *box)
{
	uint32_t h = b->box.height / 5;
	struct image_area a = { .font = "Noto Sans",
		.color = b->color,
		.align = IMAGE_CENTER,
		.box = b->box };

	h = h < CAPTION_MIN ? CAPTION_MIN : h > CAPTION_MAX ? CAPTION_MAX : h;
	if (h > b->box.height)
		h = b->box.height;
	box->height -= h;
	a.box.y += b->box.height - h;
	a.box.height = h;
	a.size = h * 7 / 10;
	return a;
}

bool
render_code_draw(struct canvas *c, const struct image_barcode *b, const char *text,
    const char *caption, char why[TRANSCODE_WHY])
{
	struct symbol s = { .barcode = b, .box = b->box };
	struct image_area area = { .font = "" };
	bool ok;

	if (b->caption[0] != '\0') /* the symbol's size must not depend on the caption's value */
		area = caption_area(b, &s.box);
	if ((s.z = ZBarcode_Create()) == NULL)
		return bad(why, "out of memory");
	ok = draw(c, &s, text, why);
	ZBarcode_Delete(s.z);
	if (ok && b->caption[0] != '\0' && caption[0] != '\0' &&
	    !render_text_draw(c, &area, caption))
		return bad(why, "out of memory");
	return ok;
}
