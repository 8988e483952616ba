/*
 * http_client_url: which URLs may be called. For dial.c; others call http_client_url() of dial.h.
 */
#ifndef SM_DIAL_URL_H
#define SM_DIAL_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "model/settings.h"

enum {
	HTTP_CLIENT_BARE = 1,		/* query and fragment are cut off */
	HTTP_CLIENT_ANY_LENGTH = 2,	/* max-url-bytes is for URLs of callers, not for those that are made here */
	HTTP_CLIENT_ANY_PORT = 4
};

/* As http_client_url(); how is a set of the bits above. */
bool http_client_check_url(const struct settings *s, const char *url, unsigned how, char *out, size_t size, const char **why)
    __attribute__((warn_unused_result));

#endif
