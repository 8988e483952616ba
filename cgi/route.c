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

/* Makes the answer one of the API, in the dialect that is at home at the URL. */
static void
speak(struct app *app, struct http *http, struct answer *answer)
{
	const struct entry e = entry_find(http->uri);

	answer_speak(answer, http, e.home, app->settings.answer_type);
	answer->resource = e.resource;
}

/* Serves a page that is not part of the API. Returns false when the path names none. */
static bool
serve_page(struct call *c)
{
	const struct entry e = entry_find(c->http->uri);
	const char *below;

	if (e.page < 0)
		return false;
	if ((below = arena_memdup(c->arena, e.below, e.nbelow)) == NULL)
		answer_plain(c->answer, 503, "Temporarily unavailable; try again later.");
	else
		pages[e.page](c->app, c->http, below, c->arena, c->answer);
	return true;
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

	http_open(http);
	answer_identify(answer, http, &app->settings);
	if (http->method == METHOD_OPTIONS) {
		answer->status = 204;
		buf_printf(&answer->headers, "Allow: GET, POST, HEAD, OPTIONS%s\r\n",
		    entry_find(http->uri).resource ? ", DELETE" : "");
	} else if ((c.arena = arena_new(REQUEST_MEMORY)) == NULL) {
		log_error("out of memory");
		speak(app, http, answer);
		answer_failure(answer, 503, &busy);
	} else if (!serve_page(&c)) {
		speak(app, http, answer);
		action_serve(&c);
	}
	concurrency_leave(http);
	arena_free(&c.arena);
	log_request("");
}
