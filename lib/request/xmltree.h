/*
 * xmltree: an XML text as a small tree (libxml2, SAX).
 */
#ifndef SM_XMLTREE_H
#define SM_XMLTREE_H

#include <stddef.h>

struct arena;

struct xnode {
	const char *name;
	char *text;          /* character data directly inside, "" if none */
	struct xnode *child; /* first */
	struct xnode *next;  /* sibling */
	struct xnode *parent;
	struct xattr {
		const char *name, *value;
		struct xattr *next;
	} * attr;
};

/* Parses n bytes of UTF-8 that xmlscan() has passed. NULL when it is not well
 * formed: *why is the parser's message, "... at line N"; or when memory is
 * short: *why is NULL. All memory is the arena's. No entity but the five of XML
 * is known, nothing is loaded. */
struct xnode *xmltree_parse(struct arena *a, const char *p, size_t n, const char **why);

/* The first child element of this name, any case; NULL when there is none. */
struct xnode *xnode_child(const struct xnode *n, const char *name);

/* The value of an attribute, any case; NULL when there is none. */
const char *xnode_attr(const struct xnode *n, const char *name);

/* Must be called once before any thread parses. */
void xmltree_init(void);

#endif
