/*
 * http_client: outgoing HTTP under the address policy (savemms-api(7), Outgoing connections). It is
 * the only way out of this program.
 *
 * Every address is checked when its socket is made, after DNS, at every hop. The client uses no
 * proxy or netrc of the environment, no cookies and no credentials in URLs, and it verifies TLS
 * certificates. To a caller of the API, a refused connection reads like any failed one; the reason
 * is for the log.
 */
#ifndef SM_HTTP_CLIENT_H
#define SM_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/settings.h"

enum http_client_rc {
	HTTP_CLIENT_OK,      /* the whole answer came; its status says the rest */
	HTTP_CLIENT_STOPPED, /* the sink wanted no more, or the answer announced too many bytes */
	HTTP_CLIENT_FAILED,  /* anything else; why has the reason */
	HTTP_CLIENT_BROKEN   /* our fault: memory or descriptors; why has the reason */
};

enum {
	HTTP_CLIENT_WHY = 160,
	HTTP_CLIENT_CA = 4096,
	HTTP_CLIENT_TYPE = 128,
	HTTP_CLIENT_LONG_TYPE = 512 /* of a multipart, with boundary and start */
};

/* Prepares libcurl. Must be called once per process, before threads start. Returns false when
 * libcurl cannot start. */
bool http_client_init(void) __attribute__((warn_unused_result));

/* Sets file and folder to where the certificates of authorities are looked for; "": nowhere. */
void http_client_authorities(char file[HTTP_CLIENT_CA], char folder[HTTP_CLIENT_CA]);

/* Makes every transfer of the process end soon, as failed, for a shutdown. Safe in a signal
 * handler. */
void http_client_stop(void);

struct buf;

struct http_client_get {
	const char *url; /* from http_client_url_check() */
	uint64_t limit;  /* most bytes of body that the answer may announce */
	bool (*sink)(void *ctx, const void *p, size_t n); /* false: no more */
	void *ctx;
	/* set when the transfer ends */
	enum http_client_rc rc;
	long status;
	char type[HTTP_CLIENT_TYPE]; /* Content-Type as sent, "" if none */
	char why[HTTP_CLIENT_WHY];
	uint64_t ms; /* how long it took */
};

/* Fetches all n in parallel, within the times that the settings allow, and returns when all have
 * ended or the time of the whole request is up. Calls done(ctx, i) as each ends. A transfer that
 * could not be started, or was cut off with the whole request, only has rc and why set. */
void http_client_get_all(const struct settings *s, struct http_client_get *g, size_t n,
    void (*done)(void *ctx, size_t i), void *ctx);

enum { HTTP_CLIENT_URL = 65536 }; /* longest URL of a call, with its NUL */

/* One request to a server that the settings or an account name: a customer's, or an MMSC. */
struct http_client_call {
	const char *url;             /* as configured or built; its query is kept */
	const char *const *header;   /* "Name: value" lines, NULL at the end; NULL: none */
	const char *user, *password; /* HTTP Basic (RFC 7617); user NULL or "": none */
	const char *body;            /* NULL: a GET, else a POST */
	size_t len;
	uint64_t ms;    /* the longest it may take */
	bool operators; /* the URL is the operator's, from savemms.conf: any address and port are
	                   allowed, and the thread keeps the connection for the next call */
	struct buf *answer; /* gets the answer's body, as far as it is read, without its
	                       Content-Encoding; NULL: not wanted */
	/* set when the call ends */
	enum http_client_rc rc;
	long status;                      /* also of an answer that did not come whole; 0: none */
	char type[HTTP_CLIENT_LONG_TYPE]; /* Content-Type of the answer; "": none, or too long */
	uint64_t retry_after_s;           /* what the answer asks for with Retry-After, as seconds
	                                   or as a date; 0: nothing, or a date that is over */
	bool replayed; /* the answer is one that was kept: Idempotency-Replayed: true */
	char why[HTTP_CLIENT_WHY];
	uint64_t took_ms;
};

/* Makes one call and sets its results in *p. No redirect is followed. At most 16 KB of the
 * answer are read; a longer answer is cut, which is not a failure. */
void http_client_call(const struct settings *s, struct http_client_call *p);

#endif
