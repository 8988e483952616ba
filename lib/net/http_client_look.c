/* http_client_look: see http_client_look.h */
#include "net/http_client_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/http_client_transfer.h"
#include "net/http_client_url.h"

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct http_client_look *look = ctx;

	n *= size;
	if (look->answer != NULL)
		buf_add(look->answer, p, n);
	return look->answer == NULL || buf_ok(look->answer) ? n : 0;
}

#define SET(opt, value) (rc == CURLE_OK ? (rc = curl_easy_setopt(t->easy, (opt), (value))) : rc)

static CURLcode
set(struct transfer *t, struct http_client_look *look, const char *url)
{
	CURLcode rc = (CURLcode)transfer_set(t, url, look->ms);

	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, look);
	SET(CURLOPT_CERTINFO, 1L);
	if (look->only_connects)
		SET(CURLOPT_CONNECT_ONLY, 1L);
	return rc;
}

/* Returns when the server's own certificate ends, or 0. */
static int64_t
certificate_end(CURL *easy)
{
	static const char label[] = "Expire date:";
	struct curl_certinfo *info = NULL;
	time_t when;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL ||
	    info->num_of_certs < 1)
		return 0;
	for (const struct curl_slist *l = info->certinfo[0]; l != NULL; l = l->next)
		if (strncmp(l->data, label, sizeof label - 1) == 0) {
			when = curl_getdate(l->data + sizeof label - 1, NULL);
			return when > 0 ? (int64_t)when : 0;
		}
	return 0;
}

static void
note(const struct transfer *t, struct http_client_look *look, CURLcode rc)
{
	struct curl_header *h;
	time_t when;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &look->status);
	look->ends = certificate_end(t->easy);
	if (curl_easy_header(t->easy, "Date", 0, CURLH_HEADER, -1, &h) == CURLHE_OK &&
	    (when = curl_getdate(h->value, NULL)) > 0)
		look->date = (int64_t)when;
	look->untrusted = rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CONNECT_ERROR ||
	    rc == CURLE_SSL_CACERT_BADFILE || rc == CURLE_SSL_ISSUER_ERROR;
}

static void
run(struct transfer *t, struct http_client_look *look, const char *url)
{
	CURLcode rc = CURLE_OUT_OF_MEMORY;

	if ((t->easy = curl_easy_init()) != NULL && (rc = set(t, look, url)) == CURLE_OK) {
		rc = curl_easy_perform(t->easy);
		note(t, look, rc);
	}
	look->rc = rc == CURLE_OK ? HTTP_CLIENT_OK : transfer_failed(t, (int)rc);
	if (rc != CURLE_OK)
		transfer_why(look->why, t, (int)rc);
	curl_easy_cleanup(t->easy);
}

void
http_client_look(const struct settings *s, struct http_client_look *look)
{
	struct http_client_call call = { .operators = look->operators };
	struct transfer transfer = { .settings = s, .send = &call };
	int64_t began = clock_mono();
	char *url;

	look->status = 0;
	look->ends = look->date = 0;
	look->untrusted = false;
	look->why[0] = '\0';
	if ((url = transfer_url(s, look->url, look->operators, &look->rc, look->why)) != NULL)
		run(&transfer, look, url);
	look->took_ms = (uint64_t)(clock_mono() - began) / 1000;
	free(url);
}

bool
http_client_origin(const char *url, char out[HTTP_CLIENT_ORIGIN])
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK;

	out[0] = '\0';
	if (ok && curl_url_get(u, CURLUPART_PORT, &port, 0) != CURLUE_OK)
		port = NULL;
	if (ok)
		ok = snprintf(out, HTTP_CLIENT_ORIGIN, "%s://%s%s%s", scheme, host,
			 port != NULL ? ":" : "", port != NULL ? port : "") < HTTP_CLIENT_ORIGIN;
	if (!ok)
		out[0] = '\0';
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return ok;
}
