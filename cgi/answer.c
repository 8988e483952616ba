/* answer: see answer.h */
#include "cgi/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/condition.h"
#include "base/file.h"
#include "base/log.h"
#include "cgi/answer_doc.h"
#include "cgi/entry.h"
#include "cgi/http.h"
#include "model/settings.h"

enum { BODY_MAX = 64 << 20, HEADERS_MAX = 4096, COMMON_HEAD = 256 };

void
answer_init(struct answer *a)
{
	a->status = 200;
	a->dialect = DIALECT_A;
	a->resource = a->varies = false;
	a->type = "text/plain; charset=utf-8";
	a->cache = "no-store";
	a->id[0] = '\0';
	a->etag[0] = '\0';
	a->fd = -1;
	a->refused = false;
	buf_init(&a->headers, HEADERS_MAX);
	buf_init(&a->body, BODY_MAX);
}

void
answer_end(struct answer *a)
{
	buf_free(&a->headers);
	buf_free(&a->body);
	file_close(&a->fd);
}

void
answer_speak(struct answer *a, struct http *h, enum dialect d, const char *wanted)
{
	bool xml = strcmp(wanted, "xml") == 0 ||
	    dialect_accepts_xml(h->param(h->ctx, "HTTP_ACCEPT"));

	a->dialect = d;
	a->varies = d != DIALECT_C;
	a->type = d == DIALECT_C ? "application/json; charset=utf-8" :
	    xml                  ? "text/xml; charset=utf-8" :
				   "text/plain; charset=utf-8";
}

void
answer_plain(struct answer *a, int status, const char *text)
{
	a->status = status;
	a->varies = false;
	a->type = "text/plain; charset=utf-8";
	buf_reset(&a->body);
	buf_adds(&a->body, text);
	buf_addc(&a->body, '\n');
}

static const char *
reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 202:
		return "Accepted";
	case 204:
		return "No Content";
	case 206:
		return "Partial Content";
	case 303:
		return "See Other";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 410:
		return "Gone";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 416:
		return "Range Not Satisfiable";
	case 422:
		return "Unprocessable Content";
	case 429:
		return "Too Many Requests";
	case 500:
		return "Internal Server Error";
	default:
		return "Service Unavailable";
	}
}

static bool
send_file(const struct answer *a, struct http *h, const struct part *part)
{
	char block[65536];
	uint64_t off = part->from, end = part->from + part->n;

	while (off < end) {
		size_t want = end - off < sizeof block ? (size_t)(end - off) : sizeof block;
		ssize_t n = file_pread(a->fd, block, want, off);

		if (n <= 0 || !h->write(h->ctx, block, (size_t)n))
			return false;
		off += (uint64_t)n;
	}
	return true;
}

/* Writes the header lines that every answer has. */
static void
common_head(const struct answer *a, const char *cache, char out[COMMON_HEAD])
{
	(void)snprintf(out, COMMON_HEAD,
	    "%sX-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\nCache-Control: %s\r\n",
	    a->varies ? "Vary: Accept\r\n" : "", a->id, cache);
}

/* Sends E503 without allocating memory. It replaces refusals only, so it hides nothing that was
 * done. */
static bool
send_short(const struct answer *a, struct http *h)
{
	char text[1024], common[COMMON_HEAD];
	size_t len;
	int n;

	common_head(a, "no-store", common);
	n = snprintf(text, sizeof text,
	    "Status: 503 %s\r\nContent-Type: %s\r\n%sRetry-After: 5\r\n\r\n", reason(503), a->type,
	    common);
	len = n > 0 ? (size_t)n : 0;
	if (h->method != METHOD_HEAD)
		len += answer_doc_short(a, text + len, sizeof text - len);
	return h->write(h->ctx, text, len);
}

static uint64_t
whole_size(const struct answer *a)
{
	int64_t size = a->fd >= 0 ? file_size(a->fd) : (int64_t)a->body.len;

	return size > 0 ? (uint64_t)size : 0;
}

/* Decides which part of the body to send, and with which status. */
static struct part
choose(const struct answer *a, const struct http *h)
{
	const struct condition c = {
		.get = h->method == METHOD_GET,
		.etag = a->etag,
		.size = whole_size(a),
		.if_none_match = h->param(h->ctx, "HTTP_IF_NONE_MATCH"),
		.range = h->param(h->ctx, "HTTP_RANGE"),
		.if_range = h->param(h->ctx, "HTTP_IF_RANGE"),
	};

	if (a->status == 200 && a->etag[0] != '\0')
		return condition_part(&c);
	return (struct part){ a->status, 0, c.size };
}

static void
add_head(const struct answer *a, const struct part *part, uint64_t size, struct buf *head)
{
	char common[COMMON_HEAD];

	buf_printf(head, "Status: %d %s\r\n", part->status, reason(part->status));
	if (part->status != 204 && part->status != 304)
		buf_printf(head, "Content-Type: %s\r\nContent-Length: %" PRIu64 "\r\n", a->type,
		    part->n);
	if (part->status == 206)
		buf_printf(head, "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n",
		    part->from, part->from + part->n - 1, size);
	if (part->status == 416)
		buf_printf(head, "Content-Range: bytes */%" PRIu64 "\r\n", size);
	if (a->etag[0] != '\0')
		buf_printf(head, "ETag: \"%s\"\r\nAccept-Ranges: bytes\r\n", a->etag);
	common_head(a, a->cache, common);
	buf_adds(head, common);
	buf_adds(head, buf_str(&a->headers));
	buf_adds(head, "\r\n");
}

bool
answer_send(const struct answer *a, struct http *h)
{
	const struct part part = choose(a, h);
	struct buf head;
	bool ok;

	buf_init(&head, HEADERS_MAX + 512 + BODY_MAX);
	add_head(a, &part, whole_size(a), &head);
	if (a->fd < 0 && h->method != METHOD_HEAD && part.n > 0)
		buf_add(&head, buf_str(&a->body) + part.from, (size_t)part.n);
	ok = buf_ok(&head) && buf_ok(&a->headers) && buf_ok(&a->body);
	ok = ok ? h->write(h->ctx, head.p, head.len) : a->refused && send_short(a, h);
	buf_free(&head);
	if (ok && a->fd >= 0 && h->method != METHOD_HEAD)
		ok = send_file(a, h, &part);
	return ok;
}

void
answer_identify(struct answer *a, const struct http *h, const struct settings *s)
{
	http_request_id(h, s->trusted_proxies, a->id);
	log_request(a->id);
}

void
answer_refuse(struct http *http, const struct settings *s)
{
	const struct failure f = { .code = E503 };
	struct answer answer;
	struct entry e;

	answer_init(&answer);
	http_open(http);
	answer_identify(&answer, http, s);
	e = entry_find(http->uri);
	answer_speak(&answer, http, e.home, s->answer_type);
	answer.resource = e.resource;
	answer_failure(&answer, 503, &f);
	(void)answer_send(&answer, http);
	answer_end(&answer);
	log_request("");
}
