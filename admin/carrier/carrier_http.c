/*
 * carrier_http: the part of carrier.h that speaks HTTP. Only this file includes libmicrohttpd. It
 * takes bodies of up to BODY bytes and CONNECTIONS connections at a time, and closes a connection
 * after IDLE seconds of silence.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "admin/carrier/carrier.h"

enum { BODY = 64 << 20, ANSWER = 1 << 20, CONNECTIONS = 512, IDLE = 60, HEAD = 256 << 10 };

struct carrier_http {
	struct MHD_Daemon *daemon;
	carrier_serve_fn *serve;
	void *ctx;
};

/* One request while it arrives. */
struct upload {
	struct buf body;
};

static const char *
header(struct MHD_Connection *conn, const char *name)
{
	const char *v = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, name);

	return v != NULL ? v : "";
}

static const char *
query(const void *ctx, const char *name)
{
	const char *v = MHD_lookup_connection_value((struct MHD_Connection *)(uintptr_t)ctx,
	    MHD_GET_ARGUMENT_KIND, name);

	return v != NULL ? v : "";
}

static enum MHD_Result
reply(struct MHD_Connection *conn, const struct carrier_reply *r)
{
	struct MHD_Response *resp = MHD_create_response_from_buffer(r->body.len, r->body.p,
	    MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc;

	if (resp == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(resp, "Content-Type", r->type);
	if (r->status == 401)
		(void)MHD_add_response_header(resp, "WWW-Authenticate", "Basic realm=\"carrier\"");
	rc = MHD_queue_response(conn, r->status, resp);
	MHD_destroy_response(resp);
	return rc;
}

static enum MHD_Result
serve(struct carrier_http *h, struct MHD_Connection *conn, const char *url, const char *method,
    const struct upload *upload)
{
	const struct carrier_request q = {
		.post = strcmp(method, "POST") == 0,
		.path = url,
		.content_type = header(conn, "Content-Type"),
		.authorization = header(conn, "Authorization"),
		.body = buf_str(&upload->body),
		.len = upload->body.len,
		.arg = query,
		.ctx = conn,
	};
	struct carrier_reply r = { .status = 200, .type = "text/plain; charset=utf-8" };
	enum MHD_Result rc = MHD_NO;

	buf_init(&r.body, ANSWER);
	if (strcmp(method, "GET") != 0 && !q.post) {
		r.status = 405;
		buf_adds(&r.body, "use GET or POST\n");
	} else if (!buf_ok(&upload->body)) {
		r.status = 413;
		buf_adds(&r.body, "too long\n");
	} else {
		h->serve(h->ctx, &q, &r);
	}
	if (!r.drop && buf_ok(&r.body))
		rc = reply(conn, &r);
	buf_free(&r.body);
	return rc;
}

/* libmicrohttpd calls this when the headers have arrived, for each piece of the body, and at the
 * end of the body. The library prescribes the signature (MHD_AccessHandlerCallback), so this
 * function takes more than five parameters. */
static enum MHD_Result
handle(void *ctx, struct MHD_Connection *conn, const char *url, const char *method,
    const char *version, const char *data, size_t *n, void **state)
{
	struct upload *upload = *state;

	(void)version;
	if (upload == NULL) {
		if ((*state = upload = calloc(1, sizeof *upload)) == NULL)
			return MHD_NO;
		buf_init(&upload->body, BODY);
		return MHD_YES;
	}
	if (*n > 0) {
		buf_add(&upload->body, data, *n);
		*n = 0;
		return MHD_YES;
	}
	return serve(ctx, conn, url, method, upload);
}

static void
completed(void *ctx, struct MHD_Connection *conn, void **state, enum MHD_RequestTerminationCode how)
{
	struct upload *upload = *state;

	(void)ctx;
	(void)conn;
	(void)how;
	if (upload != NULL)
		buf_free(&upload->body);
	free(upload);
	*state = NULL;
}

static uint16_t
port_of(struct MHD_Daemon *d)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT);

	return info != NULL ? info->port : 0;
}

struct carrier_http *
carrier_http_start(uint16_t *port, carrier_serve_fn *fn, void *ctx)
{
	struct carrier_http *h = calloc(1, sizeof *h);
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_port = htons(*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	if (h == NULL)
		return NULL;
	h->serve = fn;
	h->ctx = ctx;
	h->daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL,
	    *port, NULL, NULL, handle, h, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)(void *)&here,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)IDLE, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD,
	    MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
	    MHD_OPTION_END);
	if (h->daemon == NULL) {
		free(h);
		return NULL;
	}
	*port = port_of(h->daemon);
	return h;
}

void
carrier_http_stop(struct carrier_http **h)
{
	if (*h == NULL)
		return;
	MHD_stop_daemon((*h)->daemon);
	free(*h);
	*h = NULL;
}
