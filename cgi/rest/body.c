/* body: see body.h */
#include "cgi/rest/body.h"

#include <string.h>

#include "cgi/upload_limit.h"
#include "request/mime_read.h"

/* The cap of what parts take: twice the most of max-upload-bytes, and what their heads take. */
enum { PARTS_MEMORY = 256 << 20 };

static const char json[] = "application/json", multipart[] = "multipart/form-data";

/* Reads the body into the arena, at most max bytes. */
static bool
receive(struct rest *r, struct arena *a, size_t max)
{
	int status = http_body(r->call.http, a, max);

	if (status == 0)
		return true;
	if (status == 500)
		return rest_fail(r, E503, 0, NULL);
	return rest_fail(r, E100, status,
	    status == 413 ? "The body is too large." : "The body did not arrive whole.");
}

static bool
receive_parts(struct rest *r)
{
	struct http *h = r->call.http;

	if ((r->brought = arena_new(PARTS_MEMORY)) == NULL || !upload_enter(h, true))
		return rest_fail(r, E503, 0, NULL);
	if (!receive(r, r->brought, r->call.app->settings.max_upload_bytes))
		return false;
	if (pairs_from_multipart(r->brought, h->content_type, h->body, h->len, &r->parts))
		return true;
	return arena_failed(r->brought) ?
	    rest_fail(r, E503, 0, NULL) :
	    rest_fail(r, E100, 400, "The body is not in the form of multipart/form-data.");
}

/* Finds the JSON among the parts: the one with the name template, as long as a body of JSON may
 * be. */
static bool
find_json(struct rest *r, struct request_bytes *in)
{
	const struct pair *p = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->parts.n; i++)
		if (strcmp(r->parts.v[i].name, REST_JSON) == 0) {
			p = &r->parts.v[i];
			n++;
		}
	if (n != 1)
		return rest_fail(r, E100, 400,
		    n == 0 ? "The body has no part with the name template." :
			     "The body has several parts with the name template.");
	if (r->parts.unnamed > 0)
		return rest_fail(r, E100, 400, "The body has a part without a name.");
	if (p->len > r->call.app->settings.max_request_bytes)
		return rest_fail(r, E100, 413, "The part template is too large.");
	in->body = p->value;
	in->len = p->len;
	return true;
}

bool
body_read(struct rest *r, bool wanted, struct request_bytes *in)
{
	struct http *h = r->call.http;

	in->content_type = json;
	if (wanted && mime_is(h->content_type, multipart))
		return receive_parts(r) && find_json(r, in);
	if (!receive(r, r->call.arena, r->call.app->settings.max_request_bytes))
		return false;
	in->body = wanted ? h->body : "{}";
	in->len = wanted ? h->len : 2;
	if (!wanted)
		return true;
	in->content_type = h->content_type;
	return mime_is(h->content_type, json) ||
	    rest_fail(r, E100, 415,
		"The body must be application/json, or multipart/form-data with a JSON part.");
}

void
body_end(struct rest *r)
{
	struct http *h = r->call.http;

	if (r->brought == NULL)
		return;
	arena_free(&r->brought);
	upload_leave(h, true);
	r->parts = (struct pairs){ 0 };
	h->body = NULL;
	h->len = 0;
}
