/*
 * condition: conditional and range requests (RFC 9110, 13 and 14). A caller asks for a
 * body only if it has changed, or for a part of it. The function is pure.
 *
 * A request for one range gets that range. A request for several gets the whole body,
 * as RFC 9110 14.2 allows. A date in If-Range never matches: bodies here have entity
 * tags and no dates.
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
	int status;       /* 200 whole, 206 part, 304 not modified, 416 beyond the end */
	uint64_t from, n; /* bytes to send */
};

/* Returns the status of the answer and the part of the body it sends. */
struct part condition_part(const struct condition *c);

#endif
