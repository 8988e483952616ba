/*
 * xmltree: reads an XML text into a small tree (libxml2, SAX). json_tree.h reads JSON into the same
 * kind of tree.
 */
#ifndef SM_XMLTREE_H
#define SM_XMLTREE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* What a node was in the text. */
enum xnode_type {
	XNODE_ELEMENT, /* of XML */
	XNODE_OBJECT,
	XNODE_ARRAY, /* an empty one, or one in an array */
	XNODE_STRING,
	XNODE_INTEGER,
	XNODE_REAL,
	XNODE_TRUE,
	XNODE_FALSE,
	XNODE_NULL /* in an array */
};

struct xnode {
	const char *name;
	enum xnode_type type;
	bool listed;         /* an element of an array of this name */
	char *text;          /* character data directly inside, or the value; "" if none */
	size_t at;           /* where in the parent's text this element stands */
	struct xnode *child; /* first */
	struct xnode *next;  /* sibling */
	struct xnode *parent;
	struct xattr {
		const char *name, *value;
		struct xattr *next;
	} * attr;
};

/* Parses n bytes of UTF-8 that xmlscan() accepted and returns the root element; all memory is
 * the arena's. Returns NULL when the text is not well formed, with the parser's message, "... at
 * line N", in *why, or when memory is short, with *why NULL. Only the five entities of XML are
 * known, and nothing is loaded. */
struct xnode *xmltree_parse(struct arena *a, const char *p, size_t n, const char **why);

/* Returns the text of the element and of all elements inside it, in the order of the document:
 * "Hello you" for <TEXT>Hello <b>you</b></TEXT>. The memory is the tree's, or the arena's if there
 * are such elements. Returns NULL when memory is short. */
char *xnode_all_text(struct arena *a, const struct xnode *n);

/* Returns the first child element of this name, compared folded (fold.h); NULL when there is
 * none. */
struct xnode *xnode_child(const struct xnode *n, const char *name);

/* Returns the value of the attribute of this name, in any case; NULL when there is none. */
const char *xnode_attr(const struct xnode *n, const char *name);

/* Prepares libxml2. Must be called once before any thread parses. */
void xmltree_init(void);

#endif
