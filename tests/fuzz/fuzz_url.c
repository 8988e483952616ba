/*
 * fuzz_url: what strangers say about addresses: URLs of media, IP addresses and
 * lists of networks, what proxies say of their callers, Content-Type headers.
 *
 * Promises looked after: a URL that is taken has no credentials, blanks or control
 * characters, begins with http:// or https://, and would be taken again unchanged;
 * an address's text reads as the same address; an address is judged the same in
 * IPv4 form and as an IPv6-mapped one; whatever a caller sends along, a proxy that adds
 * an address is believed, or nobody.
 */
#include "fuzz.h"

#include <string.h>

#include "media/type_rules.h"
#include "net/address_policy.h"
#include "net/http_client_url.h"
#include "request/proxy.h"

static struct settings settings;

static void
check_url(const char *text, unsigned how)
{
	char out[8192], again[8192], ext[TYPERULE_EXT], *slash;
	struct http_client_url first = { .url = text, .how = how, .out = out, .size = sizeof out };
	struct http_client_url second = { .url = out,
		.how = how,
		.out = again,
		.size = sizeof again };

	if (!http_client_url_check(&settings, &first)) {
		MUST(first.why != NULL);
		return;
	}
	MUST(strncmp(out, "http://", 7) == 0 || strncmp(out, "https://", 8) == 0);
	for (const char *p = out; *p != '\0'; p++)
		MUST((unsigned char)*p > 0x20 && *p != 0x7f);
	MUST(how != HTTP_CLIENT_BARE || (strchr(out, '?') == NULL && strchr(out, '#') == NULL));
	/* the canonical form may be longer than what may be given */
	if (strlen(out) <= settings.max_url_bytes) {
		MUST(http_client_url_check(&settings, &second));
		MUST(strcmp(out, again) == 0);
	}
	type_rule_ext(out, ext);
	slash = strchr(strstr(out, "://") + 3, '/');
	if (slash != NULL)
		*slash = '\0';
	MUST(strchr(strstr(out, "://"), '@') == NULL);
}

static void
check_address(const char *text)
{
	struct ip ip, again;
	struct net net;
	char shown[NET_TEXT], bad[NET_TEXT + 4], mapped[NET_TEXT + 8];

	(void)!net_parse(text, &net);
	if (net_list_ok(text, bad))
		(void)net_list_has(text, &(struct ip){ .v4 = true });
	if (!ip_parse(text, &ip))
		return;
	ip_text(&ip, shown);
	MUST(ip_parse(shown, &again) && memcmp(ip.b, again.b, sizeof ip.b) == 0 &&
	    ip.v4 == again.v4);
	if (ip.v4) {
		(void)snprintf(mapped, sizeof mapped, "::ffff:%s", shown);
		MUST(ip_parse(mapped, &again) && again.v4);
		MUST((address_policy_allows(&settings, &ip) == NULL) ==
		    (address_policy_allows(&settings, &again) == NULL));
	} else if ((ip.b[0] & 0xe0) != 0x20) {
		MUST(address_policy_allows(&settings, &ip) != NULL); /* not global unicast */
	}
}

/* Checks what is made of a header that a trusted proxy passes on as its caller sent it. */
static void
check_proxy(const char *text, bool rfc)
{
	size_t size = strlen(text) + 32;
	char *more = malloc(size);
	struct proxy_said said = { .remote = "127.0.0.1",
		.forwarded_for = rfc ? NULL : text,
		.forwarded = rfc ? text : NULL,
		.forwarded_proto = text,
		.forwarded_host = text };
	struct proxy_seen seen;
	struct ip added;

	MUST(more != NULL && ip_parse("198.51.100.7", &added));
	MUST(proxy_read(&said, text, &seen));
	MUST(proxy_read(&said, "127.0.0.0/8", &seen));
	MUST(seen.scheme[0] == '\0' || strcmp(seen.scheme, "http") == 0 ||
	    strcmp(seen.scheme, "https") == 0);
	MUST(seen.host[0] == '\0' || proxy_host_ok(seen.host));
	(void)snprintf(more, size, "%s, %s198.51.100.7", text, rfc ? "for=" : "");
	said.forwarded_for = rfc ? NULL : more;
	said.forwarded = rfc ? more : NULL;
	MUST(proxy_read(&said, "127.0.0.0/8", &seen));
	MUST(ip_same(&seen.caller, &added) || (rfc && seen.caller.nobody));
	free(more);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), mime[TYPERULE_MIME], ext[TYPERULE_EXT];

	if (text == NULL)
		return 0;
	if (settings.nclass == 0)
		settings_defaults(&settings, "/nonexistent");
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_url(text, HTTP_CLIENT_BARE);
	check_url(text, 0);
	check_address(text);
	check_proxy(text, false);
	check_proxy(text, true);
	type_rule_ext(text, ext);
	type_rule_mime(text, mime);
	for (int k = 0; k < KIND_COUNT; k++)
		(void)type_rule_headers((enum kind)k, text, ext);
	free(text);
	return 0;
}
