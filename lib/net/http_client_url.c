/* http_client_url: see http_client_url.h and dial.h. Pure. */
#include "net/http_client_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "net/address_policy.h"
#include "net/http_client.h"

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

static const char memory[] = "memory is short";

static const char *
say(CURLUcode rc, const char *why)
{
	return rc == CURLUE_OK ? NULL : rc == CURLUE_OUT_OF_MEMORY ? memory : why;
}

static CURLUcode
parse(CURLU *u, const char *url, unsigned how)
{
	CURLUcode rc = curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);

	if (rc == CURLUE_OK && (how & HTTP_CLIENT_BARE) != 0)
		rc = curl_url_set(u, CURLUPART_QUERY, NULL, 0);
	return rc == CURLUE_OK ? curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) : rc;
}

/* The parts of a parsed URL that decide, checked. */
static const char *
url_fault(const struct settings *s, CURLU *u, unsigned how)
{
	char *scheme = NULL, *port = NULL;
	CURLUcode rc = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
	const char *why;

	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	if ((why = say(rc, "not a URL")) == NULL) {
		if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
			why = "neither http nor https";
		else
			why = (how & HTTP_CLIENT_ANY_PORT) != 0 ? NULL : address_policy_port(s, (unsigned)strtoul(port, NULL, 10));
	}
	curl_free(scheme);
	curl_free(port);
	return why;
}

bool
http_client_check_url(const struct settings *s, const char *url, unsigned how, char *out, size_t size, const char **why)
{
	static const char wrong[] = "not an absolute URL without credentials";
	CURLU *u = curl_url();
	char *text = NULL;
	bool ok;

	*why = u == NULL ? memory : NULL;
	if (*why == NULL && (how & HTTP_CLIENT_ANY_LENGTH) == 0 && strlen(url) > s->max_url_bytes)
		*why = "URL too long";
	if (*why == NULL)
		*why = plain_host(url) && clean_bytes(url) ? say(parse(u, url, how), wrong) : wrong;
	if (*why == NULL)
		*why = url_fault(s, u, how);
	if (*why == NULL)
		*why = say(curl_url_get(u, CURLUPART_URL, &text, 0), "not a URL");
	if (*why == NULL && (size_t)snprintf(out, size, "%s", text) >= size)
		*why = "URL too long";
	curl_free(text);
	curl_url_cleanup(u);
	ok = *why == NULL;
	if (*why == memory)
		*why = NULL;
	return ok;
}

bool
http_client_url(const struct settings *s, const char *url, bool bare, char *out, size_t size, const char **why)
{
	return http_client_check_url(s, url, bare ? HTTP_CLIENT_BARE : 0, out, size, why);
}
