/* forecast: see forecast.h */
#include "media/forecast.h"

#include "media/budget.h"

/* The sums over the media of a template in one class. */
struct sums {
	uint64_t need, least;
	size_t unknown;
	bool uncertain; /* the least of one is known only when it is made */
};

static void
add(struct sums *sum, const struct class *c, const struct template *t, const struct medium *m)
{
	const struct rendition *r = medium_rendition(m, c->name);
	struct budget_item it;

	budget_facts(c, m, &it);
	if (r != NULL)
		it.need = r->bytes; /* its size now, whatever more it could use */
	else if (!t->transcoding)
		it.need = it.least = m->bytes;
	if (r == NULL && m->bytes == 0)
		sum->unknown++;
	else
		sum->need += it.need;
	sum->least += it.least;
	sum->uncertain |= r == NULL && t->transcoding &&
	    (m->kind == KIND_VIDEO || m->format == FORMAT_GIF);
}

static enum forecast_verdict
verdict(const struct class *c, const struct template *t, const struct sums *sum, uint64_t room)
{
	if (room == 0 || template_is_link(t, c->name))
		return FORECAST_LINK;
	if (sum->unknown > 0 && sum->need <= room)
		return FORECAST_OPEN;
	if (sum->need <= room)
		return FORECAST_FITS;
	if (sum->least <= room)
		return FORECAST_SMALLER;
	return sum->uncertain ? FORECAST_LATER : FORECAST_LINK;
}

void
forecast(const struct settings *s, const struct template *t, struct forecast out[CLASS_MAX])
{
	for (unsigned k = 0; k < s->nclass; k++) {
		const struct class *c = &s->class[k];
		uint64_t room = budget_of(c, t);
		struct sums sum = { 0 };
		const struct medium *m;

		for (size_t i = 0; (m = budget_medium(t, i)) != NULL; i++)
			add(&sum, c, t, m);
		out[k] = (struct forecast){ verdict(c, t, &sum, room), room, sum.need,
			sum.unknown };
	}
}
