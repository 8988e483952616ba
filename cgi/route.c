/*
 * route: from an HTTP request to the action it asks for, and the line in the log
 * that tells of it.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "cgi/app.h"
#include "cgi/concurrency_limit.h"
#include "ops/meter.h"

enum { REQUEST_MEMORY = 256 << 20 };	/* an arena's cap; the body's cap is max-request-bytes */

static const struct action {
	const char *name;
	action_fn *run;
} actions[] = {
#define ACTION(name, fn) { #name, fn },
#include "model/actions.def"
#undef ACTION
};

bool
call_fail(struct call *c, enum api_error code)
{
	c->failure.code = code;
	return false;
}

bool
call_store_fail(struct call *c, enum store_rc rc, const char *what)
{
	if (rc == ST_NOTFOUND)
		return call_fail(c, E241);
	log_error("%s: %s", what, store_rc_text(rc));
	/* what will pass is told apart by its HTTP status; a bad record will not */
	if (rc != ST_CORRUPT)
		c->answer->status = 503;
	return call_fail(c, E503);
}

static const struct action *
find_action(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof actions / sizeof actions[0]; i++)
		if (strcasecmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

/* Runs the action if the caller may, as login_fn finds out. */
static bool
run_action(struct call *c, const struct action *a, bool (*login_fn)(struct call *c, unsigned action))
{
	bool done;

	c->action = a->name;
	c->counted = (unsigned)(a - actions);
	if (a->run == action_send_saved_mms)
		c->failure.to = c->request->to;
	done = login_fn(c, c->counted) && a->run(c);
	if (c->admitted)
		concurrency_account_done(c->account.id);
	return done;
}

/* Reads the request and runs its action. */
static bool
run(struct call *c)
{
	struct http *h = c->http;
	const struct request_bytes in = {
		.post = h->method == METHOD_POST, .query = h->method == METHOD_HEAD ? "" : h->query,
		.content_type = h->content_type, .body = h->body, .len = h->len,
	};
	const struct action *a;

	c->request = request_read(c->arena, &in, &c->failure);
	if (c->request == NULL)
		return false;
	if ((a = find_action(c->request->action)) == NULL)
		return call_fail(c, E100);
	return run_action(c, a, login);
}

/* The HTTP status for a body that cannot be had, else 0. */
static int
receive(struct call *c)
{
	int status = 0;

	if (c->http->method == METHOD_OTHER)
		status = 405;
	else if (c->http->method == METHOD_POST)
		status = http_body(c->http, c->arena, c->app->settings.max_request_bytes);
	if (status != 0)
		c->failure.code = status == 500 ? E503 : E100;
	return status == 500 ? 503 : status;
}

static void
log_call(const struct call *c, int64_t began)
{
	meter_call(c->app->meter, c->counted, c->failure.code);
	log_info("%s account=%s status=%d result=%s ms=%" PRId64, c->action[0] != '\0' ? c->action : "request",
	    c->account.name[0] != '\0' ? c->account.name : "-", c->answer->status,
	    c->failure.code == E_NONE ? "Success" : error_code(c->failure.code), (clock_mono() - began) / 1000);
}

bool
call_for_account(struct call *c, const char *action)
{
	const struct action *a = find_action(action);
	int64_t began = clock_mono();
	bool done = a != NULL ? run_action(c, a, login_known) : call_fail(c, E100);

	log_call(c, began);
	return done;
}

static void
serve(struct call *c)
{
	int64_t began = clock_mono();
	int status = receive(c);

	if (status != 0 || !run(c)) {
		if (status == 0)
			status = c->answer->status;
		answer_failure(c->answer, status, &c->failure);
	} else if (!buf_ok(&c->answer->body)) {
		log_error("the answer does not fit in memory");
		c->failure = (struct failure){ .code = E503 };
		answer_failure(c->answer, 503, &c->failure);
	}
	log_call(c, began);
}

static const struct page {
	const char *name;
	page_fn *serve;
} pages[] = {
#define PAGE(name, fn) { name, fn },
#include "cgi/pages.def"
#undef PAGE
};

/* Serves a page that is not the API's; false when the path names none. */
static bool
serve_page(struct call *c)
{
	const char *below;

	if (http_below(c->http, c->arena, "API") != NULL)
		return false;
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
		if ((below = http_below(c->http, c->arena, pages[i].name)) != NULL) {
			pages[i].serve(c->app, c->http, below, c->arena, c->answer);
			return true;
		}
	return false;
}

void
route(struct app *app, struct http *http, struct answer *answer)
{
	struct call c = { .app = app, .http = http, .answer = answer, .action = "", .counted = METER_NONE };
	const struct failure busy = { .code = E503 };
	char id[9];

	crypt_random_text(id, sizeof id - 1);
	log_request(id);
	http_open(http);
	if (http->method == METHOD_OPTIONS) {
		answer->status = 204;
		buf_adds(&answer->headers, "Allow: GET, POST, HEAD, OPTIONS\r\n");
	} else if ((c.arena = arena_new(REQUEST_MEMORY)) == NULL) {
		log_error("memory is short");
		answer_failure(answer, 503, &busy);
	} else if (!serve_page(&c)) {
		serve(&c);
	}
	arena_free(&c.arena);
	log_request("");
}
