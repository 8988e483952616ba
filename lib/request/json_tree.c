/*
 * json_tree: see json_tree.h. This is the only file that includes jansson.
 */
#include "request/json_tree.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "model/fold.h"
#include "model/text.h"
#include "request/xmltree.h"

/* --- memory of the library ---
 *
 * jansson 2.14 does not look whether its buffer for a text could grow: when memory is short it
 * takes a shorter text or number for the one that was sent, or aborts. So no allocation returns to
 * it without memory: the parse is left by longjmp() then, and all its blocks are freed. */

struct block {
	struct block *prev, *next;
	max_align_t data[];
};

static _Thread_local struct {
	jmp_buf back;
	struct block *first;
} parse;

static void *
take(size_t n)
{
	struct block *b = n < SIZE_MAX - sizeof *b ? malloc(sizeof *b + n) : NULL;

	if (b == NULL)
		longjmp(parse.back, 1);
	b->prev = NULL;
	b->next = parse.first;
	if (b->next != NULL)
		b->next->prev = b;
	parse.first = b;
	return b->data;
}

static void
give_back(void *p)
{
	struct block *b = p != NULL ? (void *)((char *)p - offsetof(struct block, data)) : NULL;

	if (b == NULL)
		return;
	if (b->prev != NULL)
		b->prev->next = b->next;
	else
		parse.first = b->next;
	if (b->next != NULL)
		b->next->prev = b->prev;
	free(b);
}

void
json_tree_init(void)
{
	json_set_alloc_funcs(take, give_back);
	json_object_seed(0);
}

/* Looks at the brackets and commas outside of strings, before anything is built. Returns a reason
 * to refuse the text, or NULL. */
static const char *
scan(const char *p, size_t n)
{
	size_t depth = 0, values = 0;
	bool string = false;

	for (size_t i = 0; i < n; i++) {
		if (string) {
			if (p[i] == '\\')
				i++;
			else if (p[i] == '"')
				string = false;
		} else if (p[i] == '"') {
			string = true;
		} else if (p[i] == '{' || p[i] == '[' || p[i] == ',') {
			if (p[i] != ',' && ++depth > JSON_TREE_DEPTH)
				return "nested too deeply";
			if (++values > JSON_TREE_VALUES)
				return "too many values";
		} else if (p[i] == '}' || p[i] == ']') {
			depth -= depth > 0;
		}
	}
	return NULL;
}

struct building {
	struct arena *arena;
	const char *why; /* our reason to refuse the text */
	bool failed;     /* memory was short */
};

static struct xnode *add_value(struct building *b, struct xnode *parent, struct xnode **last,
    const char *name, const json_t *v);

/* Copies a string without the controls that escapes can bring in, other than tab and the line
 * breaks. */
static char *
copy_text(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *w = out;

	for (const char *p = out; p != NULL && *p != '\0'; p++)
		if ((unsigned char)*p >= 0x20 || strchr("\t\r\n", *p) != NULL)
			*w++ = *p;
	if (w != NULL)
		*w = '\0';
	return out;
}

static enum xnode_type
type_of(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return XNODE_OBJECT;
	case JSON_ARRAY:
		return XNODE_ARRAY;
	case JSON_STRING:
		return XNODE_STRING;
	case JSON_INTEGER:
		return XNODE_INTEGER;
	case JSON_REAL:
		return XNODE_REAL;
	case JSON_TRUE:
		return XNODE_TRUE;
	case JSON_FALSE:
		return XNODE_FALSE;
	default:
		return XNODE_NULL;
	}
}

static char *
text_of(struct arena *a, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return copy_text(a, json_string_value(v));
	case JSON_INTEGER:
		return arena_printf(a, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	case JSON_REAL:
		return arena_printf(a, "%g", json_real_value(v));
	case JSON_TRUE:
		return arena_strdup(a, "true");
	case JSON_FALSE:
		return arena_strdup(a, "false");
	default:
		return arena_strdup(a, "");
	}
}

static int
compare(const void *x, const void *y)
{
	return fold_compare(*(const char *const *)x, *(const char *const *)y);
}

/* Do two names of the object fold to one? */
static bool
has_twins(struct building *b, json_t *object)
{
	const char **names = arena_array(b->arena, json_object_size(object) + 1, sizeof *names);
	size_t n = 0;

	if (names == NULL) {
		b->failed = true;
		return false;
	}
	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i))
		names[n++] = json_object_iter_key(i);
	qsort(names, n, sizeof *names, compare);
	for (size_t i = 1; i < n; i++)
		if (fold_same(names[i - 1], names[i]))
			return true;
	return false;
}

static void
add_members(struct building *b, struct xnode *n, json_t *object)
{
	struct xnode *last = NULL;
	bool data = n->parent != NULL && n->parent->parent == NULL && fold_same(n->name, "data");

	if (!data && has_twins(b, object))
		b->why = "two members of an object have one name";
	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
		const json_t *v = json_object_iter_value(i);
		const char *name = arena_strdup(b->arena, json_object_iter_key(i));
		size_t elements = json_is_array(v) ? json_array_size(v) : 0;

		if (name == NULL) {
			b->failed = true;
			return;
		}
		for (size_t k = 0; k < elements; k++) {
			struct xnode *e = add_value(b, n, &last, name, json_array_get(v, k));

			if (e != NULL)
				e->listed = true;
		}
		if (elements == 0 && !json_is_null(v))
			(void)add_value(b, n, &last, name, v);
	}
}

/* Adds a node for the value behind *last, and those of its members. Of an array inside an array
 * only the fact is of interest, but objects in it must be as strict. Returns NULL when memory is
 * short. */
static struct xnode *
add_value(struct building *b, struct xnode *parent, struct xnode **last, const char *name,
    const json_t *v)
{
	struct xnode *n = arena_zalloc(b->arena, sizeof *n);

	if (n == NULL || (n->text = text_of(b->arena, v)) == NULL) {
		b->failed = true;
		return NULL;
	}
	n->name = name;
	n->type = type_of(v);
	n->parent = parent;
	if (*last != NULL)
		(*last)->next = n;
	else if (parent != NULL)
		parent->child = n;
	*last = n;
	if (json_is_object(v))
		add_members(b, n, (json_t *)(uintptr_t)v);
	if (json_is_array(v)) {
		struct xnode *inner = NULL;

		for (size_t k = 0; k < json_array_size(v); k++) {
			struct xnode *e = add_value(b, n, &inner, name, json_array_get(v, k));

			if (e != NULL)
				e->listed = true;
		}
	}
	return n;
}

/* Builds the tree. Sets *why as json_tree_parse() does. */
static struct xnode *
build(struct arena *a, const char *p, size_t n, const char **why)
{
	struct building b = { .arena = a };
	struct xnode *root, *last = NULL;
	json_error_t e;
	json_t *v = json_loadb(p, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);

	if (v == NULL) {
		text_mend(e.text); /* it may quote half a character */
		*why = arena_printf(a, "%s at line %d", e.text, e.line);
		return NULL;
	}
	root = add_value(&b, NULL, &last, "REQUEST", v);
	json_decref(v);
	*why = b.failed ? NULL : b.why;
	return b.failed || b.why != NULL ? NULL : root;
}

struct xnode *
json_tree_parse(struct arena *a, const char *p, size_t n, const char **why)
{
	if ((*why = scan(p, n)) != NULL)
		return NULL;
	parse.first = NULL;
	if (setjmp(parse.back) == 0)
		return build(a, p, n, why);
	while (parse.first != NULL)
		give_back(parse.first->data);
	*why = NULL;
	return NULL;
}
