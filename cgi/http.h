/*
 * http: one request as the web server hands it over, by CGI or FastCGI.
 */
#ifndef SM_HTTP_H
#define SM_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OPTIONS, METHOD_OTHER };

struct http {
	/* how to get at it; set by fcgi.c */
	const char *(*param)(void *ctx, const char *name); /* NULL when not given */
	ssize_t (*read)(void *ctx, char *p, size_t n);     /* 0 at the end, -1 on a fault */
	bool (*write)(void *ctx, const char *p, size_t n);
	void *ctx;
	/* what it is; set by http_open() */
	enum method method;
	const char *query, *content_type, *remote, *uri; /* never NULL */
	const char *forwarded;                           /* X-Forwarded-For; NULL when not given */
	int64_t length;                                  /* CONTENT_LENGTH; -1 when not given */
	const char *body;                                /* after http_body() */
	size_t len;
};

/* Reads the request's parameters. */
void http_open(struct http *h);

/* Reads the body into the arena: at most max bytes. 0, or the HTTP status that
 * says what is wrong: 413 too long (nothing was read), 400 shorter than announced,
 * 500 memory. A body without announced length is read to its end. */
int http_body(struct http *h, struct arena *a, size_t max);

/* What follows the first part of the path that is name ("/m" in "/mms/m/x" gives "/x", "" at
 * the end), up to the query; NULL when no part is. In the arena; NULL also when memory is short. */
const char *http_below(const struct http *h, struct arena *a, const char *name);

/* "http://HOST" or "https://HOST" as the caller addressed us; NULL when the Host
 * header is missing or not a host name, or memory is short. */
const char *http_origin(const struct http *h, struct arena *a);

#endif
