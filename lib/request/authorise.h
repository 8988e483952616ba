/*
 * authorise: decides what the caller may do (savemms-api(7), Who is calling). Pure functions.
 */
#ifndef SM_AUTHORISE_H
#define SM_AUTHORISE_H

#include "base/net.h"
#include "model/account.h"
#include "model/error.h"
#include "model/settings.h"

/* Returns E_NONE, or the first of E109, E105 and E112 that refuses every call of the caller's. */
enum api_error authorise_caller(const struct account *ac, const struct ip *caller);

/* Returns E_NONE, or the first of E109, E105, E112 and E107 that refuses the call. */
enum api_error authorise(const struct account *ac, const struct ip *caller, const char *action);

#endif
