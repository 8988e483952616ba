/*
 * net: IP addresses and networks as values.
 */
#ifndef SM_NET_H
#define SM_NET_H

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;

enum { NET_TEXT = 46 }; /* longest address text and NUL (INET6_ADDRSTRLEN) */

/* An IPv4 address is kept in its IPv6-mapped form, so one comparison works for both. */
struct ip {
	unsigned char b[16];
	bool v4;
	bool nobody; /* somebody whose address is not known: no network holds it */
};

struct net {
	struct ip base;
	unsigned bits; /* of the 128: an IPv4 /24 is 120 here */
};

/* Reads "192.0.2.1" or "2001:db8::1". An IPv4-mapped IPv6 address becomes the IPv4 one.
 * Returns false for anything else (names, scopes, octal, short forms). */
bool ip_parse(const char *s, struct ip *out) __attribute__((warn_unused_result));

/* Takes the address out of a socket address of AF_INET or AF_INET6. A mapped address becomes
 * the IPv4 one. Returns false for other families and for IPv6 addresses with a scope. */
bool ip_from_sockaddr(const struct sockaddr *sa, struct ip *out)
    __attribute__((warn_unused_result));

/* Writes the address as text; "unknown" for nobody. */
void ip_text(const struct ip *ip, char out[NET_TEXT]);

/* Returns true if both are the same address, or both are nobody. */
bool ip_same(const struct ip *x, const struct ip *y);

/* Reads "ADDRESS" or "ADDRESS/BITS". Returns false when the text is neither, or when bits
 * beyond the prefix are set, which is most likely a typing error. */
bool net_parse(const char *s, struct net *out) __attribute__((warn_unused_result));

/* Returns true if the network holds the address. */
bool net_has(const struct net *n, const struct ip *ip);

/* Returns true if one network of a comma-separated list holds ip. An entry that cannot be
 * read matches nothing, and neither does "". */
bool net_list_has(const char *list, const struct ip *ip);

/* Checks every entry of such a list. If one is wrong, copies the first of them to bad and
 * returns false. */
bool net_list_ok(const char *list, char bad[NET_TEXT + 4]) __attribute__((warn_unused_result));

#endif
