/* compose_largest: see compose_largest.h */
#include "send/compose_largest.h"

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
			*out = (struct choice){ c, d->class[k], attach[i] };
			return true;
		}
	return true;
}
