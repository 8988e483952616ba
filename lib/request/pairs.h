/*
 * pairs: a request as name=value pairs, read from a query string, a form body or a multipart body.
 */
#ifndef SM_PAIRS_H
#define SM_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { PAIRS_MAX = 1000 }; /* 100 slides of 9 fields, and the others */

struct pair {
	const char *name;    /* as sent */
	char *value;         /* bytes with a NUL behind them */
	size_t len;          /* of value; it may hold a NUL byte, which no text may */
	const char *charset; /* that its part of a multipart body names; "": none */
	const char *file;    /* of an upload: the file name it came with; else NULL */
	const char *type;    /* Content-Type of its part of a multipart body, "": none; else NULL */
};

struct pairs {
	struct pair *v; /* room for PAIRS_MAX */
	size_t n;
	size_t unnamed; /* parts that were passed over */
};

/* Adds the pairs in n bytes of application/x-www-form-urlencoded text to *out, which is all zero
 * before its first use (WHATWG URL standard: & stands between pairs, + is a space, %XX is a
 * byte, and a % without two hex digits stands for itself). All memory is the arena's. Returns
 * false when *out would hold more than PAIRS_MAX pairs or memory is short. */
bool pairs_from_form(struct arena *a, const char *p, size_t n, struct pairs *out)
    __attribute__((warn_unused_result));

/* Adds the parts of a multipart/form-data body (RFC 7578) to *out likewise; content_type holds
 * the boundary. A part with a file name counts like any other; a part without a name is passed
 * over and counted. Returns false when the body is not in this form, when *out would hold more than
 * PAIRS_MAX pairs, or when memory is short. */
bool pairs_from_multipart(struct arena *a, const char *content_type, const char *p, size_t n,
    struct pairs *out) __attribute__((warn_unused_result));

/* Turns names and values into UTF-8, in the arena. charset is that of the whole form, "" for UTF-8;
 * a part that names its own has that. Returns false when that fails, with *why as
 * charset_text_to_utf8() sets it. */
bool pairs_decode(struct arena *a, struct pairs *ps, const char *charset, const char **why)
    __attribute__((warn_unused_result));

/* Returns the first pair of this name, in any case; NULL when there is none. */
const struct pair *pairs_find(const struct pairs *ps, const char *name);

#endif
