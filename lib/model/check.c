/* check: see check.h */
#include "model/check.h"

#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "base/net.h"

const char *
check_any(const char *v)
{
	for (; *v != '\0'; v++)
		if ((unsigned char)*v < 0x20 || *v == 0x7f)
			return "text without control characters";
	return NULL;
}

const char *
check_nets(const char *v)
{
	char bad[NET_TEXT + 4];

	return net_list_ok(v, bad) ?
	    NULL :
	    "networks such as 192.0.2.0/24 or 2001:db8::/32, comma-separated";
}

const char *
check_url(const char *v)
{
	const char *host = strstr(v, "://");

	if (*v == '\0')
		return NULL;
	if (host != NULL && host[3] != '\0' && host[3] != '/' &&
	    strcspn(v, " \t\r\n\"<>") == strlen(v) &&
	    (strncasecmp(v, "http://", 7) == 0 || strncasecmp(v, "https://", 8) == 0))
		return check_any(v);
	return "an absolute http or https URL";
}

const char *
check_account_keys(const char *v)
{
	static const char keys[] = ""
#define FLAG(name, key, def, doc) key ","
#define NUM(name, key, def, min, max, doc) key ","
#define TEXT(name, key, def, check, doc) key ","
#include "model/account.def"
#undef FLAG
#undef NUM
#undef TEXT
	    ;
	char item[64];

	while (list_next(&v, item, sizeof item))
		if (!list_has(keys, item) || list_has("operator", item))
			return "keys of an account's settings, and not operator";
	return NULL;
}

const char *
check_user_password(const char *v)
{
	if (*v == '\0' || (*v != ':' && strchr(v, ':') != NULL))
		return check_any(v);
	return "USER:PASSWORD";
}
