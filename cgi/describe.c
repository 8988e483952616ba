/* describe: see describe.h */
#include "describe.h"

#include "app.h"
#include "clock.h"
#include "xmlout.h"

void
describe_head(struct call *c, const struct template *t)
{
	struct buf *out = &c->answer->body;

	xml_elem_u64(out, "MMSID", t->id);
	xml_elem(out, "NAME", t->name);
	xml_elem(out, "SUBJECT", t->subject);
	xml_elem(out, "FALLBACK_SMS_TEXT", t->fallback);
}

void
describe_created(struct call *c, const struct template *t)
{
	char when[CLOCK_TEXT];

	clock_iso(t->created, when);
	xml_elem(&c->answer->body, "DATE_CREATED", when);
}

/* The first image of the template; NULL when there is none. */
static const struct medium *
poster(const struct template *t)
{
	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++)
			if (t->slide[i].medium[k].kind == KIND_IMAGE)
				return &t->slide[i].medium[k];
	return NULL;
}

void
describe_tail(struct call *c, const struct template *t)
{
	struct buf *out = &c->answer->body;
	const struct medium *m = poster(t);

	xml_elem_u64(out, "TOTAL_SLIDES", t->nslide);
	xml_elem_u64(out, "SIZE", template_size(t));
	if (m != NULL && m->nrendition > 0)
		xml_elem(out, "POSTER_URL", media_url(c, m->rendition[0].sha, m->rendition[0].format));
	else if (m != NULL && !t->transcoding)
		xml_elem(out, "POSTER_URL", media_url(c, m->sha, m->format));
}
