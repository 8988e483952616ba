/*
 * condition: what a caller makes depend on what it has: a body only when it is
 * another one, or only a part of it (RFC 9110, 13 and 14). Pure.
 *
 * One range is served as asked for; of a request for several the whole body is the
 * answer, as RFC 9110 14.2 allows. A date in If-Range never matches: bodies here have
 * entity tags and no dates.
 */
#ifndef SM_CONDITION_H
#define SM_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

struct condition {
	bool get;                                     /* ranges are for GET only */
	const char *if_none_match, *range, *if_range; /* headers; NULL: not given */
	const char *etag; /* of the body: strong, without its quotation marks */
	uint64_t size;    /* of the body */
};

struct part {
	int status;       /* 200 whole, 206 part, 304 it is the one you have, 416 beyond the end */
	uint64_t from, n; /* bytes to send */
};

struct part condition_part(const struct condition *c);

#endif
