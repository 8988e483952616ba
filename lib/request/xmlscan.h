/*
 * xmlscan: a look over an XML text before the parser sees it.
 *
 * It refuses what makes parsers slow or dangerous and costs one pass: document
 * types and entities, tags of great length (the
 * parser's check for equal attributes is quadratic: 280 KB in one tag took it
 * 6.8 s), too many attributes or elements, deep nesting (SECURITY-FACTS 2.2).
 */
#ifndef SM_XMLSCAN_H
#define SM_XMLSCAN_H

#include <stddef.h>

enum {
	XMLSCAN_TAG = 4096,      /* bytes of one tag */
	XMLSCAN_ATTRIBUTES = 64, /* of one tag */
	XMLSCAN_ELEMENTS = 2000,
	XMLSCAN_DEPTH = 32, /* SPEC 3.1, rule 2 */
};

/* NULL when the text may be parsed, else a short reason and its line. That the
 * text is well formed is the parser's to say. */
const char *xmlscan(const char *p, size_t n, unsigned *line);

#endif
