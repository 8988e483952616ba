/* choose: see choose.h */
#include "choose.h"

#include <string.h>

bool
choose(struct arena *a, const struct decision *d, const struct compose_in *base, struct choice *out)
{
	const unsigned attach[] = { d->attach, d->attach & (1U << KIND_VCARD) };
	struct compose_in in = *base;

	memset(out, 0, sizeof *out);
	for (int i = 0; i < 2 && (i == 0 || attach[1] != attach[0]); i++)
		for (unsigned k = 0; k < d->nclass; k++) {
			const struct composed *c;

			in.class = d->class[k]->name;
			in.attach = attach[i];
			if ((c = compose(a, &in)) == NULL)
				return false;
			if (c->bytes > d->limit)
				continue;
			*out = (struct choice){ c, d->class[k], attach[i] };
			return true;
		}
	return true;
}
