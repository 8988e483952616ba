/* choose_class: see choose_class.h */
#include "send/choose_class.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BIT(kind) (1U << (kind))

/* Returns which objects go as attachments; the others become links (savemms-api(7), What
 * arrives). */
static unsigned
attachable(enum os os)
{
	switch (os) {
	case OS_IOS:
		return BIT(KIND_VCARD) | BIT(KIND_ICAL) | BIT(KIND_PDF);
	case OS_OTHER:
		return 0;
	case OS_ANDROID:
	case OS_UNKNOWN:
		break;
	}
	return BIT(KIND_VCARD);
}

/* Returns the limit for an unknown carrier or handset: class M, or the smallest class without
 * one. */
static uint64_t
unknown_bytes(const struct settings *s)
{
	for (unsigned i = 0; i < s->nclass; i++)
		if (strcmp(s->class[i].name, "M") == 0)
			return s->class[i].bytes;
	return s->class[0].bytes;
}

static uint64_t
limit_of(const struct settings *s, const struct decision *d)
{
	uint64_t carrier = unknown_bytes(s), handset = unknown_bytes(s);

	if (d->carrier != NULL && d->carrier->bytes != 0)
		carrier = d->carrier->bytes;
	if (d->handset != NULL)
		handset = d->handset->bytes != 0 ? d->handset->bytes : UINT64_MAX;
	return carrier < handset ? carrier : handset;
}

/* Chooses the classes within the limit that the template reaches. If the limit is below all
 * classes, the smallest may still do: the bytes of a class are what a message may have, not what
 * it has. */
static void
choose_classes(const struct settings *s, const struct template *t, struct decision *d)
{
	for (unsigned i = s->nclass; i-- > 0;)
		if (s->class[i].bytes <= d->limit && !template_is_link(t, s->class[i].name))
			d->class[d->nclass++] = &s->class[i];
	if (d->nclass == 0 && s->class[0].bytes > d->limit &&
	    !template_is_link(t, s->class[0].name))
		d->class[d->nclass++] = &s->class[0];
}

static void
explain_limits(struct decision *d, const char *carrier, const char *handset)
{
	char of_transport[96] = "";

	if (d->transport->max_bytes != 0)
		(void)snprintf(of_transport, sizeof of_transport,
		    "; transport %s: at most %" PRIu64 "%s", d->transport->name,
		    d->transport->max_bytes,
		    d->transport->count == COUNT_WIRE ? " as it is sent" : "");
	(void)snprintf(d->why, sizeof d->why,
	    "carrier %s, handset %s: at most %" PRIu64 " bytes%s%s", carrier, handset, d->limit,
	    of_transport, d->nclass == 0 ? ", but the template fits no class of that size" : "");
}

void
choose_class(const struct settings *s, const struct template *t, const struct message *m,
    const char *handset, struct decision *d)
{
	const char *carrier_name, *handset_name;

	memset(d, 0, sizeof *d);
	d->carrier = routing_carrier(&s->routing, m->operator_id, m->to);
	d->handset = routing_handset(&s->routing, handset);
	d->attach = attachable(d->handset != NULL ? d->handset->os :
		handset[0] != '\0'                ? OS_OTHER :
						    OS_UNKNOWN);
	d->transport = routing_transport(&s->routing, s->mms_routes, m->from, d->carrier);
	d->limit = limit_of(s, d);
	carrier_name = d->carrier != NULL ? d->carrier->name : "unknown";
	handset_name = d->handset != NULL ? d->handset->name :
	    handset[0] != '\0'            ? "other" :
					    "unknown";
	if (d->carrier != NULL && !d->carrier->mms) {
		(void)snprintf(d->why, sizeof d->why, "carrier %s does not carry MMS",
		    carrier_name);
		return;
	}
	d->smallest = &s->class[0];
	choose_classes(s, t, d);
	explain_limits(d, carrier_name, handset_name);
}
