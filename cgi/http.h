/*
 * http: one request, as the web server passes it by CGI or FastCGI.
 */
#ifndef SM_HTTP_H
#define SM_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "request/proxy.h"

struct arena;
struct ip;

enum { HTTP_OWN_ID = 8 }; /* characters of a request id that is made here */

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OPTIONS, METHOD_DELETE, METHOD_OTHER };

struct http {
	/* how to read and answer it; set by fcgi.c or plain_cgi.c */
	const char *(*param)(void *ctx, const char *name); /* NULL when not given */
	ssize_t (*read)(void *ctx, char *p, size_t n);     /* 0 at the end, -1 on a fault */
	bool (*write)(void *ctx, const char *p, size_t n);
	void *ctx;
	/* what was asked; set by http_open() */
	enum method method;
	const char *query, *content_type, *remote, *uri; /* never NULL */
	int64_t length;                                  /* CONTENT_LENGTH; -1 when not given */
	const char *body;                                /* after http_body() */
	size_t len;
	uint64_t
	    admitted; /* the account that the request counts for (concurrency_limit.h); 0: none */
};

/* Fills in the members that describe the request, from its parameters. Their texts belong to the
 * source of the request. */
void http_open(struct http *h);

/* Reads the body into the arena, at most max bytes. A body without an announced length is read
 * to its end. Returns 0, or the HTTP status that describes the failure: 413 when the body is too
 * long (if it was announced, nothing is read), 400 when it is shorter than announced or cannot
 * be read, 500 when memory is short. */
int http_body(struct http *h, struct arena *a, size_t max);

/* Sets *caller to the address of the one who sent the request, as in proxy_read(): trusted is the
 * setting trusted-proxies. Returns false when the web server gave no address. */
bool http_caller(const struct http *h, const char *trusted, struct ip *caller)
    __attribute__((warn_unused_result));

/* Sets out to the id of the request: that of a trusted proxy's X-Request-Id, if it is harmless
 * (proxy_id_ok()), else a random one. */
void http_request_id(const struct http *h, const char *trusted, char out[PROXY_ID]);

/* Returns the host, with its port if any, that the caller addressed, in the arena: what a trusted
 * proxy says, else the Host header, else the web server's own name or address. Returns NULL when
 * none of them is a host name or memory is short. */
const char *http_host(const struct http *h, const char *trusted, struct arena *a);

/* Returns true if the caller used TLS, to this server or to a trusted proxy in front of it. */
bool http_secure(const struct http *h, const char *trusted);

/* Returns "http://HOST" or "https://HOST", as the caller addressed this server, in the arena.
 * Returns NULL where http_host() does. */
const char *http_origin(const struct http *h, const char *trusted, struct arena *a);

#endif
