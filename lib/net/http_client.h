/*
 * http_client: outgoing HTTP, guarded (SPEC 8). The only way out of this program.
 *
 * Every address is checked when its socket is made, after DNS, at every hop. No
 * proxy or netrc of the environment, no cookies, no credentials in URLs, TLS
 * verified. What is refused reads like any failed connection to a caller; the
 * reason is for the log.
 */
#ifndef SM_HTTP_CLIENT_H
#define SM_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/settings.h"

enum http_client_rc {
	HTTP_CLIENT_OK,      /* an answer came whole; its status says the rest */
	HTTP_CLIENT_STOPPED, /* the sink wanted no more, or the answer says it is too long */
	HTTP_CLIENT_FAILED,  /* anything else; why says what */
	HTTP_CLIENT_BROKEN   /* our fault: memory or descriptors; why says what */
};

enum { HTTP_CLIENT_WHY = 160, HTTP_CLIENT_TYPE = 128 };

/* Once per process, before threads start. False when libcurl cannot start. */
bool http_client_init(void) __attribute__((warn_unused_result));

/* Makes every transfer of the process end soon, as failed: for a shutdown. Safe
 * in a signal handler. */
void http_client_stop(void);

struct buf;

struct http_client_get {
	const char *url; /* from http_client_url_check() */
	uint64_t limit;  /* bytes of body at most, as far as the answer announces them */
	bool (*sink)(void *ctx, const void *p, size_t n); /* false: no more */
	void *ctx;
	/* set when it is done */
	enum http_client_rc rc;
	long status;
	char type[HTTP_CLIENT_TYPE]; /* Content-Type as sent, "" if none */
	char why[HTTP_CLIENT_WHY];
	uint64_t ms; /* how long it took */
};

/* Fetches all n side by side, with the settings' times. done(ctx, i) is called
 * as each ends. */
void http_client_get_all(const struct settings *s, struct http_client_get *g, size_t n,
    void (*done)(void *ctx, size_t i), void *ctx);

enum { HTTP_CLIENT_URL = 65536 }; /* longest URL of a call, with its NUL */

/* One request to a server of the settings' or an account's: a customer's, an MMSC. */
struct http_client_call {
	const char *url;             /* as configured or made; query kept */
	const char *const *header;   /* "Name: value" lines, NULL at the end; NULL: none */
	const char *user, *password; /* HTTP Basic (RFC 7617); user NULL or "": none */
	const char *body;            /* NULL: a GET, else a POST */
	size_t len;
	uint64_t ms;    /* the longest it may take */
	bool operators; /* the URL is the operator's, of savemms.conf: any address and port may be
	                 * meant, and the thread keeps the connection for the next call */
	struct buf *answer; /* gets the answer's body, as far as it is read; NULL: not wanted */
	/* set */
	enum http_client_rc rc;
	long status;
	char why[HTTP_CLIENT_WHY];
	uint64_t took_ms;
};

/* Calls once: no redirect is followed; at most 16 KB of the answer are read, a longer one
 * is cut and is no failure. */
void http_client_call(const struct settings *s, struct http_client_call *p);

#endif
