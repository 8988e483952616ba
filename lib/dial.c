/* dial: see dial.h. The only file that includes libcurl. */
#include "dial.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "clock.h"
#include "guard.h"
#include "log.h"

enum { ANSWER_MAX = 16384 };

static volatile sig_atomic_t stopping;

/* One transfer and what its callbacks need. */
struct call {
	const struct settings *settings;
	struct dial_get *get;		/* NULL for a post */
	uint64_t received;
	CURL *easy;
	char refused[DIAL_WHY];		/* by the guard */
	char error[CURL_ERROR_SIZE];
};

bool
dial_init(void)
{
	/* a dead name server must not hold a transfer beyond its time: libcurl waits
	 * for its resolver thread (measured: 10 s instead of 2) */
	if (setenv("RES_OPTIONS", "timeout:1 attempts:2", 1) != 0)
		return false;
	return curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK;
}

void
dial_stop(void)
{
	stopping = 1;
}

static bool
clean_bytes(const char *url)
{
	for (; *url != '\0'; url++)
		if ((unsigned char)*url <= 0x20 || *url == 0x7f || *url == '\\')
			return false;
	return true;
}

/* A host right behind the scheme and two slashes (libcurl takes one or three, too), without
 * percent-encoding: libcurl undoes it, and what comes out may be a host of another
 * form, such as a number; nor the scope of an IPv6 address. */
static bool
plain_host(const char *url)
{
	const char *host = strchr(url, ':');
	size_t n = host != NULL && strncmp(host, "://", 3) == 0 ? strcspn(host + 3, "/?#") : 0;

	return n > 0 && memchr(host + 3, '%', n) == NULL;
}

/* The parts of a parsed URL that decide, checked. */
static const char *
url_fault(const struct settings *s, CURLU *u)
{
	char *scheme = NULL, *port = NULL;
	const char *why = "not a URL";

	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
		if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
			why = "neither http nor https";
		else
			why = guard_port(s, (unsigned)strtoul(port, NULL, 10));
	}
	curl_free(scheme);
	curl_free(port);
	return why;
}

bool
dial_url(const struct settings *s, const char *url, bool bare, char *out, size_t size, const char **why)
{
	CURLU *u = curl_url();
	char *text = NULL;

	*why = "memory is short";
	if (u == NULL)
		return false;
	if (strlen(url) > s->max_url_bytes)
		*why = "URL too long";
	else if (!plain_host(url) || !clean_bytes(url) ||
	    curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
	    (bare && curl_url_set(u, CURLUPART_QUERY, NULL, 0) != CURLUE_OK) ||
	    curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK)
		*why = "not an absolute URL without credentials";
	else
		*why = url_fault(s, u);
	if (*why == NULL && curl_url_get(u, CURLUPART_URL, &text, 0) != CURLUE_OK)
		*why = "not a URL";
	if (*why == NULL && (size_t)snprintf(out, size, "%s", text) >= size)
		*why = "URL too long";
	curl_free(text);
	curl_url_cleanup(u);
	return *why == NULL;
}

static unsigned
port_of(const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		return ntohs(in.sin_port);
	}
	memcpy(&in6, sa, sizeof in6);
	return ntohs(in6.sin6_port);
}

/* libcurl asks here for every socket, with the address it will connect to. */
static curl_socket_t
open_guarded(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct call *c = ctx;
	const char *why = "address family";
	char text[NET_TEXT] = "?";
	struct ip ip;

	(void)purpose;
	if (ip_from_sockaddr(&to->addr, &ip)) {
		ip_text(&ip, text);
		why = guard_address(c->settings, &ip);
		if (why == NULL)
			why = guard_port(c->settings, port_of(&to->addr));
	}
	if (why != NULL) {
		(void)snprintf(c->refused, sizeof c->refused, "%s refused: %s", text, why);
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;

	n *= size;
	c->received += n;
	if (c->get == NULL)
		return c->received <= ANSWER_MAX ? n : 0;
	return c->get->sink(c->get->ctx, p, n) ? n : 0;
}

static int
watch(void *ctx, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal, curl_off_t ulnow)
{
	(void)ctx;
	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return stopping;
}

#define SET(opt, value) (rc == CURLE_OK ? (rc = curl_easy_setopt(c->easy, (opt), (value))) : rc)

/* What every transfer has. */
static CURLcode
set_common(struct call *c, const char *url, uint64_t ms)
{
	const struct settings *s = c->settings;
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_guarded);
	SET(CURLOPT_OPENSOCKETDATA, c);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, c);
	SET(CURLOPT_XFERINFOFUNCTION, watch);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_ERRORBUFFER, c->error);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(ms < s->connect_ms ? ms : s->connect_ms));
	SET(CURLOPT_TIMEOUT_MS, (long)ms);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_USERAGENT, "savemms/" PACKAGE_VERSION);
	return rc;
}

static CURLcode
set_get(struct call *c)
{
	const struct settings *s = c->settings;
	CURLcode rc = set_common(c, c->get->url, s->medium_ms < s->request_ms ? s->medium_ms : s->request_ms);

	SET(CURLOPT_FOLLOWLOCATION, s->max_redirects > 0 ? 1L : 0L);
	SET(CURLOPT_MAXREDIRS, (long)s->max_redirects);
	SET(CURLOPT_ACCEPT_ENCODING, "");	/* all that libcurl knows; the sink counts what comes out */
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->get->limit);
	SET(CURLOPT_PRIVATE, c);
	return rc;
}

/* Control characters of a server's words do not belong in our log. */
static void
set_why(char why[DIAL_WHY], const struct call *c, CURLcode rc)
{
	(void)snprintf(why, DIAL_WHY, "%s", c->refused[0] != '\0' ? c->refused :
	    c->error[0] != '\0' ? c->error : curl_easy_strerror(rc));
}

static void
get_done(struct call *c, CURLcode rc)
{
	struct dial_get *g = c->get;
	const char *type = NULL;
	curl_off_t us = 0;

	(void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &g->status);
	(void)curl_easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &type);
	(void)curl_easy_getinfo(c->easy, CURLINFO_TOTAL_TIME_T, &us);
	g->ms = (uint64_t)us / 1000;
	(void)snprintf(g->type, sizeof g->type, "%s", type != NULL ? type : "");
	if (rc == CURLE_OK) {
		g->rc = DIAL_OK;
		return;
	}
	g->rc = rc == CURLE_WRITE_ERROR || rc == CURLE_FILESIZE_EXCEEDED ? DIAL_STOPPED : DIAL_FAILED;
	set_why(g->why, c, rc);
}

/* Takes the finished ones; the number still running. */
static size_t
reap(CURLM *multi, struct call *calls, size_t running, void (*done)(void *ctx, size_t i), void *ctx)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(multi, &left)) != NULL) {
		CURL *easy = m->easy_handle;
		CURLcode rc = m->data.result;
		struct call *c = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
		get_done(c, rc);
		(void)curl_multi_remove_handle(multi, easy);
		running--;
		done(ctx, (size_t)(c - calls));
	}
	return running;
}

static void
run(CURLM *multi, const struct settings *s, struct call *calls, size_t running,
    void (*done)(void *ctx, size_t i), void *ctx)
{
	int64_t deadline = clock_mono() + (int64_t)s->request_ms * 1000;
	CURLMcode rc = CURLM_OK;
	int alive;

	while (running > 0 && rc == CURLM_OK && !stopping && clock_mono() < deadline) {
		rc = curl_multi_perform(multi, &alive);
		running = reap(multi, calls, running, done, ctx);
		if (running > 0 && rc == CURLM_OK)
			rc = curl_multi_poll(multi, NULL, 0, 200, NULL);
	}
}

void
dial_get_all(const struct settings *s, struct dial_get *g, size_t n, void (*done)(void *ctx, size_t i), void *ctx)
{
	struct call *calls = calloc(n, sizeof *calls);
	CURLM *multi = curl_multi_init();
	size_t started = 0;

	for (size_t i = 0; i < n; i++) {
		g[i].rc = DIAL_FAILED;
		(void)snprintf(g[i].why, sizeof g[i].why, "not finished in time");
	}
	for (size_t i = 0; calls != NULL && multi != NULL && i < n; i++) {
		struct call *c = &calls[i];

		c->settings = s;
		c->get = &g[i];
		if ((c->easy = curl_easy_init()) != NULL && set_get(c) == CURLE_OK &&
		    curl_multi_add_handle(multi, c->easy) == CURLM_OK)
			started++;
		else
			(void)snprintf(g[i].why, sizeof g[i].why, "cannot start the transfer");
	}
	if (started == n)
		run(multi, s, calls, started, done, ctx);
	for (size_t i = 0; calls != NULL && i < n; i++)
		if (calls[i].easy != NULL) {
			(void)curl_multi_remove_handle(multi, calls[i].easy);
			curl_easy_cleanup(calls[i].easy);
		}
	(void)curl_multi_cleanup(multi);
	free(calls);
}

static struct curl_slist *
header_list(const char *const *header)
{
	struct curl_slist *list = NULL, *longer;

	for (; *header != NULL; header++) {
		if ((longer = curl_slist_append(list, *header)) == NULL) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

void
dial_post(const struct settings *s, struct dial_post *p)
{
	struct call call = { .settings = s }, *c = &call;
	struct curl_slist *headers = header_list(p->header);
	char url[8192];
	const char *why;
	CURLcode rc = CURLE_OUT_OF_MEMORY;
	int64_t began = clock_mono();

	p->rc = DIAL_FAILED;
	p->status = 0;
	p->ms = 0;
	p->why[0] = '\0';
	if (!dial_url(s, p->url, false, url, sizeof url, &why)) {
		(void)snprintf(p->why, sizeof p->why, "%s", why);
		curl_slist_free_all(headers);
		return;
	}
	if (headers != NULL && (c->easy = curl_easy_init()) != NULL) {
		rc = set_common(c, url, s->postback_ms);
		SET(CURLOPT_FOLLOWLOCATION, 0L);
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->len);
		SET(CURLOPT_POSTFIELDS, p->body);
		SET(CURLOPT_HTTPHEADER, headers);
		if (rc == CURLE_OK)
			rc = curl_easy_perform(c->easy);
		(void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &p->status);
		/* a long answer is cut: its status is what counts */
		if (rc == CURLE_WRITE_ERROR && c->received > ANSWER_MAX)
			rc = CURLE_OK;
	}
	if (rc == CURLE_OK)
		p->rc = DIAL_OK;
	else
		set_why(p->why, c, rc);
	p->ms = (uint64_t)(clock_mono() - began) / 1000;
	curl_easy_cleanup(c->easy);
	curl_slist_free_all(headers);
}
