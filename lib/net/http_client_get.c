/*
 * http_client_get: fetches, see http_client.h.
 *
 * It follows redirects itself, because libcurl would read their bodies, and because each address is
 * checked and written in ASCII like the first. It asks for every encoding that libcurl knows; the
 * sink counts decoded bytes.
 */
#include "net/http_client.h"

#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/num.h"
#include "net/http_client_transfer.h"
#include "net/http_client_url.h"

/* One fetch. */
struct getting {
	struct transfer t;
	struct http_client_get *get;
	char *redirected; /* the URL that is fetched now; NULL: get->url */
	uint64_t hops;    /* redirects that were followed */
	int64_t began;    /* by clock_mono() */
	bool headers;     /* ended by take_header(): only the headers matter */
};

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct getting *g = ctx;

	n *= size;
	return transfer_body(&g->t, p, n, &(struct gunzip_sink){ g->get->sink, g->get->ctx }) ? n :
												0;
}

/* Tells whether the answer announces more bytes than the limit. (libcurl's own option would also
 * judge the bodies of redirects.) */
static bool
too_long(const struct getting *g)
{
	struct curl_header *h;
	uint64_t n;

	return curl_easy_header(g->t.easy, "Content-Length", 0, CURLH_HEADER, -1, &h) ==
	    CURLHE_OK &&
	    num_u64(h->value, 0, UINT64_MAX, &n) && n > g->get->limit;
}

/* At the end of the headers, ends an answer that is not 200, whose body nobody reads, and one whose
 * body is too long. */
static size_t
take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct getting *g = ctx;
	long status = transfer_status(&g->t, p, n *= size);

	if (status == 0)
		return n;
	g->headers = status != 200;
	return !g->headers && !too_long(g) && transfer_decode(&g->t) ? n : 0;
}

#define SET(opt, value) (rc == CURLE_OK ? (rc = curl_easy_setopt(g->t.easy, (opt), (value))) : rc)

/* Returns the milliseconds that are left of what the fetch may take. */
static int64_t
left_ms(const struct getting *g)
{
	const struct settings *s = g->t.settings;
	uint64_t ms = s->medium_ms < s->request_ms ? s->medium_ms : s->request_ms;

	return (int64_t)ms - (clock_mono() - g->began) / 1000;
}

static CURLcode
set_get(struct getting *g)
{
	int64_t ms = left_ms(g);
	CURLcode rc = (CURLcode)transfer_set(&g->t,
	    g->redirected != NULL ? g->redirected : g->get->url, ms > 0 ? (uint64_t)ms : 1);

	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, g);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, g);
	SET(CURLOPT_ACCEPT_ENCODING, "");
	SET(CURLOPT_PRIVATE, g);
	return rc;
}

static void
get_done(struct getting *g, CURLcode rc)
{
	struct http_client_get *get = g->get;
	const char *type = NULL;

	rc = (CURLcode)transfer_end(&g->t, (int)rc);
	(void)curl_easy_getinfo(g->t.easy, CURLINFO_CONTENT_TYPE, &type);
	get->ms = (uint64_t)(clock_mono() - g->began) / 1000;
	(void)snprintf(get->type, sizeof get->type, "%s", type != NULL ? type : "");
	if (rc == CURLE_OK || g->headers) {
		get->rc = HTTP_CLIENT_OK;
		return;
	}
	get->rc = rc == CURLE_WRITE_ERROR ? HTTP_CLIENT_STOPPED : transfer_failed(&g->t, (int)rc);
	transfer_why(get->why, &g->t, (int)rc);
}

/* Returns where the answer redirects to; NULL when it does not (RFC 9110, 15.4). */
static const char *
location(const struct getting *g)
{
	struct curl_header *h;

	switch (g->get->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return curl_easy_header(g->t.easy, "Location", 0, CURLH_HEADER, -1, &h) ==
			CURLHE_OK ?
		    h->value :
		    NULL;
	default:
		return NULL;
	}
}

/* Makes *next of where the answer redirects to. Returns false with the result set when it may not
 * be followed. */
static bool
may_follow(struct getting *g, const char *to, char **next)
{
	struct http_client_get *get = g->get;
	struct http_client_url u = { .url = to,
		.base = g->redirected != NULL ? g->redirected : get->url,
		.how = HTTP_CLIENT_ANY_LENGTH,
		.out = *next = malloc(HTTP_CLIENT_URL),
		.size = HTTP_CLIENT_URL };

	get->rc = HTTP_CLIENT_FAILED;
	if (g->hops >= g->t.settings->max_redirects) {
		(void)snprintf(get->why, sizeof get->why, "too many redirects");
	} else if (u.out != NULL && http_client_url_check(g->t.settings, &u)) {
		return true;
	} else {
		get->rc = u.why != NULL ? HTTP_CLIENT_FAILED : HTTP_CLIENT_BROKEN;
		(void)snprintf(get->why, sizeof get->why, "redirected: %s",
		    u.why != NULL ? u.why : "out of memory");
	}
	free(*next);
	return false;
}

/* Fetches that run in parallel. */
struct get_set {
	CURLM *multi;
	struct getting *getting;
	size_t running;
	void (*done)(void *ctx, size_t i); /* called for each that has ended */
	void *ctx;
};

static bool
start(struct get_set *set, struct getting *g)
{
	if (set_get(g) != CURLE_OK || curl_multi_add_handle(set->multi, g->t.easy) != CURLM_OK)
		return false;
	set->running++;
	return true;
}

/* Follows the redirect that the answer is. Returns false when the fetch has ended, its result
 * set. */
static bool
follow(struct get_set *set, struct getting *g, const char *to)
{
	char *next;

	if (!may_follow(g, to, &next))
		return false;
	free(g->redirected);
	g->redirected = next;
	g->hops++;
	g->headers = false;
	g->t.error[0] = g->t.refused[0] = '\0';
	g->t.broken = false;
	g->get->status = 0;
	g->get->type[0] = '\0';
	if (start(set, g))
		return true;
	g->get->rc = HTTP_CLIENT_BROKEN;
	(void)snprintf(g->get->why, sizeof g->get->why, "cannot follow a redirect");
	return false;
}

/* Takes the transfers that have ended out of the set. */
static void
reap(struct get_set *set)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(set->multi, &left)) != NULL) {
		CURL *easy = m->easy_handle;
		CURLcode rc = m->data.result;
		struct getting *g = NULL;
		const char *to;

		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&g);
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &g->get->status);
		get_done(g, rc);
		(void)curl_multi_remove_handle(set->multi, easy);
		set->running--;
		to = g->headers ? location(g) : NULL;
		if (to == NULL || !follow(set, g, to))
			set->done(set->ctx, (size_t)(g - set->getting));
	}
}

static CURLMcode
run(struct get_set *set, uint64_t ms)
{
	int64_t deadline = clock_mono() + (int64_t)ms * 1000;
	CURLMcode rc = CURLM_OK;
	int alive;

	while (
	    set->running > 0 && rc == CURLM_OK && !transfer_stopping() && clock_mono() < deadline) {
		rc = curl_multi_perform(set->multi, &alive);
		reap(set);
		if (set->running > 0 && rc == CURLM_OK)
			rc = curl_multi_poll(set->multi, NULL, 0, 200, NULL);
	}
	return rc;
}

/* Gives this result to the transfers that have not ended. */
static void
give_up(struct http_client_get *g, size_t n, enum http_client_rc rc, const char *why)
{
	for (size_t i = 0; i < n; i++)
		if (g[i].rc == HTTP_CLIENT_FAILED && g[i].why[0] == '\0') {
			g[i].rc = rc;
			(void)snprintf(g[i].why, sizeof g[i].why, "%s", why);
		}
}

static void
end_all(struct get_set *set, size_t n)
{
	for (size_t i = 0; set->getting != NULL && i < n; i++) {
		if (set->getting[i].t.easy != NULL) {
			(void)curl_multi_remove_handle(set->multi, set->getting[i].t.easy);
			curl_easy_cleanup(set->getting[i].t.easy);
		}
		gunzip_flow_free(&set->getting[i].t.unpack);
		free(set->getting[i].redirected);
	}
	(void)curl_multi_cleanup(set->multi);
	free(set->getting);
}

void
http_client_get_all(const struct settings *s, struct http_client_get *g, size_t n,
    void (*done)(void *ctx, size_t i), void *ctx)
{
	struct get_set set = { .multi = curl_multi_init(),
		.getting = calloc(n, sizeof *set.getting),
		.done = done,
		.ctx = ctx };
	CURLMcode rc = CURLM_OUT_OF_MEMORY;
	bool all_started;

	for (size_t i = 0; i < n; i++) {
		g[i].rc = HTTP_CLIENT_FAILED;
		g[i].status = 0;
		g[i].why[0] = '\0';
	}
	for (size_t i = 0; set.getting != NULL && set.multi != NULL && i < n; i++) {
		struct getting *at = &set.getting[i];

		at->t.settings = s;
		at->get = &g[i];
		at->began = clock_mono();
		if ((at->t.easy = curl_easy_init()) == NULL || !start(&set, at))
			break;
	}
	if ((all_started = set.running == n))
		rc = run(&set, s->request_ms);
	give_up(g, n, rc == CURLM_OK ? HTTP_CLIENT_FAILED : HTTP_CLIENT_BROKEN,
	    rc == CURLM_OK  ? "not finished in time" :
		all_started ? curl_multi_strerror(rc) :
			      "cannot start the transfer");
	end_all(&set, n);
}
