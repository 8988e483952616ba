/*
 * json_tree: reads a JSON text into the same kind of tree as XML (jansson). A member is a child
 * with its name; of an array each element is such a child, marked as listed. A member that is null
 * is left out.
 *
 * It is strict (savemms-api-c(7)): RFC 8259 and nothing else, no two members of one object
 * whose names fold to one (fold.h), apart from those of the root's member "data", no U+0000, no
 * number that a 64-bit integer or a double does not hold.
 */
#ifndef SM_JSON_TREE_H
#define SM_JSON_TREE_H

#include <stddef.h>

struct arena;
struct xnode;

enum {
	JSON_TREE_DEPTH = 32,    /* levels of { and [ */
	JSON_TREE_VALUES = 10000 /* values in all, which take up to 20 times their bytes as read */
};

/* Parses n bytes of valid UTF-8 without a NUL in them and returns the root; all memory is the
 * arena's. Returns NULL when the text is not such JSON, with the reason in *why, or
 * when memory is short, with *why NULL. */
struct xnode *json_tree_parse(struct arena *a, const char *p, size_t n, const char **why);

/* Prepares jansson. Must be called once before any thread parses. */
void json_tree_init(void);

#endif
