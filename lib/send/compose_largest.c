/* compose_largest: see compose_largest.h */
#include "send/compose_largest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "send/mime_part.h"
#include "send/transport.h"

struct composed *
compose_within(struct arena *a, const struct decision *d, const struct compose_in *in)
{
	struct composed *c = compose(a, in);
	const struct transport_job j = { .transport = d->transport,
		.m = in->m,
		.mms = c,
		.report_url = in->report_url };

	if (c == NULL || c->air == UINT64_MAX)
		return c;
	c->wire = transport_wire(&j);
	return c->wire != UINT64_MAX ? c : NULL;
}

/* Returns the size that the transport counts. */
static uint64_t
counted(const struct decision *d, const struct composed *c)
{
	return d->transport->count == COUNT_AIR ? c->air : c->wire;
}

bool
compose_fits(const struct decision *d, const struct composed *c)
{
	return c->air <= d->limit &&
	    (d->transport->max_bytes == 0 || counted(d, c) <= d->transport->max_bytes);
}

uint64_t
compose_room(const struct decision *d, const struct composed *c, uint64_t bytes)
{
	uint64_t room = bytes + (d->limit - c->air), left, most;

	if (d->transport->max_bytes == 0)
		return room;
	left = d->transport->max_bytes - counted(d, c);
	if (d->transport->count == COUNT_AIR || d->transport->parts == PARTS_BINARY)
		most = bytes + left;
	else
		most = mime_decoded(mime_encoded(bytes) + left);
	return most < room ? most : room;
}

/* Returns the largest part, which is never the SMIL. */
static const struct compose_part *
largest_part(const struct composed *c)
{
	const struct compose_part *p = NULL;

	for (size_t i = 1; i < c->npart; i++)
		if (p == NULL || c->part[i].bytes > p->bytes)
			p = &c->part[i];
	return p;
}

void
compose_explain(const struct decision *d, const struct composed *c, char out[COMPOSE_WHY])
{
	const struct compose_part *p = c != NULL ? largest_part(c) : NULL;

	if (c != NULL && c->too_big != 0)
		(void)snprintf(out, COMPOSE_WHY,
		    "the text of slide %zu has more than %d bytes with its values filled in",
		    c->too_big, COMPOSE_TEXT);
	else if (p == NULL)
		(void)snprintf(out, COMPOSE_WHY, "%.*s", COMPOSE_WHY - 1, d->why);
	else
		(void)snprintf(out, COMPOSE_WHY,
		    "%" PRIu64 " bytes in class %s, %" PRIu64 " of them %s; %.120s",
		    c->air <= d->limit ? counted(d, c) : c->air, c->class, p->bytes, p->id, d->why);
}

/* Composes the smallest form: that of the smallest class, with as many links as possible. */
static bool
compose_least(struct arena *a, const struct decision *d, const struct compose_in *base,
    struct choice *out)
{
	struct compose_in in = *base;

	if (d->smallest == NULL)
		return true;
	in.class = d->smallest->name;
	in.attach = d->attach & (1U << KIND_VCARD);
	return (out->least = compose_within(a, d, &in)) != NULL;
}

bool
compose_largest(struct arena *a, const struct decision *d, const struct compose_in *base,
    struct choice *out)
{
	const unsigned attach[] = { d->attach, d->attach & (1U << KIND_VCARD) };
	struct compose_in in = *base;

	memset(out, 0, sizeof *out);
	for (int i = 0; i < 2 && (i == 0 || attach[1] != attach[0]); i++)
		for (unsigned k = 0; k < d->nclass; k++) {
			const struct composed *c;

			in.class = d->class[k]->name;
			in.attach = attach[i];
			if ((c = compose_within(a, d, &in)) == NULL)
				return false;
			if (!compose_fits(d, c))
				continue;
			*out = (struct choice){ c, d->class[k], attach[i], NULL };
			return true;
		}
	return compose_least(a, d, base, out);
}
