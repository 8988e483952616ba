/* rest_call: what all resources do with their request and their answer; see rest.h. */
#include "cgi/rest/rest.h"

#include <string.h>

#include "base/crypt.h"
#include "cgi/url.h"
#include "request/unknown.h"

enum { WRONG_MAX = 100 };

bool
rest_fail(struct rest *r, enum api_error code, int status, const char *detail)
{
	r->call.failure = (struct failure){ .code = code, .detail = detail };
	r->status = status;
	return false;
}

bool
rest_members(struct rest *r, const char *const *names)
{
	struct call *c = &r->call;

	if ((r->wrong = arena_array(c->arena, WRONG_MAX, sizeof *r->wrong)) == NULL)
		return rest_fail(r, E503, 0, NULL);
	r->nwrong = request_unknown(c->arena, c->request, names, r->wrong, WRONG_MAX);
	if (arena_failed(c->arena)) {
		r->nwrong = 0;
		return rest_fail(r, E503, 0, NULL);
	}
	return r->nwrong == 0 ||
	    rest_fail(r, E100, 0, "The request has members that this resource does not have.");
}

const char *
rest_parameter(const struct rest *r, const char *name)
{
	const struct pair *p = pairs_find(&r->query, name);

	return p != NULL ? p->value : NULL;
}

bool
rest_flag(struct rest *r, const char *name, bool *value)
{
	const char *text = rest_parameter(r, name);

	*value = text != NULL && strcmp(text, "true") == 0;
	return text == NULL || *value || strcmp(text, "false") == 0 ||
	    rest_fail(r, E100, 400, "A parameter of the URL is neither true nor false.");
}

void
rest_tag(struct answer *a)
{
	if (buf_ok(&a->body))
		crypt_sha256_hex(buf_str(&a->body), a->body.len, a->etag);
}

void
rest_location(struct rest *r, const char *path, const char *id)
{
	const char *base = base_url(r->call.app, r->call.http, r->call.arena);

	buf_printf(&r->call.answer->headers, "Location: %s%s%s\r\n", base != NULL ? base : "", path,
	    id);
}
