/* deliver_out: composes one message and hands it over; see deliver.h. */
#include <stdio.h>
#include <string.h>

#include "helper/deliver.h"
#include "send/compose_sms.h"

static void
cannot(struct delivery *d, const char *why)
{
	d->handover.transport = NULL;
	(void)snprintf(d->why, sizeof d->why, "%s", why);
}

/* Returns the URL for delivery reports of this message, or NULL if memory is short. */
static const char *
report_url(const struct delivery *d)
{
	const struct settings *s = d->h->settings;
	const char *base = s->report_url[0] != '\0' ? s->report_url :
	    s->base_url[0] != '\0'                  ? s->base_url :
						      d->m->base;

	return arena_printf(d->arena, "%s/report/sms/%s", base, d->m->tracking);
}

static void
hand_over(struct delivery *d, const struct transport *transport, const struct composed *mms,
    const char *sms)
{
	d->handover = (struct transport_job){
		.settings = d->h->settings,
		.transport = transport,
		.m = d->m,
		.mms = mms,
		.sms = sms,
		.report_url = d->report_url,
		.rc = TRANSPORT_AGAIN,
	};
	transport_submit(&d->handover, d->arena);
}

static struct compose_in
compose_base(const struct delivery *d)
{
	return (struct compose_in){ .t = d->t,
		.m = d->m,
		.class = "",
		.page = d->page,
		.report_url = d->report_url,
		.subject_chars = d->h->settings->max_subject_chars };
}

/* Postpones the message, for a reason that lies outside of it. */
static void
not_now(struct delivery *d, const char *why)
{
	d->handover = (struct transport_job){ .transport = &d->h->settings->routing.transport[0],
		.rc = TRANSPORT_AGAIN };
	(void)snprintf(d->handover.why, sizeof d->handover.why, "%s", why);
}

/* Sends the fallback SMS, unless it is switched off. reason says why the message is no MMS. */
static void
deliver_sms(struct delivery *d, const char *reason)
{
	const struct settings *s = d->h->settings;
	const struct compose_in in = compose_base(d);
	char why[TRANSPORT_WHY];
	struct sms sms;

	d->fell_back = true;
	(void)snprintf(why, sizeof why, "%s", reason); /* reason may be handover.why */
	(void)snprintf(d->why, sizeof d->why, "%s", why);
	d->m->class[0] = '\0';
	if (d->m->no_fallback) {
		d->handover.transport = NULL;
		(void)snprintf(d->why, sizeof d->why, "%.150s; the fallback SMS is disabled", why);
	} else if (!compose_sms(d->arena, &in, &sms)) {
		not_now(d, "out of memory");
	} else if (sms.text[0] == '\0') {
		d->handover.transport = NULL;
		(void)snprintf(d->why, sizeof d->why,
		    "%.120s; the fallback SMS is empty once its tags are filled in", why);
	} else {
		if (sms.cut > 0)
			(void)snprintf(d->why, sizeof d->why,
			    "%.120s; the SMS is too long by %zu characters and was cut", why,
			    sms.cut);
		hand_over(d,
		    routing_transport(&s->routing, s->sms_routes, d->m->from, d->d.carrier), NULL,
		    sms.text);
	}
}

/* Sends the fallback SMS of an MMS that its receiver refused for its size. */
static void
too_big_for_it(struct delivery *d, const struct composed *mms)
{
	char large[COMPOSE_WHY], why[TRANSPORT_WHY];

	compose_explain(&d->d, mms, large);
	(void)snprintf(why, sizeof why, "%.100s: %.97s", d->handover.why, large);
	deliver_sms(d, why);
}

/* Sends the message as an MMS, if one fits. */
static void
deliver_mms(struct delivery *d)
{
	const struct compose_in in = compose_base(d);
	const struct image_tools tools = { d->h->transcoder, d->h->settings };
	const struct personal_place at = { &tools, d->h->store, d->m->account, &d->d, d->arena };
	char why[TRANSCODE_WHY], large[COMPOSE_WHY];
	enum personal_image_rc rc = PERSONAL_IMAGE_OK;
	struct choice best;

	if (!compose_largest(d->arena, &d->d, &in, &best)) {
		not_now(d, "out of memory");
	} else if (best.mms == NULL) {
		compose_explain(&d->d, best.least, large);
		deliver_sms(d, large);
	} else if ((rc = personal_compose(&at, &in, &best, why)) == PERSONAL_IMAGE_VALUE) {
		cannot(d, why);
	} else if (rc == PERSONAL_IMAGE_FAILED) {
		not_now(d, why);
	} else if (rc == PERSONAL_IMAGE_TOO_BIG) {
		deliver_sms(d, why);
	} else {
		(void)snprintf(d->m->class, sizeof d->m->class, "%s", best.class->name);
		hand_over(d, d->d.transport, best.mms, NULL);
		if (d->handover.rc == TRANSPORT_TOO_BIG)
			too_big_for_it(d, best.mms);
	}
}

void
deliver_out(struct delivery *d)
{
	if (d->t == NULL) {
		cannot(d, "the template was deleted");
		return;
	}
	choose_class(d->h->settings, d->t, d->m, d->handset, &d->d);
	(void)snprintf(d->m->carrier, sizeof d->m->carrier, "%s",
	    d->d.carrier != NULL ? d->d.carrier->name : "");
	d->page = arena_printf(d->arena, "%s/m/%s", d->m->base, d->m->token);
	d->report_url = report_url(d);
	if (d->page == NULL || d->report_url == NULL)
		not_now(d, "out of memory");
	else
		deliver_mms(d);
}
