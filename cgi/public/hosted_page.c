/*
 * hosted_page: serves /m/TOKEN, a message as a web page, and its media below it
 * (savemms-api(7), Hosted pages).
 *
 * Whoever has the token may see the message: the token cannot be guessed and belongs to one
 * message. When something does not exist, has expired or is not available now, a page of the
 * same look says so with status 404, 410 or 503. Links are relative, so that the page works
 * below any folder. Only a GET of the page is counted as a view; if it cannot be counted, that
 * is logged, and the page is shown all the same. Known limit: a program that fetches the page
 * for a preview counts as a view, too.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/log.h"
#include "cgi/app.h"
#include "cgi/public/hosted.h"
#include "cgi/public/media_file.h"
#include "send/page.h"

enum { DEPTH_MAX = 16 };

/* Writes the relative URL of the style sheet: for "/" it is "style.css", for "/TOKEN/"
 * "../style.css", for "" "m/style.css". */
static void
style_url(const char *below, char out[STYLE_URL])
{
	size_t n = 0;

	out[0] = '\0';
	if (below[0] == '\0')
		(void)snprintf(out, STYLE_URL, "m/");
	for (const char *p = strchr(below, '/'); p != NULL && n < DEPTH_MAX;
	     p = strchr(p + 1, '/'), n++)
		if (n > 0)
			(void)snprintf(out + 3 * (n - 1), STYLE_URL - 3 * (n - 1), "../");
	(void)snprintf(out + strlen(out), STYLE_URL - strlen(out), "style.css");
}

static void
page_headers(struct answer *answer)
{
	answer->type = "text/html; charset=utf-8";
	buf_adds(&answer->headers,
	    "Content-Security-Policy: default-src 'none'; img-src 'self'; media-src 'self'; "
	    "style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'\r\n");
}

static void
notice(struct look *l, int status)
{
	const char *heading = "Not found",
		   *text = "There is no message at this address. Check that the link is complete.";

	if (status == 410) {
		heading = "This message has expired";
		text = "It is no longer available.";
	} else if (status == 405) {
		heading = "Not allowed";
		text = "This page is read-only.";
		buf_adds(&l->answer->headers, "Allow: GET, HEAD\r\n");
	} else if (status == 503) {
		heading = "Temporarily unavailable";
		text = "The message cannot be shown at the moment. Please try again soon.";
		buf_adds(&l->answer->headers, "Retry-After: 5\r\n");
	}
	l->answer->status = status;
	buf_reset(&l->answer->body);
	page_headers(l->answer);
	page_notice(&l->answer->body, l->style, heading, text);
}

static void
serve_style(struct look *l)
{
	struct answer *answer = l->answer;

	answer->type = "text/css; charset=utf-8";
	answer->cache = "public, max-age=3600";
	crypt_sha256_hex(hosted_style, strlen(hosted_style), answer->etag);
	buf_adds(&answer->body, hosted_style);
}

static void
show_page(struct look *l, bool slash)
{
	char dir[TRACKING + 1];
	const struct page_in in = { .a = l->arena,
		.subject_chars = l->app->settings.max_subject_chars,
		.t = l->template,
		.m = l->message,
		.dir = slash ? "" : dir,
		.style = l->style };
	enum store_rc rc;

	(void)snprintf(dir, sizeof dir, "%s/", l->message->token);
	buf_init(&l->answer->body, PAGE_BYTES);
	page_html(&l->answer->body, &in);
	if (!buf_ok(&l->answer->body)) {
		log_error("the page of message %s does not fit in memory", l->message->tracking);
		notice(l, 503);
		return;
	}
	page_headers(l->answer);
	if (l->http->method != METHOD_GET)
		return;
	if ((rc = store_message_opened(l->app->store, l->message->id)) != ST_OK)
		log_warn("counting a page view: %s", store_rc_text(rc));
}

static void
show_medium(struct look *l, const char *name)
{
	struct page_medium m;
	char file[PAGE_NAME];
	int status;

	if (!page_find(l->template, name, &m)) {
		notice(l, 404);
		return;
	}
	if (m.personal_image && (status = hosted_image(l)) != 404) {
		if (status != 200)
			notice(l, status);
		return;
	}
	page_save_name(m.format, file);
	if (!answer_medium(l->answer, &l->app->settings, m.sha, m.format, file)) {
		status = errno == ENOENT ? 404 : 503;
		log_error("medium %s of message %s cannot be read: %m", name, l->message->tracking);
		notice(l, status);
	}
}

/* Finds the message and the template of the token. Returns 200, or the HTTP status that says why
 * it cannot. */
static int
find(struct look *l, const char *token)
{
	struct store *st = l->app->store;
	enum store_rc rc = store_message_by_token(st, token, l->arena, &l->message);
	bool known = rc == ST_OK;

	if (known && page_expired(l->message, clock_now()))
		return 410;
	if (known)
		rc = store_template_get(st, l->message->account, l->message->mmsid, l->arena,
		    &l->template);
	if (rc == ST_NOTFOUND)
		return known ? 410 : 404;
	if (rc != ST_OK)
		log_error("reading a message for its page: %s", store_rc_text(rc));
	return rc == ST_OK ? 200 : 503;
}

/* below is "/TOKEN", "/TOKEN/" or "/TOKEN/name". */
static void
serve_below(struct look *l, const char *below)
{
	char token[TRACKING];
	const char *rest = below + TRACKING;
	int status;

	if (strlen(below) < TRACKING || below[0] != '/' ||
	    strspn(below + 1, ASCII_ALNUM) != TRACKING - 1) {
		notice(l, 404);
		return;
	}
	(void)snprintf(token, sizeof token, "%.*s", TRACKING - 1, below + 1);
	if ((status = find(l, token)) != 200)
		notice(l, status);
	else if (rest[0] == '\0' || strcmp(rest, "/") == 0)
		show_page(l, rest[0] == '/');
	else
		show_medium(l, rest + 1);
}

void
hosted_page(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer)
{
	struct look l = { .app = app, .http = http, .arena = a, .answer = answer };

	while (strncmp(below, "/m/", 3) == 0) /* our own folder may be called m, too */
		below += 2;
	style_url(below, l.style);
	buf_adds(&answer->headers, "Referrer-Policy: no-referrer\r\nX-Robots-Tag: noindex\r\n");
	if (http->method != METHOD_GET && http->method != METHOD_HEAD)
		notice(&l, 405);
	else if (strcmp(below, "/style.css") == 0)
		serve_style(&l);
	else
		serve_below(&l, below);
}
