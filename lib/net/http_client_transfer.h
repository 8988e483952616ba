/*
 * http_client_transfer: what fetches and calls have in common. Only http_client.c and
 * http_client_get.c use it.
 */
#ifndef SM_HTTP_CLIENT_TRANSFER_H
#define SM_HTTP_CLIENT_TRANSFER_H

#include "net/http_client.h"
#include "request/gunzip.h"

enum { TRANSFER_ERROR = 256 }; /* CURL_ERROR_SIZE */

/* One transfer and what its callbacks need. */
struct transfer {
	const struct settings *settings;
	struct http_client_call *send; /* NULL: a fetch */
	uint64_t received;             /* bytes of the answer of a call */
	void *easy;                    /* a CURL */
	char refused[HTTP_CLIENT_WHY]; /* why the address policy or the system refused a socket */
	bool broken;                   /* no socket could be made */
	struct gunzip_flow *unpack;    /* undoes the encoding of the body; NULL: libcurl does */
	int undone; /* a CURLcode: why the body's encoding cannot be undone; 0: it can */
	char error[TRANSFER_ERROR]; /* libcurl's words */
};

/* Checks the URL of a call or a look, of the operator or not. Returns it as it will be used; the
 * caller frees it. Returns NULL with *rc and why set when it is refused or memory is short. */
char *transfer_url(const struct settings *s, const char *url, bool operators,
    enum http_client_rc *rc, char why[HTTP_CLIENT_WHY]) __attribute__((warn_unused_result));

/* Sets the options that every transfer has, among them that its body is decoded, for a url that has
 * been checked and for at most ms milliseconds. Returns a CURLcode. */
int transfer_set(struct transfer *t, const char *url, uint64_t ms)
    __attribute__((warn_unused_result));

/* For a line of an answer's header. Returns the HTTP status when the header ends with it, and 0 for
 * any other line and for interim answers. */
long transfer_status(const struct transfer *t, const char *line, size_t n);

/* At the end of the header: decides who undoes the encoding of the body, if there is one
 * (http_client_coding.h). Returns false when nobody can. */
bool transfer_decode(struct transfer *t) __attribute__((warn_unused_result));

/* Gives n bytes of the body, without their encoding, to the sink. Returns false when it wants no
 * more or the encoding cannot be undone. */
bool transfer_body(struct transfer *t, const void *p, size_t n, const struct gunzip_sink *to)
    __attribute__((warn_unused_result));

/* Ends a transfer that libcurl has ended with the CURLcode rc. Returns the CURLcode that it ends
 * with, an encoding that could not be undone considered. */
int transfer_end(struct transfer *t, int rc) __attribute__((warn_unused_result));

/* Returns the result of a transfer that ended with the CURLcode rc, not CURLE_OK, and that the
 * caller did not stop. */
enum http_client_rc transfer_failed(const struct transfer *t, int rc);

/* Sets why to the reason, without the control characters that a server's words may hold. */
void transfer_why(char why[HTTP_CLIENT_WHY], const struct transfer *t, int rc);

/* Tells whether http_client_stop() was called. */
bool transfer_stopping(void);

#endif
