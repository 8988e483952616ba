/* forecast: see forecast.h */
#include "forecast.h"

#include "fit.h"

static void
add(struct forecast *f, const struct medium *m, const char *class)
{
	const struct rendition *r = medium_rendition(m, class);

	if (kind_is_object(m->kind))
		return;		/* what of them travels is not in the room */
	if (r != NULL)
		f->known += r->bytes;
	else if (m->bytes == 0)
		f->unknown++;
	else
		f->known += kind_is_av(m->kind) ? fit_estimate(m) : m->bytes;
}

struct forecast
forecast_class(const struct class *c, const struct template *t)
{
	struct forecast f = { .room = fit_budget(c, t) };

	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++)
			add(&f, &t->slide[i].medium[k], c->name);
	if (f.room == 0 || template_is_link(t, c->name))
		f.verdict = FORECAST_LINK;
	else if (f.known > f.room)
		f.verdict = t->transcoding ? FORECAST_SMALLER : FORECAST_LINK;
	else
		f.verdict = f.unknown > 0 ? FORECAST_OPEN : FORECAST_FITS;
	return f;
}
