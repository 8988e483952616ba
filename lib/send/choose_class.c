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

/* Tells whether a class has sound in AMR that this handset is known not to play: iOS has no
 * decoder for it. */
static bool
silent(const struct template *t, const struct class *c, const struct decision *d)
{
	if (d->handset == NULL || d->handset->os != OS_IOS)
		return false;
	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++) {
			const struct rendition *r = medium_rendition(&t->slide[i].medium[k],
			    c->name);

			if (r != NULL && r->format == FORMAT_AMR)
				return true;
		}
	return false;
}

/* Adds a class to those to try, if the template reaches it and the handset plays its sound. */
static void
try_class(const struct template *t, const struct class *c, struct decision *d)
{
	if (!template_is_link(t, c->name) && !silent(t, c, d))
		d->class[d->nclass++] = c;
}

/* Chooses the classes within the limit that the template reaches. If the limit is below all
 * classes, the smallest may still do: the bytes of a class are what a message may have, not what
 * it has. */
static void
choose_classes(const struct settings *s, const struct template *t, struct decision *d)
{
	for (unsigned i = s->nclass; i-- > 0;)
		if (s->class[i].bytes <= d->limit)
			try_class(t, &s->class[i], d);
	if (d->nclass == 0 && s->class[0].bytes > d->limit)
		try_class(t, &s->class[0], d);
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
	    of_transport,
	    d->nclass == 0 ? ", but the template has no class of that size for it" : "");
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
