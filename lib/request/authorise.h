/*
 * authorise: who is calling and may they (SPEC 2). Pure functions.
 */
#ifndef SM_AUTHORISE_H
#define SM_AUTHORISE_H

#include <stdbool.h>

#include "base/net.h"
#include "model/account.h"
#include "model/error.h"
#include "model/settings.h"

/* The caller's address: remote (REMOTE_ADDR), or, when that is one of the
 * trusted proxies, the last address of forwarded (X-Forwarded-For) that is not.
 * False when remote is no address. */
bool caller_address(const char *remote, const char *forwarded, const char *trusted, struct ip *out)
    __attribute__((warn_unused_result));

/* E_NONE, or the first of E109 E105 E112 E107 that refuses the call. */
enum api_error authorise(const struct account *ac, const struct ip *caller, const char *action);

#endif
