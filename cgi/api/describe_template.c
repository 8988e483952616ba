/* describe_template: all of one template; see describe.h. */
#include "cgi/answer_doc.h"
#include "cgi/api/describe.h"
#include "cgi/app.h"
#include "cgi/url.h"

/* Returns where a blob of the template is served; NULL: the template is not stored. */
static const char *
blob_url(const struct call *c, const struct template *t, const char *sha, enum format f)
{
	return t->id != 0 ? media_url(c, sha, f) : NULL;
}

/* Adds width, height and seconds, as far as they are known. */
static void
add_shape(struct answer *a, uint32_t width, uint32_t height, uint32_t ms)
{
	if (width > 0) {
		answer_number(a, ANSWER_WIDTH, width);
		answer_number(a, ANSWER_HEIGHT, height);
	}
	if (ms > 0)
		answer_seconds(a, ANSWER_SECONDS, ms);
}

static void
add_rendition(struct call *c, const struct template *t, const struct rendition *r)
{
	struct answer *a = c->answer;

	answer_item(a, ANSWER_RENDITION);
	answer_text(a, ANSWER_CLASS, r->class);
	answer_text(a, ANSWER_MIME, format_mime(r->format));
	answer_number(a, ANSWER_BYTES, r->bytes);
	add_shape(a, r->width, r->height, r->ms);
	answer_text(a, ANSWER_URL, blob_url(c, t, r->sha, r->format));
	answer_group_end(a, ANSWER_RENDITION);
}

/* Adds what is known of a medium, after its URL. */
static void
add_facts(struct call *c, const struct template *t, const struct medium *m)
{
	struct answer *a = c->answer;

	answer_text(a, ANSWER_MIME, m->format != FORMAT_NONE ? format_mime(m->format) : m->mime);
	answer_number(a, ANSWER_BYTES, m->bytes);
	add_shape(a, m->width, m->height, m->ms);
	if (m->nrendition == 0)
		return;
	answer_array(a, ANSWER_RENDITION);
	for (size_t i = 0; i < m->nrendition; i++)
		add_rendition(c, t, &m->rendition[i]);
	answer_array_end(a);
}

static void
add_medium(struct call *c, const struct template *t, const struct medium *m)
{
	enum answer_name name = doc_kind(m->kind);

	answer_group(c->answer, name);
	answer_text(c->answer, ANSWER_URL, m->url);
	add_facts(c, t, m);
	answer_group_end(c->answer, name);
}

/* Adds the slide's personal image, drawn with the defaults of the tags. */
static void
add_personal(struct call *c, const struct template *t, const struct slide *s)
{
	struct answer *a = c->answer;

	answer_group(a, ANSWER_PERSONALIZED_IMAGE);
	answer_text(a, ANSWER_TEMPLATE_ID, s->image_template);
	for (size_t k = 0; k < s->nmedium; k++)
		if (medium_is_personal_image(&s->medium[k])) {
			answer_text(a, ANSWER_URL,
			    blob_url(c, t, s->medium[k].sha, s->medium[k].format));
			add_facts(c, t, &s->medium[k]);
		}
	answer_group_end(a, ANSWER_PERSONALIZED_IMAGE);
}

static void
add_slide(struct call *c, const struct template *t, const struct slide *s)
{
	struct answer *a = c->answer;

	answer_item(a, ANSWER_SLIDE);
	answer_text(a, ANSWER_TEXT, s->text);
	for (size_t k = 0; k < s->nmedium; k++)
		if (!medium_is_personal_image(&s->medium[k]))
			add_medium(c, t, &s->medium[k]);
	if (s->image_template != NULL)
		add_personal(c, t, s);
	answer_text(a, ANSWER_DURATION, s->duration);
	answer_group_end(a, ANSWER_SLIDE);
}

void
describe_template(struct call *c, const struct template *t)
{
	struct answer *a = c->answer;

	describe_head(c, t, false);
	if (t->reference[0] != '\0')
		answer_text(a, ANSWER_CLIENT_REFERENCE, t->reference);
	if (t->created != 0)
		describe_created(c, t);
	answer_text(a, ANSWER_STATE, template_state_name(template_state(t)));
	describe_tail(c, t);
	answer_array(a, ANSWER_SLIDE);
	for (size_t i = 0; i < t->nslide; i++)
		add_slide(c, t, &t->slide[i]);
	answer_array_end(a);
}
