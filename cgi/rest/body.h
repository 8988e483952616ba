/*
 * body: the body of a request for a resource: JSON, or parts of which one is JSON
 * (savemms-api-rest(7)).
 */
#ifndef SM_REST_BODY_H
#define SM_REST_BODY_H

#include "cgi/rest/rest.h"

/* Reads the body of a resource that takes one, if there is room for one more that is large
 * (upload_limit.h), and sets in to where its JSON is. Parts go to r->parts. Where no body is wanted
 * it is not looked at, and in gets an empty object. Returns false with the failure set. body_end()
 * ends it in any case. */
bool body_read(struct rest *r, bool wanted, struct request_bytes *in)
    __attribute__((warn_unused_result));

/* Forgets the parts, whose memory may be large. */
void body_end(struct rest *r);

#endif
