/*
 * build: puts what a caller sent into a struct request, for request.c. build.c has the table of
 * names, build_tree.c reads a tree of XML or JSON, build_pairs.c reads pairs. All memory is the
 * arena's; memory that is short shows in the arena.
 */
#ifndef SM_BUILD_H
#define SM_BUILD_H

#include <stdbool.h>

#include "request/request.h"

enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_FLAG };

struct field {
	const char *element;
	size_t offset;
	enum field_type type;
};

/* What stands in a slide or another element of a request; PART_NONE: none of that. */
enum part {
	PART_NONE,
	PART_SLIDE,
	PART_CONTENT,
	PART_SEQUENCE,
	PART_CUSTOM,
	PART_DATA,
	PART_URL,
	PART_UPLOAD,
	PART_IMAGE_TEMPLATE,
	PART_TEMPLATE_ID,
	PART_TEXT,
	PART_VALUE,
	PART_DURATION,
	PART_PASSBOOK,
	PART_EXCEL
};

/* Returns the field or the part of this name, compared folded; NULL or PART_NONE: none. */
const struct field *build_field(const char *name);
enum part build_part(const char *name);

/* Returns where the field's value is in r. */
const char **build_slot(struct request *r, const struct field *f);

/* Returns an empty request, or NULL when memory is short. */
struct request *build_new(struct arena *a);

/* Return a new slide or custom text, or a spare one at the end when there are more than are kept.
 * build_data() adds a variable; a value of NULL is left out. */
struct request_slide *build_slide(struct request *r);
struct request_text *build_custom(struct request *r);
void build_data(struct request *r, const char *name, char *value);

/* Sets a value that was not set before; a blank value, or NULL, counts as absent. */
void build_take(const char **slot, char *value);

/* Returns the slide of a tree that follows one, or the first one if that is NULL; behind the last
 * NULL. They stand in the root, and in XML also in CONTENT and SEQUENCE, the legacy shape; an empty
 * array is none. */
const struct xnode *build_next_slide(const struct xnode *root, const struct xnode *slide);

/* To be called after each element of a slide. */
void build_note_order(struct request_slide *s);

/* Read the fields of a tree or of pairs into a new request, and later the rest of it, once. */
struct request *build_tree(struct arena *a, const struct xnode *root, enum dialect d);
void build_tree_rest(struct arena *a, struct request *r);
struct request *build_pairs(struct arena *a, const struct pairs *ps);
bool build_pairs_rest(struct arena *a, struct request *r) __attribute__((warn_unused_result));

#endif
