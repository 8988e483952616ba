/* unknown: see unknown.h */
#include "request/unknown.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/percent.h"
#include "model/fold.h"
#include "request/build.h"
#include "request/xmltree.h"

enum { NAME_MAX_BYTES = 4096 };

struct search {
	struct arena *a;
	const char **pointer;
	size_t n, max;
};

/* Appends a name as a part of a pointer: ~ and / have escapes of their own, and what a URI does
 * not have is in percent. */
static void
add_name(struct buf *b, const char *name)
{
	for (char one[2] = ""; *name != '\0'; name++) {
		one[0] = *name;
		if (*name == '~' || *name == '/')
			buf_adds(b, *name == '~' ? "~0" : "~1");
		else
			percent_add(b, one);
	}
}

/* Returns the number of an element in its array, from 0. */
static size_t
index_of(const struct xnode *n)
{
	size_t i = 0;

	for (const struct xnode *c = n->parent->child; c != n; c = c->next)
		i += c->listed && strcmp(c->name, n->name) == 0;
	return i;
}

static void
add_path(struct buf *b, const struct xnode *n)
{
	if (n->parent == NULL)
		return;
	add_path(b, n->parent);
	buf_addc(b, '/');
	add_name(b, n->name);
	if (n->listed)
		buf_printf(b, "/%zu", index_of(n));
}

static void
note(struct search *s, const struct xnode *n)
{
	struct buf b;

	if (s->n == s->max)
		return;
	buf_init(&b, NAME_MAX_BYTES);
	buf_addc(&b, '#');
	add_path(&b, n);
	/* a name that is too long is pointed at by what has it */
	s->pointer[s->n] = arena_strdup(s->a, buf_ok(&b) ? buf_str(&b) : "#");
	s->n += s->pointer[s->n] != NULL;
	buf_free(&b);
}

static bool
among(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (fold_same(name, *names))
			return true;
	return false;
}

/* Looks at the members of an element of which these parts are known. */
static void
look_for(struct search *s, const struct xnode *n, enum part one, enum part other)
{
	for (const struct xnode *c = n->child; c != NULL; c = c->next)
		if (build_part(c->name) != one && build_part(c->name) != other)
			note(s, c);
}

static void
look_at_slide(struct search *s, const struct xnode *n)
{
	for (const struct xnode *c = n->child; c != NULL; c = c->next) {
		enum part part = build_part(c->name);

		if (kind_by_element(c->name) >= 0)
			look_for(s, c, PART_URL, PART_UPLOAD);
		else if (part == PART_IMAGE_TEMPLATE)
			look_for(s, c, PART_TEMPLATE_ID, PART_TEMPLATE_ID);
		else if (part != PART_TEXT && part != PART_DURATION && part != PART_PASSBOOK &&
		    part != PART_EXCEL)
			note(s, c);
	}
}

static void
look_at_custom(struct search *s, const struct xnode *n)
{
	for (const struct xnode *c = n->child; c != NULL; c = c->next) {
		enum part part = build_part(c->name);

		if (part != PART_SLIDE && part != PART_VALUE && part != PART_TEXT)
			note(s, c);
	}
}

size_t
request_unknown(struct arena *a, const struct request *r, const char *const *names,
    const char **pointer, size_t max)
{
	struct search s = { a, pointer, 0, max };

	if (r->root == NULL)
		return 0;
	for (const struct xnode *c = r->root->child; c != NULL; c = c->next) {
		enum part part = build_part(c->name);

		if (!among(c->name, names))
			note(&s, c);
		else if (part == PART_SLIDE)
			look_at_slide(&s, c);
		else if (part == PART_CUSTOM)
			look_at_custom(&s, c);
	}
	return s.n;
}
