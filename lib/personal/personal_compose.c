/* personal_compose: see personal_compose.h */
#include "personal/personal_compose.h"

#include <stdio.h>

#include "base/num.h"
#include "store/store.h"

/* The bytes that the part of the personal image may need beside the image itself, beyond those of
 * the default image, which has another type or is missing in a template that was saved without
 * it. */
enum { HEADERS = 512 };

/* Returns the slide with the personalized image, or NULL if there is none. */
static const struct slide *
personal_slide(const struct template *t)
{
	for (size_t i = 0; i < t->nslide; i++)
		if (t->slide[i].image_template != NULL)
			return &t->slide[i];
	return NULL;
}

/* Returns the bytes of the image with the default values, in this class. */
static uint64_t
default_bytes(const struct slide *s, const char *class)
{
	for (size_t i = 0; i < s->nmedium; i++)
		if (medium_is_personal_image(&s->medium[i])) {
			const struct rendition *r = medium_rendition(&s->medium[i], class);

			return r != NULL ? r->bytes : s->medium[i].bytes;
		}
	return 0;
}

static enum personal_image_rc
find(const struct personal_place *at, const struct slide *s, struct image_template **it,
    char why[TRANSCODE_WHY])
{
	enum store_rc rc = ST_NOTFOUND;
	uint64_t id;

	if (num_u64(s->image_template, 1, INT64_MAX, &id))
		rc = store_image_get(at->store, at->account, id, at->arena, it);
	if (rc == ST_OK)
		return PERSONAL_IMAGE_OK;
	(void)snprintf(why, TRANSCODE_WHY, "%s",
	    rc == ST_NOTFOUND ? "the image template was removed" : store_rc_text(rc));
	return rc == ST_NOTFOUND ? PERSONAL_IMAGE_VALUE : PERSONAL_IMAGE_FAILED;
}

/* Composes again, now with the personal image. */
static enum personal_image_rc
compose_with(const struct personal_place *at, const struct compose_in *base,
    const struct personal_image *p, struct choice *best, char why[TRANSCODE_WHY])
{
	struct compose_in in = *base;

	in.class = best->class->name;
	in.attach = best->attach;
	in.personal_image = p;
	if ((best->mms = compose_within(at->arena, at->d, &in)) == NULL) {
		(void)snprintf(why, TRANSCODE_WHY, "out of memory");
		return PERSONAL_IMAGE_FAILED;
	}
	if (compose_fits(at->d, best->mms))
		return PERSONAL_IMAGE_OK;
	(void)snprintf(why, TRANSCODE_WHY, "the personal image does not fit into the message");
	return PERSONAL_IMAGE_TOO_BIG;
}

enum personal_image_rc
personal_compose(const struct personal_place *at, const struct compose_in *base,
    struct choice *best, char why[TRANSCODE_WHY])
{
	const struct slide *s = personal_slide(base->t);
	struct personal_image_want want = { .var = base->m->var,
		.nvar = base->m->nvar,
		.box = best->class->box };
	struct image_template *it = NULL;
	struct personal_image p;
	enum personal_image_rc rc;
	uint64_t room;

	if (s == NULL)
		return PERSONAL_IMAGE_OK;
	if ((rc = find(at, s, &it, why)) != PERSONAL_IMAGE_OK)
		return rc;
	want.it = it;
	room = compose_room(at->d, best->mms, default_bytes(s, best->class->name));
	want.max_bytes = room > HEADERS ? room - HEADERS : 1;
	rc = personal_image_render(at->tools, &want, at->arena, &p, why);
	return rc == PERSONAL_IMAGE_OK ? compose_with(at, base, &p, best, why) : rc;
}
