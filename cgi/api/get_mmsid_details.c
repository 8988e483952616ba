/* getMMSIDDetails: describes all of one template. */
#include <inttypes.h>

#include "base/xmlout.h"
#include "cgi/api/describe.h"
#include "cgi/api/mmsid.h"
#include "cgi/app.h"
#include "cgi/url.h"

/* Adds WIDTH, HEIGHT and SECONDS, as far as they are known. */
static void
add_shape(struct buf *out, uint32_t width, uint32_t height, uint32_t ms)
{
	if (width > 0) {
		xml_elem_u64(out, "WIDTH", width);
		xml_elem_u64(out, "HEIGHT", height);
	}
	if (ms > 0)
		buf_printf(out, "<SECONDS>%" PRIu32 ".%03" PRIu32 "</SECONDS>", ms / 1000,
		    ms % 1000);
}

static void
add_rendition(struct call *c, const struct rendition *r)
{
	struct buf *out = &c->answer->body;

	xml_open(out, "RENDITION");
	xml_elem(out, "CLASS", r->class);
	xml_elem(out, "MIME", format_mime(r->format));
	xml_elem_u64(out, "BYTES", r->bytes);
	add_shape(out, r->width, r->height, r->ms);
	xml_elem(out, "URL", media_url(c, r->sha, r->format));
	xml_close(out, "RENDITION");
}

/* Adds what is known of a medium, after its URL. */
static void
add_facts(struct call *c, const struct medium *m)
{
	struct buf *out = &c->answer->body;

	xml_elem(out, "MIME", m->format != FORMAT_NONE ? format_mime(m->format) : m->mime);
	xml_elem_u64(out, "BYTES", m->bytes);
	add_shape(out, m->width, m->height, m->ms);
	for (size_t i = 0; i < m->nrendition; i++)
		add_rendition(c, &m->rendition[i]);
}

static void
add_medium(struct call *c, const struct medium *m)
{
	struct buf *out = &c->answer->body;

	xml_open(out, kind_element(m->kind));
	xml_elem(out, "URL", m->url);
	add_facts(c, m);
	xml_close(out, kind_element(m->kind));
}

/* Adds the slide's personal image, drawn with the defaults of the tags. */
static void
add_personal(struct call *c, const struct slide *s)
{
	struct buf *out = &c->answer->body;

	xml_open(out, "PERSONALIZED-IMAGE");
	xml_elem(out, "TEMPLATE-ID", s->image_template);
	for (size_t k = 0; k < s->nmedium; k++)
		if (medium_is_personal_image(&s->medium[k])) {
			xml_elem(out, "URL", media_url(c, s->medium[k].sha, s->medium[k].format));
			add_facts(c, &s->medium[k]);
		}
	xml_close(out, "PERSONALIZED-IMAGE");
}

static void
add_slide(struct call *c, const struct slide *s)
{
	struct buf *out = &c->answer->body;

	xml_open(out, "SLIDE");
	xml_elem(out, "TEXT", s->text);
	for (size_t k = 0; k < s->nmedium; k++)
		if (!medium_is_personal_image(&s->medium[k]))
			add_medium(c, &s->medium[k]);
	if (s->image_template != NULL)
		add_personal(c, s);
	xml_elem(out, "DURATION", s->duration);
	xml_close(out, "SLIDE");
}

bool
action_get_mmsid_details(struct call *c)
{
	struct template *t = mmsid_template(c);

	if (t == NULL)
		return false;
	answer_open(c->answer);
	describe_head(c, t);
	if (t->reference[0] != '\0')
		xml_elem(&c->answer->body, "CLIENT_REFERENCE", t->reference);
	describe_created(c, t);
	xml_elem(&c->answer->body, "STATE", template_state_name(template_state(t)));
	describe_tail(c, t);
	for (size_t i = 0; i < t->nslide; i++)
		add_slide(c, &t->slide[i]);
	answer_close(c->answer);
	return true;
}
