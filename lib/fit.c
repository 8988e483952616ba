/* fit: see fit.h */
#include "fit.h"

#include <string.h>

enum { FIT_WAITING_MAX = 200 };

/* Items whose need is below their part of what is left are settled one after
 * the other; what they leave goes to the rest. At most n rounds. */
void
fit_share(struct fit_item *it, size_t n, uint64_t budget)
{
	uint64_t left = budget, weights = 0;
	bool again = true;

	for (size_t i = 0; i < n; i++) {
		it[i].share = FIT_UNSETTLED;
		weights += it[i].weight;
	}
	while (again) {
		again = false;
		for (size_t i = 0; i < n; i++)
			if (it[i].share == FIT_UNSETTLED &&
			    it[i].need <= left / weights * it[i].weight) {
				it[i].share = it[i].need;
				left -= it[i].need;
				weights -= it[i].weight;
				again = weights > 0;
			}
	}
	for (size_t i = 0; i < n; i++)
		if (it[i].share == FIT_UNSETTLED)
			it[i].share = left / weights * it[i].weight;
}

uint32_t
fit_weight(enum kind k, enum format f)
{
	if (k == KIND_VIDEO)
		return 6;
	return f == FORMAT_GIF ? 3 : 1;
}

uint64_t
fit_estimate(const struct medium *m)
{
	if (m->kind == KIND_VIDEO)
		return m->bytes * 2;
	return m->format == FORMAT_AMR || m->format == FORMAT_AMRWB ? m->bytes * 4 : m->bytes;
}

static uint64_t
bytes_in_class(const struct medium *m, const char *class)
{
	const struct rendition *r = medium_rendition(m, class);

	return r != NULL ? r->bytes : 0;
}

uint64_t
fit_waiting(const struct class *c, const struct template *t, const struct medium *mine)
{
	struct fit_item it[FIT_WAITING_MAX];
	uint64_t budget = fit_budget(c, t), used = 0;
	size_t n = 0, me = 0;

	if (template_is_link(t, c->name))
		return 0;
	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++) {
			const struct medium *m = &t->slide[i].medium[k];

			used += bytes_in_class(m, c->name);
			if (m->state != MEDIUM_WAITING || n == FIT_WAITING_MAX)
				continue;
			if (m == mine)
				me = n;
			it[n++] = (struct fit_item){ .need = fit_estimate(m), .weight = fit_weight(m->kind, m->format) };
		}
	if (n == 0 || used >= budget)
		return 0;
	/* an estimate is no promise: what all needs leave is there for the taking */
	fit_share(it, n, budget - used);
	for (size_t i = 0; i < n; i++)
		budget -= it[i].share;
	return it[me].share + (budget - used) / n;
}
