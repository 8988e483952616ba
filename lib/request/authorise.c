/* authorise: see authorise.h */
#include "request/authorise.h"

#include <stdio.h>
#include <string.h>

#include "base/list.h"

/* Copies the last item of a comma-separated list of *n bytes, trimmed, to out, and sets *n to
 * where the item starts. Returns false when it is empty or too long. */
static bool
last_item(const char *list, size_t *n, char out[NET_TEXT])
{
	size_t end = *n, from;

	while (end > 0 && strchr(" \t,", list[end - 1]) != NULL)
		end--;
	for (from = end; from > 0 && list[from - 1] != ','; from--)
		;
	*n = from;
	while (from < end && (list[from] == ' ' || list[from] == '\t'))
		from++;
	if (from == end || end - from >= NET_TEXT)
		return false;
	(void)snprintf(out, NET_TEXT, "%.*s", (int)(end - from), list + from);
	return true;
}

bool
caller_address(const char *remote, const char *forwarded, const char *trusted, struct ip *out)
{
	size_t n = forwarded != NULL ? strlen(forwarded) : 0;
	char text[NET_TEXT];
	struct ip ip;

	if (!ip_parse(remote, out))
		return false;
	/* walk outwards from our side, as long as the one who speaks is trusted */
	while (net_list_has(trusted, out) && last_item(forwarded, &n, text) && ip_parse(text, &ip))
		*out = ip;
	return true;
}

enum api_error
authorise(const struct account *ac, const struct ip *caller, const char *action)
{
	if (!ac->api)
		return E109;
	if (!ac->rights)
		return E105;
	if (ac->ip_whitelist[0] != '\0' && !net_list_has(ac->ip_whitelist, caller))
		return E112;
	if (!list_has(ac->actions, "all") && !list_has(ac->actions, action))
		return E107;
	return E_NONE;
}
