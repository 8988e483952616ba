/* address_policy: see address_policy.h */
#include "net/address_policy.h"

#include <stdio.h>
#include <string.h>

#include "base/list.h"

/* From iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry. */
static const struct {
	const char *net, *why;
} special[] = {
	{ "0.0.0.0/8", "this network" },
	{ "10.0.0.0/8", "private" },
	{ "100.64.0.0/10", "shared address space" },
	{ "127.0.0.0/8", "loopback" },
	{ "168.63.129.16/32", "cloud metadata" },
	{ "169.254.0.0/16", "link-local" },
	{ "172.16.0.0/12", "private" },
	{ "192.0.0.0/24", "protocol assignments" },
	{ "192.0.2.0/24", "documentation" },
	{ "192.31.196.0/24", "AS112" },
	{ "192.52.193.0/24", "AMT" },
	{ "192.88.99.0/24", "6to4 relay" },
	{ "192.168.0.0/16", "private" },
	{ "192.175.48.0/24", "AS112" },
	{ "198.18.0.0/15", "benchmarking" },
	{ "198.51.100.0/24", "documentation" },
	{ "203.0.113.0/24", "documentation" },
	{ "224.0.0.0/4", "multicast" },
	{ "240.0.0.0/4", "reserved" },
	{ "2001::/23", "protocol assignments" },
	{ "2001:db8::/32", "documentation" },
	{ "2002::/16", "6to4" },
	{ "2620:4f:8000::/48", "AS112" },
	{ "3ffe::/16", "6bone" },
	{ "3fff::/20", "documentation" },
};

const char *
address_policy_allows(const struct settings *s, const struct ip *ip)
{
	struct net n;

	if (net_list_has(s->outgoing_allow, ip))
		return NULL;
	if (!ip->v4 && (ip->b[0] & 0xe0) != 0x20)
		return "not global unicast";
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
		if (net_parse(special[i].net, &n) && net_has(&n, ip))
			return special[i].why;
	return NULL;
}

const char *
address_policy_port(const struct settings *s, unsigned port)
{
	char text[8];

	(void)snprintf(text, sizeof text, "%u", port % 65536);
	if (strcmp(s->outgoing_ports, "any") == 0 || list_has(s->outgoing_ports, text))
		return NULL;
	return "port not allowed";
}
