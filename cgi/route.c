/* route: passes an HTTP request to the page or to the API, which answers it. See app.h. */
#include "base/log.h"
#include "cgi/action.h"
#include "cgi/answer_doc.h"
#include "cgi/app.h"
#include "cgi/concurrency_limit.h"
#include "cgi/entry.h"
#include "cgi/route.h"
#include "ops/meter.h"

enum { REQUEST_MEMORY = 256 << 20 }; /* an arena's cap; the body's cap is max-request-bytes */

static page_fn *const pages[] = {
#define PAGE(name, fn, home) fn,
#include "cgi/pages.def"
#undef PAGE
};

/* Makes the answer one of the API, in the dialect that is at home at the entry. */
static void
speak(struct call *c, const struct entry *e)
{
	answer_speak(c->answer, c->http, e->home, c->app->settings.answer_type);
	c->answer->resource = e->resource;
}

static void
serve_page(struct call *c, const struct entry *e)
{
	const char *below = arena_memdup(c->arena, e->below, e->nbelow);

	if (below == NULL)
		answer_plain(c->answer, 503, "Temporarily unavailable; try again later.");
	else
		pages[e->page](c->app, c->http, below, c->arena, c->answer);
}

void
route(struct app *app, struct http *http, struct answer *answer)
{
	struct call c = { .app = app,
		.http = http,
		.answer = answer,
		.action = "",
		.counted = METER_NONE };
	const struct failure busy = { .code = E503 };
	struct entry e;

	http_open(http);
	answer_identify(answer, http, &app->settings);
	e = entry_find(http->uri);
	if (http->method == METHOD_OPTIONS) {
		answer->status = 204;
		buf_printf(&answer->headers, "Allow: GET, POST, HEAD, OPTIONS%s\r\n",
		    e.resource ? ", DELETE" : "");
	} else if ((c.arena = arena_new(REQUEST_MEMORY)) == NULL) {
		log_error("out of memory");
		speak(&c, &e);
		answer_failure(answer, 503, &busy);
	} else if (e.page >= 0) {
		serve_page(&c, &e);
	} else {
		speak(&c, &e);
		action_serve(&c);
	}
	concurrency_leave(http);
	arena_free(&c.arena);
	log_request("");
}
