/*
 * address_policy: decides which addresses media and postbacks may go to (savemms-api(7), Outgoing
 * connections). Pure.
 *
 * The address checked is always the one actually connected to, after DNS, at every hop.
 */
#ifndef SM_ADDRESS_POLICY_H
#define SM_ADDRESS_POLICY_H

#include "base/net.h"
#include "model/settings.h"

/* Returns NULL when the program may connect to ip, else the reason, for the log. It refuses the
 * ranges of the IANA special-purpose registries (as of 2024-10-22), multicast and, for IPv6, all
 * that is not global unicast 2000::/3, unless outgoing-allow opens them. */
const char *address_policy_allows(const struct settings *s, const struct ip *ip);

/* Returns NULL when the port may be used, else the reason, for the log. */
const char *address_policy_port(const struct settings *s, unsigned port);

#endif
