/*
 * uploads: media that a request for a resource brings along, as parts of its body or as data:
 * URLs (savemms-api-rest(7), Media).
 */
#ifndef SM_REST_UPLOADS_H
#define SM_REST_UPLOADS_H

#include "cgi/rest/rest.h"

/* Takes the bytes out of the request's slides, for a caller who may call the action: the call gets
 * them as uploads, and each URL becomes one that only names its type. A part that several media
 * name is written once. Of more slides than a template may have (E225) it takes nothing. Ends
 * the body (body.h): what is fetched and transcoded after that, waits without it. Returns false
 * with the failure set. uploads_end() closes the files in any case. */
bool uploads_take(struct rest *r) __attribute__((warn_unused_result));
void uploads_end(struct rest *r);

#endif
