/* http: see http.h */
#include "cgi/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/crypt.h"
#include "base/num.h"
#include "request/proxy.h"

static const char *
param(const struct http *h, const char *name)
{
	const char *v = h->param(h->ctx, name);

	return v != NULL ? v : "";
}

static enum method
method_of(const char *name)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "OPTIONS", "DELETE" };

	for (int i = 0; i < METHOD_OTHER; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum method)i;
	return METHOD_OTHER;
}

void
http_open(struct http *h)
{
	uint64_t length;

	h->method = method_of(param(h, "REQUEST_METHOD"));
	h->query = param(h, "QUERY_STRING");
	h->content_type = param(h, "CONTENT_TYPE");
	h->remote = param(h, "REMOTE_ADDR");
	h->uri = param(h, "REQUEST_URI");
	h->length = num_u64(param(h, "CONTENT_LENGTH"), 0, INT64_MAX, &length) ? (int64_t)length :
										 -1;
	h->body = "";
	h->len = 0;
}

/* Reads n bytes, or fewer if the body ends before. Returns -1 on a fault. */
static ssize_t
read_full(struct http *h, char *p, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = h->read(h->ctx, p + got, n - got);

		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

/* Reads a body without an announced length to its end, at most max bytes. Returns 0 or the HTTP
 * status. */
static int
read_to_end(struct http *h, struct arena *a, size_t max)
{
	char *p = malloc(max + 1);
	ssize_t n = p != NULL ? read_full(h, p, max + 1) : 0;
	int status = p == NULL ? 500 : n < 0 ? 400 : (size_t)n > max ? 413 : 0;

	if (status == 0) {
		h->body = arena_memdup(a, p, (size_t)n);
		h->len = (size_t)n;
		if (h->body == NULL)
			status = 500;
	}
	free(p);
	return status;
}

int
http_body(struct http *h, struct arena *a, size_t max)
{
	ssize_t n;
	char *p;

	if (h->length < 0)
		return read_to_end(h, a, max);
	if ((uint64_t)h->length > max)
		return 413;
	if ((p = arena_zalloc(a, (size_t)h->length + 1)) == NULL)
		return 500;
	n = read_full(h, p, (size_t)h->length);
	if (n != h->length)
		return 400;
	h->body = p;
	h->len = (size_t)n;
	return 0;
}

/* Reads what a trusted proxy says. Returns false when the web server gave no address. */
static bool
seen(const struct http *h, const char *trusted, struct proxy_seen *out)
{
	const struct proxy_said said = {
		.remote = h->remote,
		.forwarded_for = h->param(h->ctx, "HTTP_X_FORWARDED_FOR"),
		.forwarded_proto = h->param(h->ctx, "HTTP_X_FORWARDED_PROTO"),
		.forwarded_host = h->param(h->ctx, "HTTP_X_FORWARDED_HOST"),
		.forwarded = h->param(h->ctx, "HTTP_FORWARDED"),
		.request_id = h->param(h->ctx, "HTTP_X_REQUEST_ID"),
	};

	return proxy_read(&said, trusted, out);
}

bool
http_caller(const struct http *h, const char *trusted, struct ip *caller)
{
	struct proxy_seen s;
	bool ok = seen(h, trusted, &s);

	*caller = s.caller;
	return ok;
}

void
http_request_id(const struct http *h, const char *trusted, char out[PROXY_ID])
{
	struct proxy_seen s;

	if (seen(h, trusted, &s) && s.id[0] != '\0')
		(void)snprintf(out, PROXY_ID, "%s", s.id);
	else
		crypt_random_text(out, HTTP_OWN_ID);
}

bool
http_secure(const struct http *h, const char *trusted)
{
	const char *https = param(h, "HTTPS");
	struct proxy_seen s;

	if (seen(h, trusted, &s) && s.scheme[0] != '\0')
		return strcmp(s.scheme, "https") == 0;
	return strcasecmp(https, "on") == 0 || strcmp(https, "1") == 0;
}

/* Returns the web server's own name and port (RFC 3875, 4.1.14 and 4.1.15), for a caller that
 * names no host, as HTTP/1.0 allows. lighttpd then gives no name, but its address. */
static const char *
server_name(const struct http *h, struct arena *a)
{
	const char *given = param(h, "SERVER_NAME"), *port = param(h, "SERVER_PORT");
	const char *name = given[0] != '\0' ? given : param(h, "SERVER_ADDR");
	bool bare = strchr(name, ':') != NULL && name[0] != '['; /* an IPv6 address */
	bool told = port[0] != '\0' && strcmp(port, "80") != 0 && strcmp(port, "443") != 0;
	const char *host = arena_printf(a, "%s%s%s%s%s", bare ? "[" : "", name, bare ? "]" : "",
	    told ? ":" : "", told ? port : "");

	return name[0] != '\0' && host != NULL && proxy_host_ok(host) ? host : NULL;
}

const char *
http_host(const struct http *h, const char *trusted, struct arena *a)
{
	const char *host = param(h, "HTTP_HOST");
	struct proxy_seen s;

	if (seen(h, trusted, &s) && s.host[0] != '\0')
		return arena_strdup(a, s.host);
	return proxy_host_ok(host) ? host : server_name(h, a);
}

const char *
http_origin(const struct http *h, const char *trusted, struct arena *a)
{
	const char *host = http_host(h, trusted, a);

	return host != NULL ?
	    arena_printf(a, "%s://%s", http_secure(h, trusted) ? "https" : "http", host) :
	    NULL;
}
