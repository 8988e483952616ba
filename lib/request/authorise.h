/*
 * authorise: decides who is calling and what the caller may do (savemms-api(7), Who is calling).
 * Pure functions.
 */
#ifndef SM_AUTHORISE_H
#define SM_AUTHORISE_H

#include <stdbool.h>

#include "base/net.h"
#include "model/account.h"
#include "model/error.h"
#include "model/settings.h"

/* Sets *out to the caller's address. That is remote (REMOTE_ADDR) or, when remote is one of the
 * trusted proxies, the last address in forwarded (X-Forwarded-For; NULL: none) that is not a
 * trusted proxy. An item of forwarded that is not an address ends the search. Returns false when
 * remote is not an address. */
bool caller_address(const char *remote, const char *forwarded, const char *trusted, struct ip *out)
    __attribute__((warn_unused_result));

/* Returns E_NONE, or the first of E109, E105, E112 and E107 that refuses the call. */
enum api_error authorise(const struct account *ac, const struct ip *caller, const char *action);

#endif
