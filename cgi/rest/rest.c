/*
 * rest: finds the resource of a request below /api/v2, the caller, and what the request brings. See
 * rest.h.
 */
#include "cgi/rest/rest.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "cgi/action.h"
#include "cgi/login.h"
#include "cgi/rest/body.h"
#include "cgi/rest/problem.h"
#include "ops/meter.h"

enum { ALLOW = 64 };

/* What a request must have; see resources.def. */
enum needs { NEEDS_NOTHING, NEEDS_KEY, NEEDS_BODY };

static const struct resource {
	enum method method;
	const char *name; /* of the method */
	const char *path;
	enum needs needs;
	const char *parameters; /* of the URL, between commas */
	rest_fn *run;
} resources[] = {
#define RESOURCE(method, path, needs, parameters, fn) \
	{ METHOD_##method, #method, path, NEEDS_##needs, parameters, fn },
#include "cgi/rest/resources.def"
#undef RESOURCE
};

/* --- finding the resource ------------------------------------------------------------ */

/* Tells whether a path is of the form of a pattern, and sets part to what stands for its stars;
 * NULL where memory is short. */
static bool
matches(const char *pattern, const char *path, struct arena *a, const char *part[REST_PARTS])
{
	size_t n, nth = 0;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '*') {
			if (*pattern != *path++)
				return false;
			continue;
		}
		if ((n = strcspn(path, "/")) == 0)
			return false;
		part[nth++] = arena_memdup(a, path, n);
		path += n;
	}
	return *path == '\0';
}

/* Returns the resource for the path and method, or NULL with the failure set. */
static const struct resource *
find(struct rest *r, const char *path)
{
	enum method method = r->call.http->method == METHOD_HEAD ? METHOD_GET :
								   r->call.http->method;
	char *allow = arena_zalloc(r->call.arena, ALLOW);
	bool known = false;

	for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++) {
		const struct resource *s = &resources[i];

		if (!matches(s->path, path, r->call.arena, r->part))
			continue;
		if (s->method == method && !arena_failed(r->call.arena))
			return s;
		if (allow != NULL)
			(void)snprintf(allow + strlen(allow), ALLOW - strlen(allow), "%s%s",
			    known ? ", " : "", s->method == METHOD_GET ? "GET, HEAD" : s->name);
		known = true;
	}
	r->allow = allow;
	if (arena_failed(r->call.arena))
		(void)rest_fail(r, E503, 0, NULL);
	else
		(void)rest_fail(r, E100, known ? 405 : 404,
		    known ? "This resource does not have this method." :
			    "There is no resource at this address.");
	return NULL;
}

/* --- the caller ---------------------------------------------------------------------- */

/* Returns the key that the caller gives in a header, NULL if there is none or there are two. */
static const char *
key_of(const struct http *h)
{
	static const char bearer[] = "Bearer ";
	const char *key = h->param(h->ctx, "HTTP_X_API_KEY"),
		   *auth = h->param(h->ctx, "HTTP_AUTHORIZATION");

	if (key != NULL && key[0] == '\0')
		key = NULL;
	if (auth == NULL || strncasecmp(auth, bearer, sizeof bearer - 1) != 0)
		return key;
	auth += sizeof bearer - 1;
	auth += strspn(auth, " ");
	return key == NULL || strcmp(key, auth) == 0 ? auth : NULL;
}

/* Finds the caller. Whose calls are all refused, or who has too many requests under way, gets no
 * body read. */
static bool
login_by_header(struct rest *r, enum needs needs)
{
	const char *key = key_of(r->call.http);

	if (needs == NEEDS_NOTHING)
		return true;
	if (key == NULL)
		return rest_fail(r, E104, 0, NULL);
	return login_find(&r->call, key) && (needs != NEEDS_BODY || login_early(&r->call));
}

/* --- what the request brings --------------------------------------------------------- */

/* A caller who gives an Idempotency-Key trusts in it, so it is not ignored. */
static bool
no_key_given(struct rest *r)
{
	const struct http *h = r->call.http;

	return h->param(h->ctx, "HTTP_IDEMPOTENCY_KEY") == NULL ||
	    rest_fail(r, E100, 400, "Resources do not take an Idempotency-Key.");
}

/* Reads the request. A resource that takes no body has an empty one. */
static bool
read_request(struct rest *r, bool body)
{
	struct call *c = &r->call;
	struct request_bytes in = { .post = true, .home = DIALECT_C, .query = "" };

	if (!no_key_given(r) || !body_read(r, body, &in))
		return false;
	if (in.len == 0)
		return rest_fail(r, E100, 400, "The body is empty.");
	if ((c->request = request_read_head(c->arena, &in, &c->failure)) == NULL) {
		if (c->failure.code == E100)
			(void)rest_fail(r, E100, 400, "The body is not a JSON object.");
		return false;
	}
	if (c->request->dialect != DIALECT_C)
		return rest_fail(r, E100, 400, "The body is not a JSON object.");
	if (!pairs_from_form(c->arena, c->http->query, strlen(c->http->query), &r->query) &&
	    !arena_failed(c->arena))
		return rest_fail(r, E100, 400, "The URL has too many parameters.");
	return request_read_rest(c->arena, c->request) || rest_fail(r, E503, 0, NULL);
}

/* Refuses parameters that the resource does not have, so that a caller who misspells one is told.
 */
static bool
parameters_known(struct rest *r, const struct resource *s)
{
	for (size_t i = 0; i < r->query.n; i++)
		if (!list_has(s->parameters, r->query.v[i].name))
			return rest_fail(r, E100, 400,
			    "The URL has a parameter that this resource does not have.");
	return true;
}

/* Serves the resource. Returns false with the failure of the call set. */
static bool
serve(struct rest *r, const char *below)
{
	struct answer *answer = r->call.answer;
	const struct resource *s = find(r, below);

	if (s == NULL || !login_by_header(r, s->needs) ||
	    !read_request(r, s->needs == NEEDS_BODY) || !parameters_known(r, s) || !s->run(r))
		return false;
	if (buf_ok(&answer->body) && buf_ok(&answer->headers))
		return true;
	if (r->call.made == 0 && r->call.tracking == NULL)
		return rest_fail(r, E503, 0, NULL);
	/* what is stored is not to be sent once more: the document has the ids, headers may go */
	log_warn("the headers of an answer do not fit in memory");
	buf_reset(&answer->headers);
	return true;
}

void
rest(struct app *app, struct http *http, const char *below, struct arena *a, struct answer *answer)
{
	struct rest r = { .call = { .app = app,
			      .http = http,
			      .arena = a,
			      .answer = answer,
			      .action = "",
			      .counted = METER_NONE },
		.began = clock_mono() };

	answer_speak(answer, http, DIALECT_C, "");
	answer->resource = true;
	if (!serve(&r, below))
		problem_answer(&r);
	body_end(&r);
	action_log(&r.call, r.began);
}
