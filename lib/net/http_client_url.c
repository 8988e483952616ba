/* http_client_url: see http_client_url.h. Pure. */
#include "net/http_client_url.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "net/address_policy.h"
#include "net/http_client.h"
#include "net/url_text.h"

/* Everything that a host in ASCII may be made of. The mapping of IDNA can give other characters,
 * such as a slash for U+2100. */
static const char host_chars[] = ASCII_ALNUM "-._";

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t utf8; /* 0: there is none */

static const char memory[] = "out of memory";

static const char *
fault_of(CURLUcode rc, const char *why)
{
	return rc == CURLUE_OK ? NULL : rc == CURLUE_OUT_OF_MEMORY ? memory : why;
}

static CURLUcode
parse(CURLU *u, const char *url)
{
	return curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);
}

static void
make_locale(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Gets the host by IDNA. libcurl reads it in the character set of the thread's locale, and reports
 * a host that has no such form as a lack of memory (7.88.1), so a real lack of it is not told
 * apart. */
static CURLUcode
get_ascii(CURLU *u, char **host)
{
	CURLUcode rc;
	locale_t before;

	if (pthread_once(&once, make_locale) != 0 || utf8 == (locale_t)0)
		return CURLUE_OUT_OF_MEMORY;
	before = uselocale(utf8);
	rc = curl_url_get(u, CURLUPART_HOST, host, CURLU_PUNYCODE);
	(void)uselocale(before);
	return rc == CURLUE_OK ? rc : CURLUE_BAD_HOSTNAME;
}

/* Makes a host in any script one in ASCII. The URL is then parsed anew, because the new host may be
 * an address written as people write numbers. */
static CURLUcode
make_ascii(CURLU *u)
{
	char *host = NULL, *url = NULL;
	CURLUcode rc = curl_url_get(u, CURLUPART_HOST, &host, 0);
	bool ascii = rc == CURLUE_OK;

	for (const char *p = host; ascii && *p != '\0'; p++)
		ascii = (unsigned char)*p < 0x80;
	if (rc == CURLUE_OK && !ascii) {
		curl_free(host);
		host = NULL;
		rc = get_ascii(u, &host);
		if (rc == CURLUE_OK && (host[0] == '\0' || !ascii_only(host, host_chars)))
			rc = CURLUE_BAD_HOSTNAME;
		if (rc == CURLUE_OK)
			rc = curl_url_set(u, CURLUPART_HOST, host, 0);
		if (rc == CURLUE_OK)
			rc = curl_url_get(u, CURLUPART_URL, &url, 0);
		if (rc == CURLUE_OK)
			rc = parse(u, url);
	}
	curl_free(host);
	curl_free(url);
	return rc;
}

/* Parses the URL, which is relative to u->base if there is one. Returns the reason to refuse it,
 * or NULL. */
static const char *
read_url(CURLU *parsed, const struct http_client_url *u)
{
	static const char wrong[] = "not an absolute URL without credentials";
	CURLUcode rc = CURLUE_OK;
	const char *why;
	struct buf text;
	bool good;

	buf_init(&text, HTTP_CLIENT_URL - 1);
	good = url_text(u->url, u->base != NULL, &text);
	if (!buf_ok(&text) && !text.full)
		why = memory; /* for want of which url_text() may have seen no URL */
	else if (!good)
		why = wrong;
	else if (text.full)
		why = "URL too long";
	else {
		if (u->base != NULL)
			rc = parse(parsed, u->base);
		if (rc == CURLUE_OK)
			rc = parse(parsed, buf_str(&text));
		if (rc == CURLUE_OK && (u->how & HTTP_CLIENT_BARE) != 0)
			rc = curl_url_set(parsed, CURLUPART_QUERY, NULL, 0);
		why = fault_of(rc, wrong);
		if (why == NULL)
			why = fault_of(make_ascii(parsed), "no such host name");
	}
	buf_free(&text);
	return why;
}

/* Checks the parts of a parsed URL that decide. Returns the reason to refuse it, or NULL. */
static const char *
url_fault(const struct settings *s, CURLU *u, unsigned how)
{
	char *scheme = NULL, *port = NULL;
	CURLUcode rc = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
	const char *why;

	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	if ((why = fault_of(rc, "not a URL")) == NULL) {
		if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
			why = "neither http nor https";
		else
			why = (how & HTTP_CLIENT_ANY_PORT) != 0 ?
			    NULL :
			    address_policy_port(s, (unsigned)strtoul(port, NULL, 10));
	}
	curl_free(scheme);
	curl_free(port);
	return why;
}

bool
http_client_url_check(const struct settings *s, struct http_client_url *u)
{
	CURLU *parsed = curl_url();
	const char *why = parsed == NULL ? memory : NULL;
	char *text = NULL;

	if (why == NULL && (u->how & HTTP_CLIENT_ANY_LENGTH) == 0 &&
	    strlen(u->url) > s->max_url_bytes)
		why = "URL too long";
	if (why == NULL)
		why = read_url(parsed, u);
	if (why == NULL)
		why = url_fault(s, parsed, u->how);
	if (why == NULL)
		why = fault_of(curl_url_get(parsed, CURLUPART_URL, &text, 0), "not a URL");
	if (why == NULL && (size_t)snprintf(u->out, u->size, "%s", text) >= u->size)
		why = "URL too long";
	curl_free(text);
	curl_url_cleanup(parsed);
	u->why = why == memory ? NULL : why;
	return why == NULL;
}
