/* net: see net.h */
#include "base/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/list.h"
#include "base/num.h"

static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static void
from_v4(const void *four, struct ip *out)
{
	memcpy(out->b, mapped, sizeof mapped);
	memcpy(out->b + 12, four, 4);
	out->v4 = true;
	out->nobody = false;
}

static void
from_v6(const void *sixteen, struct ip *out)
{
	memcpy(out->b, sixteen, 16);
	out->v4 = memcmp(out->b, mapped, sizeof mapped) == 0;
	out->nobody = false;
}

bool
ip_parse(const char *s, struct ip *out)
{
	unsigned char raw[16];

	if (inet_pton(AF_INET, s, raw) == 1)
		from_v4(raw, out);
	else if (inet_pton(AF_INET6, s, raw) == 1)
		from_v6(raw, out);
	else
		return false;
	return true;
}

bool
ip_from_sockaddr(const struct sockaddr *sa, struct ip *out)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		from_v4(&in.sin_addr, out);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof in6);
		from_v6(&in6.sin6_addr, out);
		return in6.sin6_scope_id == 0;
	}
	return false;
}

void
ip_text(const struct ip *ip, char out[NET_TEXT])
{
	if (ip->nobody)
		(void)snprintf(out, NET_TEXT, "unknown");
	else if (inet_ntop(ip->v4 ? AF_INET : AF_INET6, ip->v4 ? ip->b + 12 : ip->b, out,
		     NET_TEXT) == NULL)
		out[0] = '\0';
}

bool
ip_same(const struct ip *x, const struct ip *y)
{
	return x->nobody == y->nobody && memcmp(x->b, y->b, sizeof x->b) == 0;
}

/* Clears every bit of the address after the first n. */
static void
mask(struct ip *ip, unsigned n)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = n > i * 8 ? n - i * 8 : 0;

		if (keep < 8)
			ip->b[i] &= (unsigned char)(0xff00U >> keep);
	}
}

bool
net_parse(const char *s, struct net *out)
{
	char text[NET_TEXT + 4];
	uint64_t bits;
	struct ip masked;
	char *slash;

	if (strlen(s) >= sizeof text)
		return false;
	(void)snprintf(text, sizeof text, "%s", s);
	if ((slash = strchr(text, '/')) != NULL)
		*slash++ = '\0';
	if (!ip_parse(text, &out->base))
		return false;
	bits = out->base.v4 ? 32 : 128;
	if (slash != NULL && !num_u64(slash, 0, bits, &bits))
		return false;
	out->bits = (unsigned)bits + (out->base.v4 ? 96 : 0);
	masked = out->base;
	mask(&masked, out->bits);
	return memcmp(masked.b, out->base.b, 16) == 0;
}

bool
net_has(const struct net *n, const struct ip *ip)
{
	struct ip masked = *ip;

	mask(&masked, n->bits);
	return !ip->nobody && memcmp(masked.b, n->base.b, 16) == 0;
}

bool
net_list_has(const char *list, const struct ip *ip)
{
	char item[NET_TEXT + 4];
	struct net n;

	while (list_next(&list, item, sizeof item))
		if (net_parse(item, &n) && net_has(&n, ip))
			return true;
	return false;
}

bool
net_list_ok(const char *list, char bad[NET_TEXT + 4])
{
	struct net n;

	while (list_next(&list, bad, NET_TEXT + 4))
		if (!net_parse(bad, &n))
			return false;
	return true;
}
