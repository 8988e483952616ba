/*
 * answer: builds the answer to one request and sends it.
 */
#ifndef SM_ANSWER_H
#define SM_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/dialect.h"
#include "request/proxy.h"

struct http;
struct settings;

enum { ETAG_MAX = 80 };

struct answer {
	int status;           /* HTTP */
	enum dialect dialect; /* of the document (answer_doc.h) */
	bool resource;        /* the document is a resource of REST, so it has no status */
	bool varies;          /* with the Accept header of the request */
	const char *type;     /* Content-Type */
	const char *cache;    /* Cache-Control; no-store unless set */
	char id[PROXY_ID];    /* X-Request-Id; answer_identify() sets it */
	char etag[ETAG_MAX];  /* a strong one, without its quotation marks; "": none */
	struct buf headers;   /* further header lines, each with CR LF */
	struct buf body;
	int fd;       /* file to send as the body, or -1; answer_end() closes it */
	bool refused; /* answer_failure() wrote it: E503 may replace it */
};

/* Makes an empty answer: status 200, in dialect A, plain text, no-store. answer_end() frees its
 * buffers and closes fd. */
void answer_init(struct answer *a);
void answer_end(struct answer *a);

/* Sets the dialect of an answer of the API and, with it, its type: that of JSON, or for XML
 * text/xml if the caller asks for XML (dialect_accepts_xml()) or wanted, a value of the setting
 * answer-type, is "xml", else text/plain. It may be called again, when more is known. */
void answer_speak(struct answer *a, struct http *h, enum dialect d, const char *wanted);

/* Turns the answer into one line of plain text, for example to say that a page does not exist,
 * is not allowed or is not available now. */
void answer_plain(struct answer *a, int status, const char *text);

/* Sends the answer, without the body for HEAD. A 200 with an etag follows the conditions and the
 * range of the request (condition.h): it may become 304, 206 with one range, or 416. When memory
 * is short, a refusal is sent as a plain E503. Returns false when the caller has disconnected,
 * or when memory is too short to report a success. */
bool answer_send(const struct answer *a, struct http *h);

/* Gives the request, which http_open() has opened, its id: that of its log lines from now on, and
 * of its answer. */
void answer_identify(struct answer *a, const struct http *h, const struct settings *s);

/* Answers E503 with status 503 and Retry-After to a caller who cannot be served now, in the dialect
 * of the URL. It does not read the body. */
void answer_refuse(struct http *http, const struct settings *s);

#endif
