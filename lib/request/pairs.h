/*
 * pairs: a request as name=value pairs, from a query string, a form body or a
 * multipart body.
 */
#ifndef SM_PAIRS_H
#define SM_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { PAIRS_MAX = 1000 }; /* 100 slides of 9 fields, and the others */

struct pair {
	const char *name; /* as sent */
	char *value;      /* bytes with a NUL behind them */
	size_t len;       /* of value: it may hold a NUL byte, which no rule passes */
	const char *file,
	    *type; /* of an upload: the name and Content-Type ("": none) it came with; else NULL */
};

struct pairs {
	struct pair *v; /* room for PAIRS_MAX */
	size_t n;
};

/* Adds the pairs of n bytes of application/x-www-form-urlencoded text (WHATWG
 * URL standard: & between pairs, + is a space, %XX a byte; a % without two hex
 * digits stands for itself). Pairs beyond PAIRS_MAX make it fail: false; also
 * when memory is short. */
bool pairs_from_form(struct arena *a, const char *p, size_t n, struct pairs *out)
    __attribute__((warn_unused_result));

/* Adds the parts of a multipart/form-data body (RFC 7578); content_type holds
 * the boundary. False when it is not such a body. Parts with a file name count
 * like others. */
bool pairs_from_multipart(struct arena *a, const char *content_type, const char *p, size_t n,
    struct pairs *out) __attribute__((warn_unused_result));

/* The first pair of this name, any case; NULL when there is none. */
const struct pair *pairs_find(const struct pairs *ps, const char *name);

#endif
