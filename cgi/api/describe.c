/* describe: see describe.h */
#include "cgi/api/describe.h"

#include "base/clock.h"
#include "base/xmlout.h"
#include "cgi/app.h"
#include "cgi/url.h"

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

void
describe_tail(struct call *c, const struct template *t)
{
	struct buf *out = &c->answer->body;
	enum format f;
	const char *poster = template_poster(t, &f);

	xml_elem_u64(out, "TOTAL_SLIDES", t->nslide);
	xml_elem_u64(out, "SIZE", template_size(t));
	if (poster != NULL)
		xml_elem(out, "POSTER_URL", media_url(c, poster, f));
}
