/* authorise: see authorise.h */
#include "request/authorise.h"

#include "base/list.h"

enum api_error
authorise_caller(const struct account *ac, const struct ip *caller)
{
	if (!ac->api)
		return E109;
	if (!ac->rights)
		return E105;
	if (ac->ip_whitelist[0] != '\0' && !net_list_has(ac->ip_whitelist, caller))
		return E112;
	return E_NONE;
}

enum api_error
authorise(const struct account *ac, const struct ip *caller, const char *action)
{
	enum api_error e = authorise_caller(ac, caller);

	if (e == E_NONE && !list_has(ac->actions, "all") && !list_has(ac->actions, action))
		return E107;
	return e;
}
