/*
 * image_template: what personal images are made from: a background, texts and at
 * most one barcode. Sending fills in their merge tags for each recipient
 * (savemms-api(7), Merge tags). Data and rules only, no I/O.
 */
#ifndef SM_IMAGE_TEMPLATE_H
#define SM_IMAGE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypt.h"

struct arena;
struct buf;

enum {
	IMAGE_AREAS = 8,       /* most text areas */
	IMAGE_SIDE_MIN = 64,   /* pixels of the background's sides */
	IMAGE_SIDE_MAX = 2048, /* the longest side of the largest classes (savemms.conf) */
	IMAGE_NAME_CHARS = 255,
	IMAGE_TEXT_CHARS = 1000, /* of an area, a barcode, a caption, as written */
	IMAGE_FONT_CHARS = 100,
	IMAGE_FONT_MIN = 6,
	IMAGE_FONT_MAX = 400, /* pixels */
	IMAGE_WIDTH = 640,
	IMAGE_HEIGHT = 1138, /* these two: recommended for the background */
	IMAGE_WHY = 160      /* bytes of a text that says what is wrong, and its NUL */
};

enum image_align { IMAGE_LEFT, IMAGE_CENTER, IMAGE_RIGHT, IMAGE_ALIGNS };

/* The types of barcode, in the order of the vendor's list. */
enum image_code {
	CODE_AZTEC,
	CODE_11,
	CODE_128,
	CODE_39,
	CODE_DATAMATRIX,
	CODE_EAN,
	CODE_I25,
	CODE_PDF417,
	CODE_QR,
	CODE_UPCA,
	IMAGE_CODES
};

/* The place of a text or barcode, in pixels of the background. */
struct image_box {
	uint32_t x, y, width, height;
};

struct image_area {
	struct image_box box;
	const char *font; /* family and style, as Pango reads it: "Noto Sans Bold" */
	uint32_t size;    /* of the font, in pixels; reduced until the text fits */
	uint32_t color;   /* 0xrrggbb */
	enum image_align
	    align;        /* IMAGE_LEFT: where a line begins; on the right for right-to-left text */
	const char *text; /* with merge tags */
};

struct image_barcode {
	enum image_code type;
	struct image_box box;
	uint32_t color, background; /* 0xrrggbb */
	const char *caption;        /* below the symbol, with merge tags; "": none */
	const char *text;           /* what it encodes, with merge tags */
};

struct image_template {
	uint64_t id; /* the TEMPLATE-ID; 0 until stored */
	uint64_t account;
	int64_t created; /* microseconds */
	const char *name;
	char sha[SHA256_HEX];   /* blob of the background, a JPEG */
	uint64_t bytes;         /* of the background */
	uint32_t width, height; /* of the background and of personal images */
	struct image_area *area;
	size_t narea;
	struct image_barcode *barcode; /* NULL: none */
};

const char *image_align_name(enum image_align a); /* "left", "center", "right" */
const char *image_code_name(enum image_code c);   /* "qr", "code128", ... */
/* These return false for an unknown name. Case does not matter; in the name of a barcode's type
 * neither do blanks, hyphens and underscores. */
bool image_align_by_name(const char *name, enum image_align *out);
bool image_code_by_name(const char *name, enum image_code *out);

/* Returns true if the text holds a merge tag, so that the image depends on the recipient. */
bool image_text_varies(const char *text);

/* Checks that the template can be drawn. Returns false if not; why then says what is wrong and
 * names the limit. The rules: the limits of the enum above; boxes lie within the background;
 * there is something to draw; a barcode's colour is so much darker than its background that a
 * reader can tell them apart. */
bool image_template_check(const struct image_template *it, char why[IMAGE_WHY])
    __attribute__((warn_unused_result));

/* Appends the record (savemms-store(5)) to out; check buf_ok(). */
void image_template_encode(const struct image_template *it, struct buf *out);

/* Reads such a record of n bytes into memory of the arena. The caller sets the id. Returns NULL
 * for a record that is not whole, of a newer version or over a limit, or when memory is short. */
struct image_template *image_template_decode(struct arena *a, const char *p, size_t n);

#endif
