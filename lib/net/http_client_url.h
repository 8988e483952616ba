/*
 * http_client_url: decides which URLs may be called, and how they are written. Pure.
 */
#ifndef SM_HTTP_CLIENT_URL_H
#define SM_HTTP_CLIENT_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "model/settings.h"

enum {
	HTTP_CLIENT_BARE = 1,       /* query and fragment are cut off */
	HTTP_CLIENT_ANY_LENGTH = 2, /* max-url-bytes does not count: it is for the URLs of callers,
	                               not for those built here */
	HTTP_CLIENT_ANY_PORT = 4
};

/* A URL to check, and what the check gives. */
struct http_client_url {
	const char *url;  /* as it was given */
	const char *base; /* NULL: url is absolute; else url is a Location that the answer of base,
	                     which has been checked, gave (RFC 9110, 10.2.2) */
	unsigned how;     /* a set of the bits above */
	char *out;        /* gets the URL as it will be used */
	size_t size;      /* of out */
	const char *why;  /* set when the URL is refused: the reason; NULL: memory is short */
};

/* Accepts a URL that is absolute, http or https, without credentials, with an allowed port, and at
 * most max-url-bytes long (savemms-api(7), Fetching). Writes it to out without its fragment, with
 * its path and query encoded (url_text.h) and its host in ASCII by IDNA; that is the host which the
 * connection is made to and the address policy judges. Returns false when the URL is refused or
 * memory is short; why says which. */
bool http_client_url_check(const struct settings *s, struct http_client_url *u)
    __attribute__((warn_unused_result));

#endif
