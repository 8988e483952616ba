/*
 * http_client: see http_client.h. Only this and the other files http_client_*.c include libcurl.
 */
#include "net/http_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/text.h"
#include "net/address_policy.h"
#include "net/http_client_header.h"
#include "net/http_client_keep.h"
#include "net/http_client_url.h"

enum { ANSWER_MAX = 16384 };

static atomic_int stopping; /* lock-free, so that a signal handler may set it */

/* One transfer and what its callbacks need. */
struct transfer {
	const struct settings *settings;
	struct http_client_get *get; /* one of the two */
	struct http_client_call *send;
	uint64_t received;
	CURL *easy;
	char refused[HTTP_CLIENT_WHY]; /* why the address policy or the system refused a socket */
	bool broken;                   /* no socket could be made */
	char error[CURL_ERROR_SIZE];
};

bool
http_client_init(void)
{
	/* a dead name server must not hold a transfer beyond its time: libcurl waits
	 * for its resolver thread (measured: 10 s instead of 2) */
	if (setenv("RES_OPTIONS", "timeout:1 attempts:2", 1) != 0)
		return false;
	return curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK;
}

void
http_client_stop(void)
{
	stopping = 1;
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

/* libcurl calls this for every socket, with the address it will connect to. */
static curl_socket_t
open_allowed(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = ctx;
	const char *why = "address family";
	char text[NET_TEXT] = "?";
	struct ip ip;
	int fd;

	(void)purpose;
	if (t->send != NULL && t->send->operators) {
		why = NULL;
	} else if (ip_from_sockaddr(&to->addr, &ip)) {
		ip_text(&ip, text);
		why = address_policy_allows(t->settings, &ip);
		if (why == NULL)
			why = address_policy_port(t->settings, port_of(&to->addr));
	}
	if (why != NULL) {
		(void)snprintf(t->refused, sizeof t->refused, "%s refused: %s", text, why);
		return CURL_SOCKET_BAD;
	}
	if ((fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol)) < 0) {
		t->broken = errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM;
		(void)snprintf(t->refused, sizeof t->refused, "no socket: %s", strerror(errno));
	}
	return fd;
}

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	n *= size;
	t->received += n;
	if (t->get == NULL) {
		if (t->received <= ANSWER_MAX && t->send->answer != NULL)
			buf_add(t->send->answer, p, n);
		return t->received <= ANSWER_MAX ? n : 0;
	}
	return t->get->sink(t->get->ctx, p, n) ? n : 0;
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

#define SET(opt, value) (rc == CURLE_OK ? (rc = curl_easy_setopt(t->easy, (opt), (value))) : rc)

/* Sets the options that every transfer has. */
static CURLcode
set_common(struct transfer *t, const char *url, uint64_t ms)
{
	const struct settings *s = t->settings;
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_allowed);
	SET(CURLOPT_OPENSOCKETDATA, t);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_XFERINFOFUNCTION, watch);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_ERRORBUFFER, t->error);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(ms < s->connect_ms ? ms : s->connect_ms));
	SET(CURLOPT_TIMEOUT_MS, (long)ms);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_USERAGENT, "savemms/" PACKAGE_VERSION);
	return rc;
}

static CURLcode
set_get(struct transfer *t)
{
	const struct settings *s = t->settings;
	CURLcode rc = set_common(t, t->get->url,
	    s->medium_ms < s->request_ms ? s->medium_ms : s->request_ms);

	SET(CURLOPT_FOLLOWLOCATION, s->max_redirects > 0 ? 1L : 0L);
	SET(CURLOPT_MAXREDIRS, (long)s->max_redirects);
	SET(CURLOPT_ACCEPT_ENCODING,
	    ""); /* every encoding that libcurl knows; the sink counts decoded bytes */
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->get->limit);
	SET(CURLOPT_PRIVATE, t);
	return rc;
}

/* Returns the result of a transfer that failed without being cut off. */
static enum http_client_rc
failed(const struct transfer *t, CURLcode rc)
{
	return t->broken || rc == CURLE_OUT_OF_MEMORY || rc == CURLE_FAILED_INIT ?
	    HTTP_CLIENT_BROKEN :
	    HTTP_CLIENT_FAILED;
}

/* Sets why to the reason, without the control characters that a server's words may hold. */
static void
set_why(char why[HTTP_CLIENT_WHY], const struct transfer *t, CURLcode rc)
{
	(void)snprintf(why, HTTP_CLIENT_WHY, "%s",
	    t->refused[0] != '\0'   ? t->refused :
		t->error[0] != '\0' ? t->error :
				      curl_easy_strerror(rc));
	text_mend(why);
}

static void
get_done(struct transfer *t, CURLcode rc)
{
	struct http_client_get *g = t->get;
	const char *type = NULL;
	curl_off_t us = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &g->status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	(void)curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
	g->ms = (uint64_t)us / 1000;
	(void)snprintf(g->type, sizeof g->type, "%s", type != NULL ? type : "");
	if (rc == CURLE_OK) {
		g->rc = HTTP_CLIENT_OK;
		return;
	}
	g->rc = rc == CURLE_WRITE_ERROR || rc == CURLE_FILESIZE_EXCEEDED ? HTTP_CLIENT_STOPPED :
									   failed(t, rc);
	set_why(g->why, t, rc);
}

/* Transfers that run in parallel. */
struct transfer_set {
	CURLM *multi;
	struct transfer *transfer;
	size_t running;
	void (*done)(void *ctx, size_t i); /* called for each that has ended */
	void *ctx;
};

/* Takes the finished transfers out of the set. */
static void
reap(struct transfer_set *set)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(set->multi, &left)) != NULL) {
		CURL *easy = m->easy_handle;
		CURLcode rc = m->data.result;
		struct transfer *t = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
		get_done(t, rc);
		(void)curl_multi_remove_handle(set->multi, easy);
		set->running--;
		set->done(set->ctx, (size_t)(t - set->transfer));
	}
}

static CURLMcode
run(struct transfer_set *set, uint64_t ms)
{
	int64_t deadline = clock_mono() + (int64_t)ms * 1000;
	CURLMcode rc = CURLM_OK;
	int alive;

	while (set->running > 0 && rc == CURLM_OK && !stopping && clock_mono() < deadline) {
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

void
http_client_get_all(const struct settings *s, struct http_client_get *g, size_t n,
    void (*done)(void *ctx, size_t i), void *ctx)
{
	struct transfer_set set = { .multi = curl_multi_init(),
		.transfer = calloc(n, sizeof *set.transfer),
		.done = done,
		.ctx = ctx };
	CURLMcode rc = CURLM_OUT_OF_MEMORY;
	bool all_started;

	for (size_t i = 0; i < n; i++) {
		g[i].rc = HTTP_CLIENT_FAILED;
		g[i].why[0] = '\0';
	}
	for (size_t i = 0; set.transfer != NULL && set.multi != NULL && i < n; i++) {
		struct transfer *t = &set.transfer[i];

		t->settings = s;
		t->get = &g[i];
		if ((t->easy = curl_easy_init()) != NULL && set_get(t) == CURLE_OK &&
		    curl_multi_add_handle(set.multi, t->easy) == CURLM_OK)
			set.running++;
	}
	if ((all_started = set.running == n))
		rc = run(&set, s->request_ms);
	give_up(g, n, rc == CURLM_OK ? HTTP_CLIENT_FAILED : HTTP_CLIENT_BROKEN,
	    rc == CURLM_OK  ? "not finished in time" :
		all_started ? curl_multi_strerror(rc) :
			      "cannot start the transfer");
	for (size_t i = 0; set.transfer != NULL && i < n; i++)
		if (set.transfer[i].easy != NULL) {
			(void)curl_multi_remove_handle(set.multi, set.transfer[i].easy);
			curl_easy_cleanup(set.transfer[i].easy);
		}
	(void)curl_multi_cleanup(set.multi);
	free(set.transfer);
}

static CURLcode
set_send(struct transfer *t, const char *url, const struct curl_slist *headers)
{
	const struct http_client_call *p = t->send;
	CURLcode rc = set_common(t, url, p->ms);

	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTPHEADER, headers);
	if (p->answer != NULL)
		SET(CURLOPT_ACCEPT_ENCODING, ""); /* as in set_get() */
	if (p->body != NULL) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->len);
		SET(CURLOPT_POSTFIELDS, p->body);
	}
	if (p->user != NULL && p->user[0] != '\0') {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(CURLOPT_USERNAME, p->user);
		SET(CURLOPT_PASSWORD, p->password);
	}
	return rc;
}

/* Sets what the first lines of the answer say. */
static void
note_answer(struct transfer *t)
{
	struct http_client_call *p = t->send;
	const char *type = NULL;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &p->status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	if (type != NULL && strlen(type) < sizeof p->type)
		(void)snprintf(p->type, sizeof p->type, "%s", type);
}

/* Makes the call; url has been checked. */
static void
send_to(struct transfer *t, const char *url)
{
	struct http_client_call *p = t->send;
	struct curl_slist *headers = NULL;
	CURLcode rc = CURLE_OUT_OF_MEMORY;
	bool kept = p->operators && (t->easy = http_client_keep()) != NULL;

	if (!kept)
		t->easy = curl_easy_init();
	if ((headers = http_client_header(p->header)) != NULL && t->easy != NULL) {
		rc = set_send(t, url, headers);
		if (rc == CURLE_OK)
			rc = curl_easy_perform(t->easy);
		note_answer(t);
		/* a long answer is cut: its status is what counts */
		if (rc == CURLE_WRITE_ERROR && t->received > ANSWER_MAX)
			rc = CURLE_OK;
	}
	p->rc = rc == CURLE_OK ? HTTP_CLIENT_OK : failed(t, rc);
	if (rc != CURLE_OK)
		set_why(p->why, t, rc);
	if (kept)
		curl_easy_reset(t->easy); /* it no longer refers to anything of this call */
	else
		curl_easy_cleanup(t->easy);
	curl_slist_free_all(headers);
}

void
http_client_call(const struct settings *s, struct http_client_call *p)
{
	struct transfer transfer = { .settings = s, .send = p };
	struct http_client_url u = { .url = p->url,
		.out = malloc(HTTP_CLIENT_URL),
		.size = HTTP_CLIENT_URL,
		.how = HTTP_CLIENT_ANY_LENGTH | (p->operators ? HTTP_CLIENT_ANY_PORT : 0U) };
	int64_t began = clock_mono();

	p->status = 0;
	p->type[0] = p->why[0] = '\0';
	if (u.out != NULL && http_client_url_check(s, &u)) {
		send_to(&transfer, u.out);
	} else {
		p->rc = u.why != NULL ? HTTP_CLIENT_FAILED : HTTP_CLIENT_BROKEN;
		(void)snprintf(p->why, sizeof p->why, "%s",
		    u.why != NULL ? u.why : "out of memory");
	}
	p->took_ms = (uint64_t)(clock_mono() - began) / 1000;
	free(u.out);
}
