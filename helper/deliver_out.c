/* deliver_out: one message, composed and handed over; see deliver.h. */
#include <stdio.h>
#include <string.h>

#include "deliver.h"

#define BIT(kind) (1U << (kind))

static void
cannot(struct delivery *d, const char *why)
{
	d->way.way = NULL;
	(void)snprintf(d->why, sizeof d->why, "%s", why);
}

/* Where delivery reports of this message are to come to. */
static const char *
report_url(const struct delivery *d)
{
	const struct settings *s = &d->h->settings;
	const char *base = s->report_url[0] != '\0' ? s->report_url : s->base_url[0] != '\0' ? s->base_url : d->m->base;

	return arena_printf(d->arena, "%s/report/sms/%s", base, d->m->tracking);
}

static void
hand_over(struct delivery *d, const char *routes, const struct composed *mms, const char *sms)
{
	const struct settings *s = &d->h->settings;

	d->way = (struct transport_job){
		.settings = s, .way = routing_transport(&s->routing, routes, d->m->from, d->d.carrier), .m = d->m,
		.mms = mms, .sms = sms, .report_url = report_url(d), .rc = TRANSPORT_AGAIN,
	};
	if (d->way.report_url == NULL)
		(void)snprintf(d->way.why, sizeof d->way.why, "memory is short");
	else
		transport_submit(&d->way, d->arena);
}

/* Composes for one class; NULL: memory is short. */
static const struct composed *
compose_as(struct delivery *d, const struct class *c, unsigned attach)
{
	const struct compose_in in = {
		.t = d->t, .m = d->m, .class = c->name, .attach = attach, .page = d->page,
		.subject_chars = d->h->settings.max_subject_chars,
	};

	return compose(d->arena, &in);
}

/* The largest class that composes within the limit. Calendars and PDFs that would be
 * attached become links before the message becomes an SMS. */
static bool
compose_best(struct delivery *d)
{
	const unsigned attach[] = { d->d.attach, d->d.attach & BIT(KIND_VCARD) };

	for (int i = 0; i < 2 && (i == 0 || attach[1] != attach[0]); i++)
		for (unsigned k = 0; k < d->d.nclass; k++) {
			if ((d->mms = compose_as(d, d->d.class[k], attach[i])) == NULL)
				return false;
			if (d->mms->bytes > d->d.limit)
				continue;
			(void)snprintf(d->m->class, sizeof d->m->class, "%s", d->d.class[k]->name);
			return true;
		}
	d->mms = NULL;
	return true;
}

void
deliver_sms(struct delivery *d, const char *reason)
{
	const struct compose_in in = { .t = d->t, .m = d->m, .class = "", .page = d->page,
		.subject_chars = d->h->settings.max_subject_chars };
	const char *text;
	char why[TRANSPORT_WHY];

	d->fell_back = true;
	(void)snprintf(why, sizeof why, "%s", reason);	/* it may be way.why, which goes */
	(void)snprintf(d->why, sizeof d->why, "%s", why);
	d->m->class[0] = '\0';
	if (d->m->no_fallback) {
		d->way.way = NULL;
		(void)snprintf(d->why, sizeof d->why, "%.150s; the fallback SMS is disabled", why);
		return;
	}
	if ((text = compose_sms(d->arena, &in)) == NULL) {
		d->way = (struct transport_job){ .way = &d->h->settings.routing.transport[0], .rc = TRANSPORT_AGAIN };
		(void)snprintf(d->way.why, sizeof d->way.why, "memory is short");
		return;
	}
	hand_over(d, d->h->settings.sms_routes, NULL, text);
}

void
deliver_out(struct delivery *d)
{
	if (d->t == NULL) {
		cannot(d, "the template was deleted");
		return;
	}
	decide(&d->h->settings, d->t, d->m, d->handset, &d->d);
	(void)snprintf(d->m->carrier, sizeof d->m->carrier, "%s", d->d.carrier != NULL ? d->d.carrier->name : "");
	if ((d->page = arena_printf(d->arena, "%s/m/%s", d->m->base, d->m->token)) == NULL || !compose_best(d)) {
		d->way = (struct transport_job){ .way = &d->h->settings.routing.transport[0], .rc = TRANSPORT_AGAIN };
		(void)snprintf(d->way.why, sizeof d->way.why, "memory is short");
	} else if (d->mms == NULL) {
		deliver_sms(d, d->d.why);
	} else {
		hand_over(d, d->h->settings.mms_routes, d->mms, NULL);
		if (d->way.rc == TRANSPORT_TOO_BIG)
			deliver_sms(d, d->way.why);
	}
}
