/* proxy: see proxy.h */
#include "request/proxy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"

/* What one proxy of the chain says. */
struct hop {
	char node[PROXY_HOST], host[PROXY_HOST];
	char scheme[PROXY_SCHEME];
};

static const struct ip nobody = { .nobody = true };

bool
proxy_host_ok(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && n < PROXY_HOST && ascii_only(text, ASCII_ALNUM ".-:[]_");
}

/* Copies n bytes without the blanks around them; "" when they do not fit. */
static void
copy(char *out, size_t size, const char *p, size_t n)
{
	while (n > 0 && strchr(" \t", p[n - 1]) != NULL)
		n--;
	for (; n > 0 && strchr(" \t", *p) != NULL; n--)
		p++;
	(void)snprintf(out, size, "%.*s", n < size ? (int)n : 0, p);
}

/* Returns true if text, which follows an address, is ":" and a port or the name that hides one
 * (RFC 7239, 6.3), or nothing. */
static bool
port_ok(const char *text)
{
	if (*text == '\0')
		return true;
	if (*text++ != ':' || *text == '\0')
		return false;
	return *text == '_' ? ascii_only(text, ASCII_ALNUM "._-") :
			      strlen(text) <= 5 && ascii_only(text, ASCII_DIGITS);
}

/* Reads an address as proxies write it. */
static bool
node_address(const char *node, struct ip *out)
{
	char text[NET_TEXT];
	const char *end;
	bool brackets = *node == '[';

	if (ip_parse(node, out))
		return true;
	end = brackets ? strchr(++node, ']') : strchr(node, ':');
	if (end == NULL || end - node >= NET_TEXT || !port_ok(end + brackets))
		return false;
	copy(text, sizeof text, node, (size_t)(end - node));
	return ip_parse(text, out) && (strchr(text, ':') != NULL) == brackets;
}

static bool
scheme_ok(const char *text)
{
	return strcasecmp(text, "http") == 0 || strcasecmp(text, "https") == 0;
}

/* A function that reads the next hop and moves *p behind it, to NULL after the last one. Returns
 * false when the header is not in its form. */
typedef bool next_fn(const char **p, struct hop *hop);

static bool
next_plain(const char **p, struct hop *hop)
{
	size_t n = strcspn(*p, ",");

	*hop = (struct hop){ 0 };
	copy(hop->node, sizeof hop->node, *p, n);
	*p = (*p)[n] == ',' ? *p + n + 1 : NULL;
	return true;
}

/* Reads a value, quoted or not, and moves *p behind it. Returns false when a quote is not
 * closed or the value is longer than anything we look for. */
static bool
value(const char **p, char out[PROXY_HOST])
{
	const char *s = *p;
	bool quoted = *s == '"';
	size_t n = 0;

	for (s += quoted; *s != '\0' && strchr(quoted ? "\"" : " \t;,\"", *s) == NULL; s++) {
		if (quoted && *s == '\\' && *++s == '\0')
			return false;
		if (n + 1 == PROXY_HOST)
			return false;
		out[n++] = *s;
	}
	out[n] = '\0';
	if (quoted && *s++ != '"')
		return false;
	*p = s;
	return true;
}

/* Reads NAME=VALUE into *hop. Returns false when it is something else or given twice. */
static bool
forwarded_pair(const char **p, struct hop *hop)
{
	size_t n = strspn(*p, ASCII_ALNUM "!#$%&'*+-.^_`|~");
	const char *name = *p;
	char text[PROXY_HOST], *slot = NULL;
	size_t size = PROXY_HOST;

	if (n == 0 || name[n] != '=')
		return false;
	*p += n + 1;
	if (!value(p, text))
		return false;
	if (n == 3 && strncasecmp(name, "for", n) == 0)
		slot = hop->node;
	else if (n == 4 && strncasecmp(name, "host", n) == 0)
		slot = hop->host;
	else if (n == 5 && strncasecmp(name, "proto", n) == 0)
		slot = hop->scheme, size = PROXY_SCHEME;
	if (slot == NULL)
		return true;
	if (*slot != '\0')
		return false;
	copy(slot, size, text, strlen(text));
	return true;
}

static bool
next_forwarded(const char **p, struct hop *hop)
{
	const char *s = *p;

	*hop = (struct hop){ 0 };
	for (;; s++) {
		s += strspn(s, " \t");
		if (strchr(";,", *s) == NULL && !forwarded_pair(&s, hop))
			return false;
		s += strspn(s, " \t");
		if (*s != ';')
			break;
	}
	if (*s != ',' && *s != '\0')
		return false;
	*p = *s == ',' ? s + 1 : NULL;
	return true;
}

/* Sets *out to the caller that a header names, and *chosen to what was said with it. */
static void
walk(const char *header, next_fn *next, const char *trusted, struct ip *out, struct hop *chosen)
{
	struct hop hop;
	struct ip ip;

	for (const char *p = header; p != NULL;) {
		bool first = p == header, known;

		if (!next(&p, &hop)) {
			*out = nobody;
			*chosen = (struct hop){ 0 };
			return;
		}
		known = node_address(hop.node, &ip);
		/* seen from us, the last one that we do not trust is the caller: what stands in
		 * front of it is his word */
		if (first || !known || !net_list_has(trusted, &ip)) {
			*out = known ? ip : nobody;
			*chosen = hop;
		}
	}
}

/* Takes the first item of an X- header, which is what the first proxy saw. */
static void
first_item(const char *header, char *out, size_t size)
{
	if (header != NULL)
		copy(out, size, header, strcspn(header, ","));
}

static void
take(const char *text, bool ok, char *out, size_t size)
{
	if (ok)
		(void)snprintf(out, size, "%s", text);
}

bool
proxy_id_ok(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && n < PROXY_ID && ascii_only(text, ASCII_ALNUM "-_.:+/=@");
}

bool
proxy_read(const struct proxy_said *said, const char *trusted, struct proxy_seen *out)
{
	struct hop by_x = { 0 }, by_rfc = { 0 };
	struct ip remote, other;

	*out = (struct proxy_seen){ .caller = nobody };
	if (!ip_parse(said->remote, &remote))
		return false;
	out->caller = remote;
	if (!net_list_has(trusted, &remote))
		return true;
	if (said->request_id != NULL)
		take(said->request_id, proxy_id_ok(said->request_id), out->id, sizeof out->id);
	if (said->forwarded != NULL)
		walk(said->forwarded, next_forwarded, trusted, &out->caller, &by_rfc);
	if (said->forwarded_for != NULL) {
		walk(said->forwarded_for, next_plain, trusted, &other, &by_x);
		if (said->forwarded != NULL && !ip_same(&other, &out->caller))
			other = nobody;
		out->caller = other;
	}
	first_item(said->forwarded_proto, by_x.scheme, sizeof by_x.scheme);
	first_item(said->forwarded_host, by_x.host, sizeof by_x.host);
	take(by_rfc.scheme, scheme_ok(by_rfc.scheme), out->scheme, sizeof out->scheme);
	take(by_x.scheme, scheme_ok(by_x.scheme), out->scheme, sizeof out->scheme);
	take(by_rfc.host, proxy_host_ok(by_rfc.host), out->host, sizeof out->host);
	take(by_x.host, proxy_host_ok(by_x.host), out->host, sizeof out->host);
	for (char *c = out->scheme; *c != '\0'; c++)
		*c = ascii_lower(*c);
	return true;
}
