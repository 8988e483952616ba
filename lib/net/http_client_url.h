/*
 * dial_url: which URLs may be called. For dial.c; others call dial_url() of dial.h.
 */
#ifndef SM_DIAL_URL_H
#define SM_DIAL_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "model/settings.h"

enum {
	DIAL_BARE = 1,		/* query and fragment are cut off */
	DIAL_ANY_LENGTH = 2,	/* max-url-bytes is for URLs of callers, not for those that are made here */
	DIAL_ANY_PORT = 4
};

/* As dial_url(); how is a set of the bits above. */
bool dial_check_url(const struct settings *s, const char *url, unsigned how, char *out, size_t size, const char **why)
    __attribute__((warn_unused_result));

#endif
