/* answer: see answer.h */
#include "answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "http.h"
#include "xmlout.h"

enum { BODY_MAX = 64 << 20, HEADERS_MAX = 4096, INFO_MAX = 1024 };

void
answer_init(struct answer *a)
{
	a->status = 200;
	a->type = "text/xml; charset=utf-8";
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
answer_open(struct answer *a)
{
	buf_reset(&a->body);
	buf_adds(&a->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<RESPONSE>");
	xml_elem(&a->body, "STATUS", "Success");
}

void
answer_close(struct answer *a)
{
	xml_close(&a->body, "RESPONSE");
	buf_addc(&a->body, '\n');
}

void
answer_failure(struct answer *a, int status, const struct failure *f)
{
	char info[INFO_MAX];

	error_info(f, info, sizeof info);
	a->status = status;
	a->refused = true;
	if (status == 503)
		buf_adds(&a->headers, "Retry-After: 5\r\n");
	if (status == 405)
		buf_adds(&a->headers, "Allow: GET, POST, HEAD, OPTIONS\r\n");
	buf_reset(&a->body);
	buf_adds(&a->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<RESPONSE>");
	xml_elem(&a->body, "STATUS", "Failure");
	xml_elem(&a->body, "ERRORCODE", error_code(f->code));
	xml_elem(&a->body, "ERRORINFO", info);
	xml_elem(&a->body, "TO", f->to);
	answer_close(a);
}

void
answer_plain(struct answer *a, int status, const char *text)
{
	a->status = status;
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
	case 410:
		return "Gone";
	case 413:
		return "Content Too Large";
	case 416:
		return "Range Not Satisfiable";
	case 429:
		return "Too Many Requests";
	default:
		return "Service Unavailable";
	}
}

static bool
send_file(const struct answer *a, struct http *h)
{
	char block[65536];
	uint64_t off = 0;
	ssize_t n;

	while ((n = file_pread(a->fd, block, sizeof block, off)) > 0) {
		if (!h->write(h->ctx, block, (size_t)n))
			return false;
		off += (uint64_t)n;
	}
	return n == 0;
}

/* Needs no memory; nothing was done that this could hide. */
static bool
send_short(struct http *h)
{
	char text[512];
	int n = snprintf(text, sizeof text, "Status: 503 %s\r\nContent-Type: text/xml; charset=utf-8\r\n"
	    "Cache-Control: no-store\r\nRetry-After: 5\r\n\r\n", reason(503));

	if (h->method != METHOD_HEAD)
		n += snprintf(text + n, sizeof text - (size_t)n, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<RESPONSE>"
		    "<STATUS>Failure</STATUS><ERRORCODE>%s</ERRORCODE><ERRORINFO>%s</ERRORINFO></RESPONSE>\n",
		    error_code(E503), error_text(E503));
	return h->write(h->ctx, text, (size_t)n);
}

bool
answer_send(const struct answer *a, struct http *h)
{
	int64_t length = a->fd >= 0 ? file_size(a->fd) : (int64_t)a->body.len;
	struct buf head;
	bool ok;

	buf_init(&head, HEADERS_MAX + 512 + BODY_MAX);
	buf_printf(&head, "Status: %d %s\r\n", a->status, reason(a->status));
	if (a->status != 204 && a->status != 304)
		buf_printf(&head, "Content-Type: %s\r\nContent-Length: %" PRId64 "\r\n", a->type, length);
	buf_adds(&head, "X-Content-Type-Options: nosniff\r\n");
	if (a->fd < 0 && a->status != 304)	/* a medium says itself how it may be kept */
		buf_adds(&head, "Cache-Control: no-store\r\n");
	buf_adds(&head, buf_str(&a->headers));
	buf_adds(&head, "\r\n");
	if (a->fd < 0 && h->method != METHOD_HEAD)
		buf_add(&head, buf_str(&a->body), a->body.len);
	ok = buf_ok(&head) && buf_ok(&a->headers) && buf_ok(&a->body);
	ok = ok ? h->write(h->ctx, head.p, head.len) : a->refused && send_short(h);
	buf_free(&head);
	if (ok && a->fd >= 0 && h->method != METHOD_HEAD)
		ok = send_file(a, h);
	return ok;
}
