/*
 * image_template: what a personalized image is made of (issue of personalized
 * images; SPEC 6.3): a background, texts and at most one barcode, whose merge tags
 * sending fills in for each recipient. Data and rules only, no I/O.
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
	IMAGE_HEIGHT = 1138, /* recommended for the background */
	IMAGE_WHY = 160      /* bytes of a text that says what is wrong */
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

/* Where something lies, in pixels of the background. */
struct image_box {
	uint32_t x, y, width, height;
};

struct image_area {
	struct image_box box;
	const char *font; /* family and style, as Pango reads it: "Noto Sans Bold" */
	uint32_t size;    /* of the font in pixels, made smaller until the text fits */
	uint32_t color;   /* 0xrrggbb */
	enum image_align
	    align;        /* IMAGE_LEFT: where a line begins, the right of a right-to-left one */
	const char *text; /* with merge tags */
};

struct image_barcode {
	enum image_code type;
	struct image_box box;
	uint32_t color, background; /* 0xrrggbb */
	const char *caption;        /* below the symbol, with merge tags; "" none */
	const char *text;           /* what it holds, with merge tags */
};

struct image_template {
	uint64_t id; /* the TEMPLATE-ID; 0 until stored */
	uint64_t account;
	int64_t created; /* microseconds */
	const char *name;
	char sha[SHA256_HEX];   /* blob of the background, a JPEG */
	uint64_t bytes;         /* of it */
	uint32_t width, height; /* of it, and of what is made */
	struct image_area *area;
	size_t narea;
	struct image_barcode *barcode; /* NULL: none */
};

const char *image_align_name(enum image_align a);                  /* "left", "center", "right" */
const char *image_code_name(enum image_code c);                    /* "qr", "code128", ... */
bool image_align_by_name(const char *name, enum image_align *out); /* any case */
bool image_code_by_name(const char *name,
    enum image_code *out); /* any case; blanks and hyphens do not count */

/* Does the text hold a merge tag, so that what is drawn depends on the recipient? */
bool image_text_varies(const char *text);

/* Is the template one that can be drawn? False and in why what is wrong, with the
 * limit. Limits: the enum above; boxes lie within the background; there is something to
 * draw; a barcode's colour is darker than its background by enough for a reader. */
bool image_template_check(const struct image_template *it, char why[IMAGE_WHY])
    __attribute__((warn_unused_result));

/* Appends the record (man page savemms-store.5) to out; check buf_ok(). */
void image_template_encode(const struct image_template *it, struct buf *out);

/* Reads such a record; all memory is the arena's. NULL for a record that is not whole,
 * of a newer version, over a limit, or when memory is short. The id is the caller's to
 * set. */
struct image_template *image_template_decode(struct arena *a, const char *p, size_t n);

#endif
