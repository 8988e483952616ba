/*
 * net: IP addresses and networks as values.
 */
#ifndef SM_NET_H
#define SM_NET_H

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;

enum { NET_TEXT = 46 }; /* longest address text and NUL (INET6_ADDRSTRLEN) */

/* An IPv4 address is held as its IPv6-mapped form, so one comparison serves. */
struct ip {
	unsigned char b[16];
	bool v4;
};

struct net {
	struct ip base;
	unsigned bits; /* of the 128: an IPv4 /24 is 120 here */
};

/* Reads "192.0.2.1" or "2001:db8::1". An IPv4-mapped IPv6 address becomes the
 * IPv4 one. False for anything else (names, scopes, octal, short forms). */
bool ip_parse(const char *s, struct ip *out) __attribute__((warn_unused_result));

/* From a socket address of AF_INET or AF_INET6; mapped ones become IPv4. False
 * for other families and for IPv6 addresses with a scope. */
bool ip_from_sockaddr(const struct sockaddr *sa, struct ip *out)
    __attribute__((warn_unused_result));

void ip_text(const struct ip *ip, char out[NET_TEXT]);

/* Reads "ADDRESS" or "ADDRESS/BITS". False when it is neither, or when bits
 * beyond the prefix are set (a typing error worth stopping at). */
bool net_parse(const char *s, struct net *out) __attribute__((warn_unused_result));

bool net_has(const struct net *n, const struct ip *ip);

/* Is ip in one of a comma-separated list of networks? An entry that cannot be
 * read matches nothing. "" holds no address. */
bool net_list_has(const char *list, const struct ip *ip);

/* Checks every entry of such a list; false and the first bad entry copied to
 * bad (of NET_TEXT + 4 bytes) otherwise. */
bool net_list_ok(const char *list, char bad[NET_TEXT + 4]) __attribute__((warn_unused_result));

#endif
