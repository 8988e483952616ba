/*
 * xmlscan: checks an XML text before the parser sees it.
 *
 * In one pass it refuses what makes parsers slow or dangerous: document types and entities, very
 * long tags (280 KB in one tag took the parser 6.8 s, because its check for equal attributes is
 * quadratic), too many attributes or elements, and deep nesting (savemms-api(7), Requests).
 */
#ifndef SM_XMLSCAN_H
#define SM_XMLSCAN_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum {
	XMLSCAN_TAG = 4096,      /* bytes of one tag */
	XMLSCAN_ATTRIBUTES = 64, /* of one tag */
	XMLSCAN_ELEMENTS = 2000,
	XMLSCAN_DEPTH = 32, /* savemms-api(7), Checks: check 2 */
};

/* Returns NULL when the text may be parsed, else a short reason, with its line in *line. The
 * parser decides whether the text is well formed. */
const char *xmlscan(const char *p, size_t n, unsigned *line);

/* Sets *out to a copy of the text in the arena, in which each & that begins no reference has become
 * &amp; (those in CDATA sections, comments and instructions stay), and *len to its length. Sets
 * *out to NULL when there is no such &. Returns false when memory is short. */
bool xmlscan_mend(struct arena *a, const char *p, size_t n, char **out, size_t *len)
    __attribute__((warn_unused_result));

#endif
