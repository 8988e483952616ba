/* build_tree: reads a tree, of XML or of JSON, into a request. See build.h. */
#include <string.h>

#include "base/arena.h"
#include "model/fold.h"
#include "request/build.h"
#include "request/xmltree.h"

/* Returns the text of a node that stands for a value of this type. Markup inside a text is
 * dropped, its words are not. Returns request_wrong_type for JSON of another type. A flag of
 * another type is given as a word that is none. */
static const char *
value_of(struct arena *a, const struct xnode *n, enum field_type type)
{
	if (n->type == XNODE_ELEMENT)
		return xnode_all_text(a, n);
	if (type == FIELD_FLAG && !n->listed && (n->type == XNODE_TRUE || n->type == XNODE_FALSE))
		return n->type == XNODE_TRUE ? "yes" : "no";
	if (!n->listed &&
	    (n->type == XNODE_STRING || (n->type == XNODE_INTEGER && type == FIELD_NUMBER)))
		return n->text;
	return type == FIELD_FLAG ? "not a flag" : request_wrong_type;
}

static void
take(struct arena *a, const char **slot, const struct xnode *n, enum field_type type)
{
	const char *v = value_of(a, n, type);

	if (v == request_wrong_type)
		*slot = *slot == NULL ? v : *slot;
	else
		build_take(slot, v != NULL ? arena_strdup(a, v) : NULL);
}

/* Takes the texts of the children that are this part: the first with a text counts. A value that
 * should have children, but is of another type of JSON, is of the wrong type itself. */
static void
take_part(struct arena *a, const char **slot, const struct xnode *n, enum part part)
{
	enum field_type type = part == PART_TEMPLATE_ID ? FIELD_NUMBER : FIELD_TEXT;

	if ((n->type != XNODE_ELEMENT && n->type != XNODE_OBJECT) || n->listed)
		*slot = *slot == NULL ? request_wrong_type : *slot;
	for (const struct xnode *c = n->child; c != NULL; c = c->next)
		if (build_part(c->name) == part)
			take(a, slot, c, type);
}

/* Does the value hold anything? Blank texts, null, false and zero do not, nor does what contains
 * nothing else. */
static bool
holds(const struct xnode *n)
{
	bool any = n->type == XNODE_TRUE;

	if (n->type == XNODE_INTEGER || n->type == XNODE_REAL)
		any = strspn(n->text, "-0") < strlen(n->text);
	else if (n->type == XNODE_ELEMENT || n->type == XNODE_STRING)
		any = n->text[strspn(n->text, " \t\r\n")] != '\0';
	for (const struct xnode *c = n->child; c != NULL && !any; c = c->next)
		any = holds(c);
	return any;
}

/* Notes an element that holds what no handset gets (savemms-api(7), Dialects): B knows one, C
 * two, A none. */
static void
note_foreign(const struct request *r, struct request_slide *s, const struct xnode *n)
{
	enum part part = build_part(n->name);

	if ((part == PART_PASSBOOK && r->dialect != DIALECT_A) ||
	    (part == PART_EXCEL && r->dialect == DIALECT_C))
		s->foreign = s->foreign || holds(n);
}

static void
read_slide_part(struct arena *a, const struct request *r, struct request_slide *s,
    const struct xnode *c)
{
	int kind = kind_by_element(c->name);
	enum part part = build_part(c->name);
	const char *duration = NULL;

	if (kind >= 0) {
		take_part(a, &s->url[kind], c, PART_URL);
		take_part(a, &s->part[kind], c, PART_UPLOAD);
	} else if (part == PART_IMAGE_TEMPLATE) {
		take_part(a, &s->image_template, c, PART_TEMPLATE_ID);
	} else if (part == PART_TEXT) {
		take(a, &s->text, c, FIELD_TEXT);
	} else if (part == PART_DURATION) {
		take(a, &duration, c, FIELD_NUMBER);
		if (s->duration == NULL && duration != request_wrong_type) /* never an error */
			s->duration = duration;
	} else {
		note_foreign(r, s, c);
	}
	build_note_order(s);
}

static void
read_slide(struct arena *a, struct request *r, const struct xnode *n)
{
	struct request_slide *s;
	const char *duration = xnode_attr(n, "duration");

	s = build_slide(r);
	s->wrong = n->type != XNODE_ELEMENT && n->type != XNODE_OBJECT;
	for (const struct xnode *c = n->child; c != NULL; c = c->next)
		read_slide_part(a, r, s, c);
	if (duration != NULL)
		build_take(&s->duration, arena_strdup(a, duration));
}

/* Returns the node behind n and all inside it; behind the last of the tree NULL. */
static const struct xnode *
behind(const struct xnode *root, const struct xnode *n)
{
	while (n->next == NULL && n->parent != root)
		n = n->parent;
	return n->next;
}

const struct xnode *
build_next_slide(const struct xnode *root, const struct xnode *slide)
{
	const struct xnode *n = slide != NULL ? behind(root, slide) : root->child;

	while (n != NULL) {
		enum part part = build_part(n->name);
		bool holder = (part == PART_CONTENT || part == PART_SEQUENCE) &&
		    n->type == XNODE_ELEMENT;

		if (part == PART_SLIDE && (n->type != XNODE_ARRAY || n->listed))
			return n;
		n = holder && n->child != NULL ? n->child : behind(root, n);
	}
	return NULL;
}

static void
read_custom(struct arena *a, struct request *r, const struct xnode *n)
{
	struct request_text *t;

	if (n->type == XNODE_ARRAY && !n->listed)
		return; /* [] */
	t = build_custom(r);
	if (n->type != XNODE_ELEMENT && n->type != XNODE_OBJECT)
		t->text = request_wrong_type;
	for (const struct xnode *c = n->child; c != NULL; c = c->next) {
		enum part part = build_part(c->name);

		if (part == PART_VALUE || (part == PART_TEXT && r->dialect == DIALECT_C))
			take(a, &t->text, c, FIELD_TEXT);
		else if (part == PART_SLIDE)
			take(a, &t->slide, c, FIELD_NUMBER);
	}
}

/* Reads the variables. JSON may give them as strings, integers and booleans. */
static void
read_data(struct arena *a, struct request *r, const struct xnode *n)
{
	if (n->type != XNODE_ELEMENT && (n->type != XNODE_OBJECT || n->listed))
		r->data_wrong = true;
	for (const struct xnode *v = n->child; v != NULL; v = v->next)
		if (v->type == XNODE_ELEMENT)
			build_data(r, v->name, xnode_all_text(a, v));
		else if (v->listed || v->type == XNODE_REAL || v->type == XNODE_OBJECT ||
		    v->type == XNODE_ARRAY)
			r->data_wrong = true;
		else
			build_data(r, v->name, v->text);
}

static void
read_fields(struct arena *a, struct request *r, const struct xnode *n)
{
	for (const struct xnode *c = n->child; c != NULL; c = c->next) {
		const struct field *f = build_field(c->name);

		if (f != NULL)
			take(a, build_slot(r, f), c, f->type);
	}
}

struct request *
build_tree(struct arena *a, const struct xnode *root, enum dialect d)
{
	struct request *r = build_new(a);
	const struct xnode *content;

	if (r == NULL)
		return NULL;
	r->dialect = d;
	read_fields(a, r, root);
	content = xnode_child(root, "CONTENT");
	if (content != NULL && content->type == XNODE_ELEMENT)
		read_fields(a, r, content); /* the legacy shape: CONTENT/NAME */
	r->root = root;
	return r;
}

void
build_tree_rest(struct arena *a, struct request *r)
{
	for (const struct xnode *n = NULL; (n = build_next_slide(r->root, n)) != NULL;)
		read_slide(a, r, n);
	for (const struct xnode *c = r->root->child; c != NULL; c = c->next) {
		enum part part = build_part(c->name);

		if (part == PART_CUSTOM)
			read_custom(a, r, c);
		else if (part == PART_DATA)
			read_data(a, r, c);
	}
}
