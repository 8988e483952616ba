/*
 * hosted_image: draws the recipient's personal image for a hosted page, each time it is
 * viewed. See hosted.h for what happens when it cannot be drawn.
 */
#include <inttypes.h>
#include <string.h>

#include "base/condition.h"
#include "base/log.h"
#include "base/num.h"
#include "cgi/app.h"
#include "cgi/public/hosted.h"
#include "cgi/public/media_file.h"
#include "personal/personal_image.h"
#include "send/page.h"

/* Reads the image template of the message's MMS. Returns what the store returned. */
static enum store_rc
find(struct app *app, const struct template *t, const struct message *m, struct arena *a,
    struct image_template **it)
{
	uint64_t id;

	for (size_t i = 0; i < t->nslide; i++)
		if (t->slide[i].image_template != NULL &&
		    num_u64(t->slide[i].image_template, 1, INT64_MAX, &id))
			return store_image_get(app->store, m->account, id, a, it);
	return ST_NOTFOUND;
}

/* Tells whether the caller has the image of this tag. */
static bool
has_it(const struct http *h, const char *tag)
{
	const struct condition c = { .if_none_match = h->param(h->ctx, "HTTP_IF_NONE_MATCH"),
		.etag = tag };

	return condition_part(&c).status == 304;
}

/* Draws the image and makes it the answer, or only its headers if the caller has it: answer_send()
 * then sends 304. Returns what personal_image_render() does. */
static enum personal_image_rc
serve(const struct look *l, const struct personal_image_want *want, char why[TRANSCODE_WHY])
{
	const struct image_tools tools = { l->app->transcoder, &l->app->settings };
	char tag[SHA256_HEX], file[PAGE_NAME];
	enum personal_image_rc rc = personal_image_tag(want, l->arena, tag, why);
	struct personal_image p = { .n = 0 };

	if (rc == PERSONAL_IMAGE_OK && !has_it(l->http, tag))
		rc = personal_image_render(&tools, want, l->arena, &p, why);
	if (rc != PERSONAL_IMAGE_OK)
		return rc;
	page_save_name(FORMAT_JPEG, file);
	answer_medium_headers(l->answer, FORMAT_JPEG, tag, file);
	buf_init(&l->answer->body, p.n + 1);
	buf_add(&l->answer->body, p.p, p.n);
	return rc;
}

int
hosted_image(const struct look *l)
{
	const struct message *m = l->message;
	const struct class *c = &l->app->settings.class[l->app->settings.nclass - 1];
	struct personal_image_want want = { .var = m->var,
		.nvar = m->nvar,
		.max_bytes = c->bytes,
		.box = c->box };
	struct image_template *it;
	char why[TRANSCODE_WHY] = "the image template is gone";
	enum personal_image_rc rc = PERSONAL_IMAGE_VALUE;
	enum store_rc src = find(l->app, l->template, m, l->arena, &it);

	if (src == ST_OK) {
		want.it = it;
		rc = serve(l, &want, why);
	} else if (src != ST_NOTFOUND) {
		log_error("reading an image template: %s", store_rc_text(src));
		return 503;
	}
	if (rc == PERSONAL_IMAGE_OK)
		return buf_ok(&l->answer->body) ? 200 : 503;
	log_warn("the personal image of message %s: %s", m->tracking, why);
	return rc == PERSONAL_IMAGE_FAILED ? 503 : 404;
}
