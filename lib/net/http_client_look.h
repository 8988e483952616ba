/*
 * http_client_look: looks at a server without giving it anything: whether it can be reached, what
 * it answers to a GET, when its certificate ends, and what time it has.
 */
#ifndef SM_HTTP_CLIENT_LOOK_H
#define SM_HTTP_CLIENT_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "net/http_client.h"

struct buf;

enum { HTTP_CLIENT_ORIGIN = 300 };

struct http_client_look {
	const char *url;
	uint64_t ms;        /* the longest it may take */
	bool operators;     /* as in struct http_client_call */
	bool only_connects; /* connects, with TLS for https, and sends no request */
	struct buf *answer; /* gets the body of the answer; NULL: not wanted */
	/* set when the look ends */
	enum http_client_rc rc;
	long status;    /* 0: no answer */
	bool untrusted; /* TLS failed: no such certificate, an expired one, one of another name */
	int64_t ends;   /* when the server's certificate ends, seconds since 1970; 0: not known */
	int64_t date;   /* the answer's Date, seconds since 1970; 0: none */
	char why[HTTP_CLIENT_WHY];
	uint64_t took_ms;
};

/* Looks once, under the address policy unless it is the operator's URL, and sets the results. No
 * redirect is followed. An answer that is too long for the buffer is a failure. */
void http_client_look(const struct settings *s, struct http_client_look *look);

/* Writes scheme, host and port of a URL to out: what may be shown of it, because path, query and
 * user may be secret. The port is left out where the URL has none. Returns false, with out "", if
 * it is not a URL that this program would call, or memory is short. */
bool http_client_origin(const char *url, char out[HTTP_CLIENT_ORIGIN])
    __attribute__((warn_unused_result));

#endif
