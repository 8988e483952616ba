/*
 * http_client: see http_client.h; fetches are in http_client_get.c. The files http_client*.c are
 * the only ones that include libcurl.
 */
#include "net/http_client.h"

#include <errno.h>
#include <limits.h>
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
#include "base/where.h"
#include "model/text.h"
#include "net/address_policy.h"
#include "net/http_client_coding.h"
#include "net/http_client_header.h"
#include "net/http_client_keep.h"
#include "net/http_client_transfer.h"
#include "net/http_client_url.h"

enum { ANSWER_MAX = 16384 };

static atomic_int stopping; /* lock-free, so that a signal handler may set it */

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

void
http_client_authorities(char file[HTTP_CLIENT_CA], char folder[HTTP_CLIENT_CA])
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	bool told = v->age >= CURLVERSION_SEVENTH; /* the form that has them */

	if (!where_carried(WHERE_AUTHORITIES, file, HTTP_CLIENT_CA))
		(void)snprintf(file, HTTP_CLIENT_CA, "%s",
		    told && v->cainfo != NULL ? v->cainfo : "");
	(void)snprintf(folder, HTTP_CLIENT_CA, "%s", told && v->capath != NULL ? v->capath : "");
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

_Static_assert((int)TRANSFER_ERROR == (int)CURL_ERROR_SIZE, "libcurl's words fit");

bool
transfer_stopping(void)
{
	return stopping;
}

static bool
take_answer(void *ctx, const void *p, size_t n)
{
	struct transfer *t = ctx;

	t->received += n;
	if (t->received <= ANSWER_MAX && t->send->answer != NULL)
		buf_add(t->send->answer, p, n);
	return t->received <= ANSWER_MAX;
}

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	n *= size;
	return transfer_body(ctx, p, n, &(struct gunzip_sink){ take_answer, ctx }) ? n : 0;
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

long
transfer_status(const struct transfer *t, const char *line, size_t n)
{
	long status = 0;

	if (n == 0 || (line[0] != '\r' && line[0] != '\n'))
		return 0;
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	return status < 200 ? 0 : status;
}

static enum http_client_coding
coding_of(CURL *easy)
{
	struct http_client_codings c = { 0 };
	struct curl_header *h;

	for (size_t i = 0, n = 1; i < n; i++) {
		if (curl_easy_header(easy, "Content-Encoding", i, CURLH_HEADER, -1, &h) !=
		    CURLHE_OK)
			break;
		n = h->amount;
		http_client_coding_add(&c, h->value);
	}
	return http_client_coding(&c);
}

bool
transfer_decode(struct transfer *t)
{
	enum http_client_coding coding = coding_of(t->easy);

	if (coding == CODING_LIBCURL)
		return true;
	if (coding == CODING_LOST)
		t->undone = CURLE_BAD_CONTENT_ENCODING;
	if (coding == CODING_ZIPPED && (t->unpack = gunzip_flow_new()) == NULL)
		t->undone = CURLE_OUT_OF_MEMORY;
	return t->undone == 0 &&
	    curl_easy_setopt(t->easy, CURLOPT_HTTP_CONTENT_DECODING, 0L) == CURLE_OK;
}

bool
transfer_body(struct transfer *t, const void *p, size_t n, const struct gunzip_sink *to)
{
	enum gunzip_rc rc;

	if (t->unpack == NULL)
		return to->take(to->ctx, p, n);
	rc = gunzip_flow_add(t->unpack, p, n, to);
	if (rc == GUNZIP_BAD)
		t->undone = CURLE_BAD_CONTENT_ENCODING;
	if (rc == GUNZIP_NOMEM)
		t->undone = CURLE_OUT_OF_MEMORY;
	return rc == GUNZIP_OK;
}

int
transfer_end(struct transfer *t, int rc)
{
	if (rc == CURLE_OK && t->unpack != NULL && !gunzip_flow_whole(t->unpack))
		t->undone = CURLE_BAD_CONTENT_ENCODING;
	gunzip_flow_free(&t->unpack);
	if (t->undone == 0)
		return rc;
	t->error[0] = '\0'; /* libcurl's words are about the callback that ended it */
	return t->undone;
}

static size_t
take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	n *= size;
	return transfer_status(t, p, n) == 0 || t->send->answer == NULL || transfer_decode(t) ? n :
												0;
}

#define SET(opt, value) (rc == CURLE_OK ? (rc = curl_easy_setopt(t->easy, (opt), (value))) : rc)

int
transfer_set(struct transfer *t, const char *url, uint64_t ms)
{
	const struct settings *s = t->settings;
	char authorities[PATH_MAX];
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_allowed);
	SET(CURLOPT_OPENSOCKETDATA, t);
	SET(CURLOPT_XFERINFOFUNCTION, watch);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_ERRORBUFFER, t->error);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(ms < s->connect_ms ? ms : s->connect_ms));
	SET(CURLOPT_TIMEOUT_MS, (long)ms);
	SET(CURLOPT_HTTP_CONTENT_DECODING, 1L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_USERAGENT, "savemms/" PACKAGE_VERSION);
	if (where_carried(WHERE_AUTHORITIES, authorities, sizeof authorities))
		SET(CURLOPT_CAINFO, authorities);
	return (int)rc;
}

enum http_client_rc
transfer_failed(const struct transfer *t, int rc)
{
	return t->broken || rc == CURLE_OUT_OF_MEMORY || rc == CURLE_FAILED_INIT ||
		rc == CURLE_SSL_CACERT_BADFILE /* this machine's */ ?
	    HTTP_CLIENT_BROKEN :
	    HTTP_CLIENT_FAILED;
}

void
transfer_why(char why[HTTP_CLIENT_WHY], const struct transfer *t, int rc)
{
	(void)snprintf(why, HTTP_CLIENT_WHY, "%s",
	    t->refused[0] != '\0'   ? t->refused :
		t->error[0] != '\0' ? t->error :
				      curl_easy_strerror((CURLcode)rc));
	text_mend(why);
}

static CURLcode
set_send(struct transfer *t, const char *url, const struct curl_slist *headers)
{
	const struct http_client_call *p = t->send;
	CURLcode rc = (CURLcode)transfer_set(t, url, p->ms);

	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, t);
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
	struct curl_header *h;
	curl_off_t after = 0;

	p->replayed = curl_easy_header(t->easy, "Idempotency-Replayed", 0, CURLH_HEADER, -1, &h) ==
		CURLHE_OK &&
	    strcmp(h->value, "true") == 0;
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &p->status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
	p->retry_after_s = after > 0 ? (uint64_t)after : 0;
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
		rc = (CURLcode)transfer_end(t, (int)rc);
		note_answer(t);
		/* a long answer is cut: its status is what counts */
		if (rc == CURLE_WRITE_ERROR && t->received > ANSWER_MAX)
			rc = CURLE_OK;
	}
	p->rc = rc == CURLE_OK ? HTTP_CLIENT_OK : transfer_failed(t, (int)rc);
	if (rc != CURLE_OK)
		transfer_why(p->why, t, (int)rc);
	if (kept)
		curl_easy_reset(t->easy); /* it no longer refers to anything of this call */
	else
		curl_easy_cleanup(t->easy);
	curl_slist_free_all(headers);
}

char *
transfer_url(const struct settings *s, const char *url, bool operators, enum http_client_rc *rc,
    char why[HTTP_CLIENT_WHY])
{
	struct http_client_url u = { .url = url,
		.out = malloc(HTTP_CLIENT_URL),
		.size = HTTP_CLIENT_URL,
		.how = HTTP_CLIENT_ANY_LENGTH | (operators ? HTTP_CLIENT_ANY_PORT : 0U) };

	if (u.out != NULL && http_client_url_check(s, &u))
		return u.out;
	*rc = u.why != NULL ? HTTP_CLIENT_FAILED : HTTP_CLIENT_BROKEN;
	(void)snprintf(why, HTTP_CLIENT_WHY, "%s", u.why != NULL ? u.why : "out of memory");
	free(u.out);
	return NULL;
}

void
http_client_call(const struct settings *s, struct http_client_call *p)
{
	struct transfer transfer = { .settings = s, .send = p };
	int64_t began = clock_mono();
	char *url;

	p->status = 0;
	p->type[0] = p->why[0] = '\0';
	if ((url = transfer_url(s, p->url, p->operators, &p->rc, p->why)) != NULL)
		send_to(&transfer, url);
	p->took_ms = (uint64_t)(clock_mono() - began) / 1000;
	free(url);
}
