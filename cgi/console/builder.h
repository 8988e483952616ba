/*
 * builder: what the files of the image template builder share. As with the composer,
 * a picture in the making lives in its form; its background is kept as upload.h says.
 */
#ifndef SM_BUILDER_H
#define SM_BUILDER_H

#include "cgi/console/console.h"
#include "cgi/console/upload.h"
#include "media/transcode.h"
#include "model/image_template.h"

enum { BUILDER_KEYS = 9, BUILDER_FOCUS = 40, BUILDER_PART = 24 };

/* The keys of an area and of a barcode, as model/image_template_form.h has them. */
struct builder_key {
	const char *key, *label;
	const char *type; /* of its input: "number", "color", "text", "textarea", "align", "code" */
};
/* An area's or the barcode's fields as typed, in the order of its keys. */
struct builder_part {
	const char *value[BUILDER_KEYS];
};

struct builder_form {
	uint64_t id;                      /* 0: a new one */
	const char *name, *url;           /* url: of a background to be fetched */
	struct console_upload background; /* name is "WIDTHxHEIGHT"; NULL: none yet */
	struct builder_part area[IMAGE_AREAS], code;
	size_t narea;
	bool has_code;
	char focus[BUILDER_FOCUS];
	struct image_template it; /* made of it by builder_build() */
	char why[TRANSCODE_WHY];  /* what is wrong with it; "": nothing */
};

/* --- the form (builder_form.c) --- */

/* An empty form, one of a stored picture, the form as it was sent (files not looked at).
 * NULL: memory is short. */
struct builder_form *builder_new(struct console *c) __attribute__((warn_unused_result));
struct builder_form *builder_of(struct console *c, const struct image_template *it)
    __attribute__((warn_unused_result));
struct builder_form *builder_read(struct console *c) __attribute__((warn_unused_result));

/* Does what the button says: add, remove-N, code, no-code. Anything else does nothing. */
void builder_do(struct console *c, struct builder_form *f, const char *button);

/* Fills f->it from the fields and checks it; to be looked at it needs no name yet. False
 * with f->why set. */
bool builder_build(struct console *c, struct builder_form *f, bool saving)
    __attribute__((warn_unused_result));

/* The sides of the background; false: there is none. */
bool builder_sides(const struct builder_form *f, uint32_t *width, uint32_t *height);

/* Of a part by its number, an area's from 0 or IMAGE_AREAS for the barcode: its BUILDER_KEYS keys,
 * its fields, and the start of their names in the form, "area_2" for area 1 or "code". */
const struct builder_key *builder_keys(size_t number);
const struct builder_part *builder_part(const struct builder_form *f, size_t number);
const char *builder_prefix(char out[BUILDER_PART], size_t number);

/* --- writing (builder_html.c) --- */

/* The form and, beside it, the preview: sha is its blob, "" where there is none. */
void builder_write(struct console *c, const struct builder_form *f, const char *sha);

#endif
