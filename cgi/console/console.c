/*
 * console: finds the page of a request below /console. See console.h.
 *
 * Nothing is done until it is known to be allowed. The checks are, in this order: method and
 * path, the origin of the form, the session, the form's token. A check that fails answers with
 * a page that says so; scripts rely on the status.
 */
#include "cgi/console/console.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "cgi/concurrency_limit.h"
#include "cgi/upload_limit.h"

enum { KB = 1024 };

static const struct console_page {
	enum method method;
	const char *path;
	enum console_needs needs;
	size_t max_kb;
	console_fn *run;
} pages[] = {
#define CONSOLE(method, path, needs, max_kb, fn) { METHOD_##method, path, needs, max_kb, fn },
#include "cgi/console/pages.def"
#undef CONSOLE
};

/* These allow nothing from another host, no script or style inside the page, and no framing by
 * another page. */
static const char headers[] =
    "Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"
    "Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\nCross-Origin-Opener-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n";

/* --- finding the page -------------------------------------------------------------- */

/* Reads the form. Returns 0, or the HTTP status that describes the failure. */
static int
read_form(struct console *c, size_t max_kb)
{
	static const char multipart[] = "multipart/form-data",
			  form[] = "application/x-www-form-urlencoded";
	const char *type = c->http->content_type;
	int status = http_body(c->http, c->arena, max_kb * KB);
	bool ok;

	if (status != 0)
		return status == 500 ? 503 : status;
	if (strncasecmp(type, multipart, sizeof multipart - 1) == 0)
		ok = pairs_from_multipart(c->arena, type, c->http->body, c->http->len, &c->form);
	else
		ok = strncasecmp(type, form, sizeof form - 1) == 0 &&
		    pairs_from_form(c->arena, c->http->body, c->http->len, &c->form);
	return ok ? 0 : 400;
}

/* Returns the row for the path and method, or NULL. *known tells whether the path has a row for
 * any method. */
static const struct console_page *
find_page(struct console *c, bool *known)
{
	enum method method = c->http->method == METHOD_HEAD ? METHOD_GET : c->http->method;
	const char *name;
	uint64_t id;

	*known = false;
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		if (!console_match(pages[i].path, c->path, &id, &name))
			continue;
		*known = true;
		if (pages[i].method == method) {
			c->id = id;
			c->name = name;
			return &pages[i];
		}
	}
	return NULL;
}

/* Sends the caller to the sign-in page, which leads back to the page they wanted. Refuses a
 * POST. */
static void
ask_to_sign_in(struct console *c)
{
	if (c->http->method == METHOD_POST)
		console_refuse(c, 403, "Not signed in",
		    "You are no longer signed in. Nothing was changed.");
	else if (c->path[1] != '\0' && console_next_ok(c->path + 1))
		console_go(c, "sign-in?next=%s", c->path + 1);
	else
		console_go(c, "sign-in");
}

/* Reads the form of a page. Returns false when the answer says what is wrong. */
static bool
receive(struct console *c, const struct console_page *p)
{
	bool files = p->max_kb == CONSOLE_UPLOAD;
	int status = 503;

	if (upload_enter(c->http, files))
		status = read_form(c, files ? c->app->settings.console_upload_kb : p->max_kb);
	upload_leave(c->http, files);
	if (status != 0)
		console_refuse(c, status,
		    status == 503 ? "Temporarily unavailable" : "Invalid request",
		    status == 413     ? "What you sent is too large." :
			status == 503 ? "Too many files are being uploaded. Try again soon." :
					"What you sent did not arrive completely. Try again.");
	return status == 0;
}

/* Tells whether the request is allowed. If not, the answer says why. The form is not read unless
 * a required session exists. */
static bool
allowed(struct console *c, const struct console_page *p)
{
	const struct http *h = c->http;

	if (p->method == METHOD_POST &&
	    !console_same_site(h->param(h->ctx, "HTTP_SEC_FETCH_SITE"),
		h->param(h->ctx, "HTTP_ORIGIN"),
		http_host(h, c->app->settings.trusted_proxies, c->arena))) {
		console_refuse(c, 403, "Sent from another site",
		    "This form was sent from another site. Nothing was changed.");
		return false;
	}
	if (p->needs != NEEDS_NOTHING && !c->signed_in) {
		ask_to_sign_in(c);
		return false;
	}
	if (c->signed_in &&
	    !concurrency_admit(c->http, c->account.id,
		(unsigned)c->app->settings.account_requests)) {
		console_refuse(c, 503, "Temporarily unavailable",
		    "Too many requests of this account are under way. Try again soon.");
		return false;
	}
	if (p->method == METHOD_POST && !receive(c, p))
		return false;
	if (p->needs == NEEDS_NOTHING)
		return true;
	if (p->method == METHOD_POST && !console_token_ok(c)) {
		console_refuse(c, 403, "Form expired",
		    "This form was loaded before you signed in. Nothing was changed. Reload the "
		    "page and try again.");
		return false;
	}
	if (p->needs == NEEDS_OPERATOR && !c->account.operator) {
		console_refuse(c, 404, "Not found", "This page does not exist.");
		return false;
	}
	return true;
}

static void
serve(struct console *c)
{
	bool known;
	const struct console_page *p = find_page(c, &known);
	enum store_rc rc = ST_OK;

	if (p == NULL || p->run != console_file)
		rc = console_find_session(c);
	if (rc != ST_OK) {
		console_store_fail(c, rc, "reading a session");
	} else if (p == NULL) {
		if (known)
			buf_adds(&c->answer->headers, "Allow: GET, POST, HEAD\r\n");
		console_refuse(c, known ? 405 : 404, "Not found", "This page does not exist.");
	} else if (allowed(c, p)) {
		p->run(c);
	}
	log_info("console %s account=%s status=%d", p != NULL ? p->path : "-",
	    c->signed_in ? c->account.name : "-", c->answer->status);
}

void
console(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer)
{
	char root[256];
	struct console c = { .app = app,
		.http = http,
		.arena = a,
		.answer = answer,
		.out = &answer->body,
		.path = below,
		.root = root };

	answer->type = "text/html; charset=utf-8";
	buf_adds(&answer->headers, headers);
	c.secure = http_secure(http, app->settings.trusted_proxies) ||
	    strncasecmp(app->settings.base_url, "https://", 8) == 0;
	if (below[0] == '\0') {
		c.root = "console/";
		console_go(&c, "%s", "");
		return;
	}
	if (!console_root(below, root, sizeof root) ||
	    !pairs_from_form(a, http->query, strlen(http->query), &c.query)) {
		c.root = "./";
		console_refuse(&c, 400, "Invalid request", "This page does not exist.");
		return;
	}
	serve(&c);
}
