/* http: see http.h */
#include "cgi/http.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/num.h"

static const char *
param(const struct http *h, const char *name)
{
	const char *v = h->param(h->ctx, name);

	return v != NULL ? v : "";
}

static enum method
method_of(const char *name)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "OPTIONS" };

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
	h->forwarded = h->param(h->ctx, "HTTP_X_FORWARDED_FOR");
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

/* Returns the index of the name that equals the n bytes at part, or -1. */
static int
name_of(const char *part, size_t n, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) == n && memcmp(part, names[i], n) == 0)
			return (int)i;
	return -1;
}

int
http_page(const struct http *h, struct arena *a, const char *const *names, size_t n,
    const char **below)
{
	const char *p = h->uri, *end = p + strcspn(p, "?#");

	while ((p = memchr(p, '/', (size_t)(end - p))) != NULL) {
		size_t len = strcspn(++p, "/?#");
		int i = name_of(p, len, names, n);

		if (i < 0)
			continue;
		*below = arena_memdup(a, p + len, (size_t)(end - p) - len);
		return *below != NULL ? i : -1;
	}
	return -1;
}

const char *
http_origin(const struct http *h, struct arena *a)
{
	const char *host = param(h, "HTTP_HOST"), *https = param(h, "HTTPS");
	size_t n = strlen(host);

	if (n == 0 || n > 255 || !ascii_only(host, ASCII_ALNUM ".-:[]_"))
		return NULL;
	return arena_printf(a, "%s://%s",
	    strcmp(https, "on") == 0 || strcmp(https, "1") == 0 ? "https" : "http", host);
}
