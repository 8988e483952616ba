/*
 * builder: the state and the functions that the files of the image template builder share. As
 * with the composer, an image template that is being edited exists only in its form. Its
 * background is kept as upload.h describes.
 */
#ifndef SM_BUILDER_H
#define SM_BUILDER_H

#include "cgi/console/console.h"
#include "cgi/console/upload.h"
#include "media/transcode.h"
#include "model/image_template.h"

enum { BUILDER_KEYS = 9, BUILDER_FOCUS = 40, BUILDER_PART = 24 };

/* One key of an area or of the barcode, as in model/image_template_form.h. */
struct builder_key {
	const char *key, *label;
	const char *type; /* of its input: "number", "color", "text", "textarea", "align", "code" */
};
/* The fields of an area or of the barcode as typed, in the order of its keys. */
struct builder_part {
	const char *value[BUILDER_KEYS];
};

struct builder_form {
	uint64_t id;                      /* 0: a new image template */
	const char *name, *url;           /* url: of a background to fetch */
	struct console_upload background; /* name is "WIDTHxHEIGHT"; NULL: none yet */
	struct builder_part area[IMAGE_AREAS], code;
	size_t narea;
	bool has_code;
	char focus[BUILDER_FOCUS];
	struct image_template it; /* made by builder_build() */
	char why[TRANSCODE_WHY];  /* what is wrong with the form; "": nothing */
};

/* --- the form (builder_form.c) --- */

/* These return an empty form, the form of a stored image template, and the form as it was sent,
 * without its new files. The form is in the arena. They return NULL when memory is short. */
struct builder_form *builder_new(struct console *c) __attribute__((warn_unused_result));
struct builder_form *builder_of(struct console *c, const struct image_template *it)
    __attribute__((warn_unused_result));
struct builder_form *builder_read(struct console *c) __attribute__((warn_unused_result));

/* Carries out a button: add, remove-N, code or no-code. It ignores any other. */
void builder_do(struct console *c, struct builder_form *f, const char *button);

/* Fills f->it from the fields and checks it. A name is required only for saving, not for a
 * preview. Returns false with f->why set. */
bool builder_build(struct console *c, struct builder_form *f, bool saving)
    __attribute__((warn_unused_result));

/* Sets the width and height of the background, in pixels. Returns false when there is none. */
bool builder_sides(const struct builder_form *f, uint32_t *width, uint32_t *height);

/* These describe one part. Its number is that of an area, from 0, or IMAGE_AREAS for the
 * barcode. They return its BUILDER_KEYS keys, its fields, and the prefix of their names in the
 * form: "area_2" for area 1, or "code". */
const struct builder_key *builder_keys(size_t number);
const struct builder_part *builder_part(const struct builder_form *f, size_t number);
const char *builder_prefix(char out[BUILDER_PART], size_t number);

/* --- writing (builder_html.c) --- */

/* Writes the form and, beside it, the preview. sha names the blob of the preview; "" means that
 * there is none. */
void builder_write(struct console *c, const struct builder_form *f, const char *sha);

#endif
