/* http_client_url: see http_client_url.h. Pure. */
#include "net/http_client_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "net/address_policy.h"

static bool
clean_bytes(const char *url)
{
	for (; *url != '\0'; url++)
		if ((unsigned char)*url <= 0x20 || *url == 0x7f || *url == '\\')
			return false;
	return true;
}

/* Does the host stand right behind the scheme and two slashes (libcurl also takes one or three),
 * without percent-encoding? libcurl decodes it, and the result may be a host of another form,
 * such as a number. This also refuses the scope of an IPv6 address. */
static bool
plain_host(const char *url)
{
	const char *host = strchr(url, ':');
	size_t n = host != NULL && strncmp(host, "://", 3) == 0 ? strcspn(host + 3, "/?#") : 0;

	return n > 0 && memchr(host + 3, '%', n) == NULL;
}

static const char memory[] = "out of memory";

static const char *
fault_of(CURLUcode rc, const char *why)
{
	return rc == CURLUE_OK ? NULL : rc == CURLUE_OUT_OF_MEMORY ? memory : why;
}

static CURLUcode
parse(CURLU *u, const char *url, unsigned how)
{
	CURLUcode rc = curl_url_set(u, CURLUPART_URL, url,
	    CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);

	if (rc == CURLUE_OK && (how & HTTP_CLIENT_BARE) != 0)
		rc = curl_url_set(u, CURLUPART_QUERY, NULL, 0);
	return rc == CURLUE_OK ? curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) : rc;
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
	static const char wrong[] = "not an absolute URL without credentials";
	CURLU *parsed = curl_url();
	const char *why = parsed == NULL ? memory : NULL;
	char *text = NULL;

	if (why == NULL && (u->how & HTTP_CLIENT_ANY_LENGTH) == 0 &&
	    strlen(u->url) > s->max_url_bytes)
		why = "URL too long";
	if (why == NULL)
		why = plain_host(u->url) && clean_bytes(u->url) ?
		    fault_of(parse(parsed, u->url, u->how), wrong) :
		    wrong;
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
