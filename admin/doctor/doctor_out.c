/*
 * doctor_out: says where this program may connect to, and tries whether it reaches what it has to:
 * the customers' receivers of postbacks, and the transports. It connects and sends nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/doctor/doctor.h"
#include "admin/doctor/rule.h"
#include "net/http_client_look.h"

enum { PATIENCE_MS = 5000, ORIGINS = 32, WHO = 120 };

void
check_outgoing(const struct doctor *d, struct doctor_report *r)
{
	rule_outgoing(&d->settings, doctor_add(r, "outgoing"));
}

/* Connects to the host of the URL, and adds what came of it. */
static void
reach(const struct doctor *d, const char *url, struct reach_facts *x, struct finding *f)
{
	struct http_client_look look = { .url = url,
		.ms = d->settings.connect_ms < PATIENCE_MS ? d->settings.connect_ms : PATIENCE_MS,
		.operators = x->operators,
		.only_connects = true };

	http_client_look(&d->settings, &look);
	x->reached = look.rc == HTTP_CLIENT_OK;
	x->why = look.why;
	x->ms = look.took_ms;
	rule_reach(x, f);
}

/* The different receivers of postbacks, and the accounts that have them. */
struct receivers {
	struct receiver {
		char origin[HTTP_CLIENT_ORIGIN], who[WHO], url[ACCOUNT_TEXT];
	} at[ORIGINS];
	size_t n;
	uint64_t more;               /* accounts whose receiver found no room */
	uint64_t gone;               /* accounts whose receiver said that its URL is gone */
	char gone_who[ACCOUNT_NAME]; /* the first of them */
};

static void
add_receiver(struct receivers *all, const struct account *ac)
{
	char origin[HTTP_CLIENT_ORIGIN];
	size_t i = 0, len;

	if (ac->postback_gone != 0 && all->gone++ == 0)
		(void)snprintf(all->gone_who, sizeof all->gone_who, "%s", ac->name);
	if (!account_wants_postbacks(ac) || !http_client_origin(ac->postback_url, origin))
		return;
	while (i < all->n && strcmp(all->at[i].origin, origin) != 0)
		i++;
	if (i == ORIGINS) {
		all->more++;
		return;
	}
	if (i == all->n) {
		all->n++;
		(void)snprintf(all->at[i].origin, sizeof all->at[i].origin, "%s", origin);
		(void)snprintf(all->at[i].url, sizeof all->at[i].url, "%s", ac->postback_url);
	}
	len = strlen(all->at[i].who);
	(void)snprintf(all->at[i].who + len, WHO - len, "%s%s", len > 0 ? ", " : "account ",
	    ac->name);
}

static enum store_rc
find_receivers(struct store *st, struct receivers *all)
{
	struct account *ac = calloc(1, sizeof *ac);
	char after[ACCOUNT_NAME] = "";
	enum store_rc rc = ac != NULL ? ST_OK : ST_NOMEM;

	while (rc == ST_OK && (rc = store_account_next(st, after, ac)) == ST_OK) {
		(void)snprintf(after, sizeof after, "%s", ac->name);
		add_receiver(all, ac);
	}
	free(ac);
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

void
check_postbacks(const struct doctor *d, struct doctor_report *r)
{
	struct receivers *all = calloc(1, sizeof *all);
	enum store_rc rc = all == NULL ? ST_NOMEM :
	    d->st == NULL              ? ST_OK :
					 find_receivers(d->st, all);

	if (rc != ST_OK)
		rule_set(doctor_add(r, "postback"), FINDING_FAILED, "run savemms check",
		    "the accounts cannot be read: %s", store_rc_text(rc));
	for (size_t i = 0; rc == ST_OK && i < all->n; i++)
		reach(d, all->at[i].url,
		    &(struct reach_facts){ .origin = all->at[i].origin, .who = all->at[i].who },
		    doctor_add(r, "postback"));
	if (rc == ST_OK && all->gone > 0)
		rule_set(doctor_add(r, "postback"), FINDING_WARNING,
		    "set postback-url of these accounts again, to one that is there",
		    "the postbacks of account %s%s are off: the receiver said 410 Gone",
		    all->gone_who, all->gone > 1 ? " and others" : "");
	if (rc == ST_OK && all->more > 0)
		rule_set(doctor_add(r, "postback"), FINDING_OK, "",
		    "the receivers of %" PRIu64 " more accounts were not tried", all->more);
	free(all);
}

/* Looks at the folder of the spool, which the transport makes when it is first used. */
static void
look_at_spool(const struct doctor *d, struct finding *f)
{
	char path[INSTANCE_PATH];

	settings_path(&d->settings, "outbox", path, sizeof path);
	if (access(path, W_OK | X_OK) == 0 || errno == ENOENT)
		rule_set(f, FINDING_OK, "", "spool writes into %.300s", path);
	else
		rule_set(f, FINDING_FAILED, "give the folder to the instance's owner", "%.300s: %s",
		    path, strerror(errno));
}

void
check_transports(const struct doctor *d, struct doctor_report *r)
{
	const struct routing *routing = &d->settings.routing;

	for (unsigned i = 0; i < routing->ntransport; i++) {
		const struct transport *t = &routing->transport[i];
		struct finding *f = doctor_add(r, "transport");
		char origin[HTTP_CLIENT_ORIGIN];

		if (t->kind == TRANSPORT_SPOOL)
			look_at_spool(d, f);
		else if (!http_client_origin(t->url, origin))
			rule_set(f, FINDING_FAILED, "correct its url= in savemms.conf",
			    "%s has no URL that can be called", t->name);
		else
			reach(d, t->url,
			    &(struct reach_facts){ .origin = origin,
				.who = t->name,
				.operators = true },
			    f);
	}
}
