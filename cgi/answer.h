/*
 * answer: what goes back to the caller.
 */
#ifndef SM_ANSWER_H
#define SM_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/error.h"

struct http;

enum { ETAG_MAX = 80 };

struct answer {
	int status;          /* HTTP */
	const char *type;    /* Content-Type */
	const char *cache;   /* Cache-Control; no-store unless set */
	char etag[ETAG_MAX]; /* strong, without its quotation marks; "" none */
	struct buf headers;  /* more header lines, each with CR LF */
	struct buf body;
	int fd;       /* -1, or a file that is the body; closed by answer_end() */
	bool refused; /* it is answer_failure()'s: E503 may take its place */
};

void answer_init(struct answer *a);
void answer_end(struct answer *a);

/* Starts <RESPONSE><STATUS>Success</STATUS>; the caller adds elements to
 * body and calls answer_close(). */
void answer_open(struct answer *a);
void answer_close(struct answer *a);

/* Makes it the failure document of savemms-api(7), Answers. For E503, 503 is the HTTP status
 * when unavailable, with Retry-After. */
void answer_failure(struct answer *a, int status, const struct failure *f);

/* Makes it one line of plain text: what is not there, not allowed, not to be had now. */
void answer_plain(struct answer *a, int status, const char *text);

/* Sends it, without the body for HEAD. A 200 that has an etag is sent as what the request
 * asks for of it: 304, or 206 with one range, or 416 (condition.h). Where memory is short a refusal
 * becomes a plain E503. False when the caller has gone, or when there is no memory to tell of a
 * success. */
bool answer_send(const struct answer *a, struct http *h);

/* Sends a caller whom nobody can serve now E503 with status 503 and Retry-After. It does not read
 * the body. */
void answer_refuse(struct http *http);

#endif
