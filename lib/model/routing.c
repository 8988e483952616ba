/* routing: see routing.h */
#include "model/routing.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/list.h"

enum {
	SHIPPED_HANDSETS = 0
#define HANDSET(n, p, o, b) +1
#include "model/handsets.def"
#undef HANDSET
};

const char *
routing_os_name(enum os os)
{
	static const char *const names[] = { "", "iOS", "Android", "Other" };

	return names[os];
}

/* One row for each kind of transport. An MMSC counts a message as it arrives there, so max-bytes
 * counts this size if the line does not say. */
static const struct {
	const char *name;
	bool mms;
	enum transport_count count;
} kinds[] = {
	[TRANSPORT_SPOOL] = { "spool", true, COUNT_WIRE },
	[TRANSPORT_MM7] = { "mm7", true, COUNT_WIRE },
	[TRANSPORT_SMS_HTTP] = { "sms-http", false, COUNT_WIRE },
};

const char *
routing_kind_name(enum transport_kind k)
{
	return kinds[k].name;
}

bool
routing_kind_mms(enum transport_kind k)
{
	return kinds[k].mms;
}

enum transport_count
routing_kind_count(enum transport_kind k)
{
	return kinds[k].count;
}

void
routing_defaults(struct routing *r)
{
	memset(r, 0, sizeof *r);
#define CARRIER(n, b, m, o)                                      \
	r->carrier[r->ncarrier++] = (struct carrier){ .name = n, \
		.bytes = b,                                      \
		.mms = m,                                        \
		.operators = o };
#include "model/carriers.def"
#undef CARRIER
#define HANDSET(n, p, o, b)                                      \
	r->handset[r->nhandset++] = (struct handset){ .name = n, \
		.pattern = p,                                    \
		.os = o,                                         \
		.bytes = b };
#include "model/handsets.def"
#undef HANDSET
	r->transport[r->ntransport++] = (struct transport){ .name = "spool",
		.kind = TRANSPORT_SPOOL,
		.count = routing_kind_count(TRANSPORT_SPOOL) };
}

bool
routing_name_ok(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < ROUTE_NAME && ascii_only(name, ASCII_ALNUM "._-");
}

/* --- routes --- */

/* Splits "what=transport" in place. Returns false for another form. */
static bool
split_route(char *item, char **transport)
{
	char *eq = strrchr(item, '=');

	if (eq == NULL || eq == item || eq[1] == '\0')
		return false;
	*eq = '\0';
	*transport = eq + 1;
	return true;
}

const char *
routing_check_routes(const char *list)
{
	char item[ROUTE_TEXT], *transport;

	while (list_next(&list, item, sizeof item))
		if (!split_route(item, &transport) || !routing_name_ok(transport) ||
		    (strcmp(item, "default") != 0 && strncmp(item, "sender:", 7) != 0 &&
			strncmp(item, "carrier:", 8) != 0))
			return "sender:NUMBER=TRANSPORT, carrier:NAME=TRANSPORT or default=TRANSPORT";
	return NULL;
}

void
routing_missing(const struct routing *r, const char *routes, char out[ROUTE_NAME])
{
	char item[ROUTE_TEXT], *transport;

	out[0] = '\0';
	while (out[0] == '\0' && list_next(&routes, item, sizeof item))
		if (split_route(item, &transport) &&
		    routing_transport_by_name(r, transport) == NULL)
			(void)snprintf(out, ROUTE_NAME, "%.31s", transport);
}

const struct transport *
routing_transport_by_name(const struct routing *r, const char *name)
{
	for (unsigned i = 0; i < r->ntransport; i++)
		if (strcmp(r->transport[i].name, name) == 0)
			return &r->transport[i];
	return NULL;
}

/* Returns the transport of the first route for kind and what, such as "sender:" and "123", or
 * NULL. */
static const struct transport *
route_for(const struct routing *r, const char *routes, const char *kind, const char *what)
{
	char item[ROUTE_TEXT], *transport;
	size_t n = strlen(kind);

	while (list_next(&routes, item, sizeof item))
		if (split_route(item, &transport) && strncmp(item, kind, n) == 0 &&
		    strcmp(item + n, what) == 0)
			return routing_transport_by_name(r, transport);
	return NULL;
}

const struct transport *
routing_transport(const struct routing *r, const char *routes, const char *sender,
    const struct carrier *c)
{
	const struct transport *t = route_for(r, routes, "sender:", sender);

	if (t == NULL && c != NULL)
		t = route_for(r, routes, "carrier:", c->name);
	if (t == NULL)
		t = route_for(r, routes, "default", "");
	return t != NULL ? t : &r->transport[0];
}

/* --- looking up --- */

const struct carrier *
routing_carrier(const struct routing *r, const char *operator_id, const char *number)
{
	const struct carrier *best = NULL;
	size_t longest = 0;

	for (unsigned i = 0; operator_id[0] != '\0' && i < r->ncarrier; i++)
		if (list_has(r->carrier[i].operators, operator_id) ||
		    strcasecmp(r->carrier[i].name, operator_id) == 0)
			return &r->carrier[i];
	for (unsigned i = 0; i < r->ncarrier; i++) {
		const char *list = r->carrier[i].prefixes;
		char item[ROUTE_NAME];

		while (list_next(&list, item, sizeof item))
			if (strlen(item) > longest && strncmp(number, item, strlen(item)) == 0) {
				longest = strlen(item);
				best = &r->carrier[i];
			}
	}
	return best;
}

const struct handset *
routing_handset(const struct routing *r, const char *text)
{
	/* The rows of savemms.conf come before the shipped ones. */
	for (unsigned k = 0; text[0] != '\0' && k < r->nhandset; k++) {
		const struct handset *h = &r->handset[(SHIPPED_HANDSETS + k) % r->nhandset];

		if (fnmatch(h->pattern, text, FNM_CASEFOLD | FNM_NOESCAPE) == 0)
			return h;
	}
	return NULL;
}
