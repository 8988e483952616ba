/*
 * unknown: finds the members of a JSON request that nobody would look at, so that a caller who
 * misspells one is told. Pure.
 */
#ifndef SM_UNKNOWN_H
#define SM_UNKNOWN_H

#include "request/request.h"

/* Finds the members of the request's root that are not among names (compared folded; NULL ends
 * them), and those of slides, media and custom texts that these do not have. Sets up to max
 * pointers (RFC 6901, as the fragment of a URI), in the order of the document, in the arena, and
 * returns how many. When memory is short, arena_failed() tells so. */
size_t request_unknown(struct arena *a, const struct request *r, const char *const *names,
    const char **pointer, size_t max);

#endif
