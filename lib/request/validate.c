/* validate: see validate.h */
#include "request/validate.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/text.h"

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

bool
validate_yes_no(const char *s, bool *out)
{
	*out = s != NULL && strcasecmp(s, "yes") == 0;
	return s == NULL || *out || strcasecmp(s, "no") == 0;
}

bool
validate_future(const char *s, int64_t now, int64_t *out)
{
	int64_t at = s != NULL ? clock_parse(s) : 0;

	if (s == NULL)
		return true;
	if (at < 0 || at <= now)
		return false;
	if (out != NULL && at < *out)
		*out = at;
	return true;
}

bool
validate_text(struct arena *a, const char *in, const char **out)
{
	char *text = NULL;

	if (in != NULL && (text = text_slide(a, in)) == NULL)
		return false;
	if (text != NULL)
		text = text_trim(text);
	*out = text != NULL && *text != '\0' ? text : NULL;
	return true;
}

bool
validate_dates(const struct request *r, int64_t now, bool sends, struct message *m)
{
	bool foreign = sends && r->dialect != DIALECT_A; /* A has neither of the two */

	if (m != NULL)
		m->not_after = foreign ? now + MESSAGE_LASTS : 0;
	/* a group message would reach fewer people than its sender thinks */
	return validate_future(r->link_expiration, now, m != NULL ? &m->expires : NULL) &&
	    (!foreign ||
		(validate_future(r->expiry, now, m != NULL ? &m->not_after : NULL) &&
		    r->display_only == NULL));
}

bool
validate_text_fails(const char *s, unsigned long max, struct failure *f)
{
	if (request_wrong(s))
		return failure_set(f, E100, 0);
	return text_count(or_empty(s)) > max && failure_set(f, E228, max);
}

bool
validate_labels_fail(const struct request *r, const struct settings *s, struct failure *f)
{
	return validate_text_fails(r->operator_id, s->max_label_chars, f) ||
	    (r->dialect != DIALECT_A && validate_text_fails(r->service_id, s->max_label_chars, f));
}

/* Makes checks 4 and 5 of savemms-api(7), Checks. */
static bool
lengths_fail(const struct request *r, const struct validate_env *env, struct failure *f)
{
	const struct settings *s = env->settings;

	if (request_wrong(r->name))
		return failure_set(f, E100, 0);
	if (or_empty(r->name)[0] == '\0' && !env->sends)
		return failure_set(f, E311, 0);
	return validate_text_fails(r->name, s->max_name_chars, f) ||
	    validate_text_fails(r->reference, s->max_reference_chars, f) ||
	    validate_text_fails(r->fallback, s->max_fallback_chars, f) ||
	    (env->sends && validate_labels_fail(r, s, f));
}

/* Makes checks 4 to 7 of savemms-api(7), Checks, on the fields that are not in slides. */
static bool
head_fails(struct arena *a, const struct request *r, const struct validate_env *env,
    struct template *t, struct failure *f)
{
	t->name = or_empty(r->name);
	t->reference = or_empty(r->reference);
	t->fallback = or_empty(r->fallback);
	t->subject = text_subject(a, or_empty(r->subject), env->settings->max_subject_chars);
	if (t->subject == NULL)
		return failure_set(f, E503, 0);
	if (lengths_fail(r, env, f))
		return true;
	if (!validate_dates(r, env->now, env->sends, NULL))
		return failure_set(f, E100, 0);
	if (!validate_yes_no(r->no_fallback, &t->no_fallback) ||
	    !validate_yes_no(r->no_fallback_link, &t->no_fallback_link))
		return failure_set(f, E652, 0);
	if (request_wrong(r->subject))
		return failure_set(f, E100, 0);
	/* B saves without either: the check is made when the template is sent */
	if ((r->dialect != DIALECT_B || env->sends) && *t->subject == '\0' &&
	    *t->fallback == '\0' && !t->no_fallback)
		return failure_set(f, E622, 0);
	return false;
}

/* Does the slide hold JSON of a wrong type? */
static bool
slide_wrong(const struct request_slide *in)
{
	bool wrong = in->wrong || request_wrong(in->text) || request_wrong(in->image_template);

	for (int k = 0; k < KIND_COUNT; k++)
		wrong = wrong || request_wrong(in->url[k]);
	return wrong;
}

/* Makes checks 10 to 15 on slide number x. */
static bool
slide_fails(const struct request_slide *in, const char *text, const struct settings *s,
    unsigned long x, struct failure *f)
{
	bool audio = in->url[KIND_AUDIO] != NULL, video = in->url[KIND_VIDEO] != NULL;
	bool image = in->url[KIND_IMAGE] != NULL || in->image_template != NULL;
	int objects = 0;

	if (slide_wrong(in))
		return failure_set(f, E100, x);
	if (in->foreign)
		return failure_set(f, E229, x);
	for (int k = 0; k < KIND_COUNT; k++)
		objects += in->url[k] != NULL && kind_is_object((enum kind)k);
	if (!audio && !video && !image && objects == 0 && text == NULL)
		return failure_set(f, E313, x);
	if (text != NULL && text_count(text) > s->max_text_chars)
		return failure_set(f, E334, x);
	if (audio && video)
		return failure_set(f, E226, x);
	if (video && image)
		return failure_set(f, E227, x);
	if (objects > 0 && (audio || video || image))
		return failure_set(f, E224, x);
	if (objects > 1)
		return failure_set(f, E223, x);
	return false;
}

/* Builds a slide. A personal image is an image, and of two of a kind the first is used
 * (savemms-api(7), Requests and Checks). Returns false when memory is short. */
static bool
build_slide(struct arena *a, const struct request_slide *in, struct slide *out)
{
	/* a part that is named where there are none is no image */
	out->image_template = in->image_first && in->url[KIND_IMAGE] != NULL ? NULL :
									       in->image_template;
	out->duration = in->duration;
	out->medium = arena_array(a, KIND_COUNT, sizeof *out->medium);
	for (int k = 0; out->medium != NULL && k < KIND_COUNT; k++)
		if (in->url[k] != NULL && (k != KIND_IMAGE || out->image_template == NULL)) {
			out->medium[out->nmedium].kind = (enum kind)k;
			out->medium[out->nmedium++].url = in->url[k];
		}
	return out->medium != NULL;
}

/* Makes checks 10 to 17 on all slides and builds the slides on the way. */
static bool
slides_fail(struct arena *a, const struct request *r, const struct validate_env *env,
    struct template *t, struct failure *f)
{
	bool personal = false;

	for (size_t i = 0; i < r->nslide; i++) {
		const struct request_slide *in = &r->slide[i];
		struct slide *out = &t->slide[i];

		if (!validate_text(a, in->text, &out->text))
			return failure_set(f, E503, 0);
		if (slide_fails(in, out->text, env->settings, i + 1, f))
			return true;
		if (in->image_template != NULL) {
			if (env->image_known == NULL ||
			    !env->image_known(env->ctx, in->image_template))
				return failure_set(f, E1130, i + 1);
			if (personal)
				return failure_set(f, E1131, 0);
			personal = true;
		}
		if (!build_slide(a, in, out))
			return failure_set(f, E503, 0);
	}
	return false;
}

struct template *
validate_save(struct arena *a, const struct request *r, const struct validate_env *env,
    struct failure *f)
{
	struct template *t = arena_zalloc(a, sizeof *t);

	*f = (struct failure){ .to = f->to };
	if (t == NULL) {
		f->code = E503;
		return NULL;
	}
	t->dialect = r->dialect;
	if (head_fails(a, r, env, t, f))
		return NULL;
	if (r->nslide == 0) {
		f->code = E312;
		return NULL;
	}
	if (r->nslide > env->settings->max_slides) {
		f->code = E225;
		return NULL;
	}
	t->nslide = r->nslide;
	if ((t->slide = arena_array(a, t->nslide, sizeof *t->slide)) == NULL) {
		f->code = E503;
		return NULL;
	}
	return slides_fail(a, r, env, t, f) ? NULL : t;
}
