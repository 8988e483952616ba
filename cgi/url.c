/* url: finds the URLs under which this server is reached from outside. See url.h. */
#include "cgi/url.h"

#include <string.h>

#include "base/log.h"
#include "cgi/call.h"
#include "cgi/entry.h"

const char *
base_url(const struct app *app, const struct http *http, struct arena *a)
{
	const char *base = app->settings.base_url, *origin;
	struct entry e;

	if (base[0] != '\0')
		return base;
	if ((origin = http_origin(http, app->settings.trusted_proxies, a)) == NULL)
		return NULL;
	e = entry_find(http->uri); /* it may be below a folder, as on shared hosting */
	return e.nfolder > 0 ? arena_printf(a, "%s%.*s", origin, (int)e.nfolder, e.folder) : origin;
}

const char *
page_base(const struct app *app, const struct http *http, const struct account *ac, struct arena *a)
{
	const char *base = base_url(app, http, a), *domain = ac->domain;

	if (domain[0] == '\0' || strstr(domain, "://") != NULL)
		return domain[0] != '\0' ? domain : base;
	return arena_printf(a, "%s://%s",
	    base != NULL && strncmp(base, "http:", 5) == 0 ? "http" : "https", domain);
}

bool
page_base_set(struct call *c, struct message *m)
{
	m->base = page_base(c->app, c->http, &c->account, c->arena);
	if (m->base == NULL)
		log_error("the message's page has no address: set base-url");
	return m->base != NULL || call_fail(c, E503);
}

const char *
media_url(const struct call *c, const char *sha, enum format f)
{
	const char *base = base_url(c->app, c->http, c->arena);

	return arena_printf(c->arena, "%s/media/%s.%s", base != NULL ? base : "", sha,
	    format_ext(f));
}
