/*
 * proxy: what a trusted proxy says of the request that it passes on: who sent it, and to which
 * scheme and host (X-Forwarded-For, -Proto and -Host, and Forwarded, RFC 7239). Pure functions.
 *
 * Only the proxy knows who its caller is. If it says so in words that are no address ("unknown",
 * "_hidden", nothing at all), the caller is nobody, whom no network holds: never the proxy itself,
 * which may be allowed more.
 */
#ifndef SM_PROXY_H
#define SM_PROXY_H

#include <stdbool.h>

#include "base/net.h"

enum {
	PROXY_HOST =
	    256, /* a host name of 253 bytes (RFC 1035) and NUL; with a port, a little less */
	PROXY_SCHEME = sizeof "https",
	PROXY_ID = 65 /* a request id, with its NUL */
};

/* The request as the web server describes it. */
struct proxy_said {
	const char *remote;                                           /* REMOTE_ADDR */
	const char *forwarded_for, *forwarded_proto, *forwarded_host; /* X-...; NULL: not given */
	const char *forwarded;                                        /* NULL: not given */
	const char *request_id; /* X-Request-Id; NULL: not given */
};

struct proxy_seen {
	struct ip caller;
	char scheme[PROXY_SCHEME]; /* "http" or "https"; "": not told */
	char host[PROXY_HOST];     /* with a port, if any; "": not told */
	char id[PROXY_ID];         /* of the request; "": not told, or not harmless */
};

/* Sets *out to what can be believed. The caller is remote or, when remote is one of the trusted
 * proxies (networks as in net_list_has()) and passes the request on for somebody, the last address
 * that is not a trusted proxy; if all are, the first. An address may have a port, and brackets if
 * it is an IPv6 one. The caller is nobody when an address that counts cannot be read, when
 * Forwarded is not in the form of RFC 7239, or when both headers are given and differ: a proxy that
 * sets one passes on what its caller says in the other. Scheme and host are those that
 * the first proxy saw. The id is that of the nearest proxy. Returns false when remote is not an
 * address. */
bool proxy_read(const struct proxy_said *said, const char *trusted, struct proxy_seen *out)
    __attribute__((warn_unused_result));

/* Returns true if text is a host name or an address, with or without a port, short enough for
 * PROXY_HOST. */
bool proxy_host_ok(const char *text);

/* Returns true if text may be the id of a request in logs and headers: 1 to PROXY_ID - 1 letters,
 * digits and any of "-_.:+/=@". */
bool proxy_id_ok(const char *text);

#endif
