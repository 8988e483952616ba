/*
 * address_policy: which addresses media and postbacks may go to (SPEC 8). Pure.
 *
 * The question is always asked about the address actually connected to, after
 * DNS, at every hop.
 */
#ifndef SM_ADDRESS_POLICY_H
#define SM_ADDRESS_POLICY_H

#include "base/net.h"
#include "model/settings.h"

/* NULL when ip may be connected to; else the reason, for the log. Refused are
 * the ranges of the IANA special-purpose registries (as of 2024-10-22), multicast
 * and, of IPv6, all that is not global unicast 2000::/3, unless outgoing-allow
 * opens them. */
const char *address_policy_allows(const struct settings *s, const struct ip *ip);

/* NULL when the port may be used, else the reason. */
const char *address_policy_port(const struct settings *s, unsigned port);

#endif
