/*
 * hosted_image: draws the recipient's personal image for a hosted page, each time it is
 * viewed. See hosted.h for what happens when it cannot be drawn.
 */
#include <inttypes.h>
#include <string.h>

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

static void
serve(struct answer *answer, const struct personal_image *p)
{
	char sha[SHA256_HEX], file[PAGE_NAME];

	crypt_sha256_hex(p->p, p->n, sha);
	page_save_name(FORMAT_JPEG, file);
	answer_medium_headers(answer, FORMAT_JPEG, sha, file);
	buf_init(&answer->body, p->n + 1);
	buf_add(&answer->body, p->p, p->n);
}

int
hosted_image(struct app *app, const struct template *t, const struct message *m, struct arena *a,
    struct answer *answer)
{
	const struct class *c = &app->settings.class[app->settings.nclass - 1];
	const struct image_tools tools = { app->transcoder, &app->settings };
	struct personal_image_want want = { .var = m->var,
		.nvar = m->nvar,
		.max_bytes = c->bytes,
		.box = c->box };
	struct image_template *it;
	struct personal_image p;
	char why[TRANSCODE_WHY] = "the image template is gone";
	enum personal_image_rc rc = PERSONAL_IMAGE_VALUE;
	enum store_rc src = find(app, t, m, a, &it);

	if (src == ST_OK) {
		want.it = it;
		rc = personal_image_render(&tools, &want, a, &p, why);
	} else if (src != ST_NOTFOUND) {
		log_error("reading an image template: %s", store_rc_text(src));
		return 503;
	}
	if (rc == PERSONAL_IMAGE_OK) {
		serve(answer, &p);
		return buf_ok(&answer->body) ? 200 : 503;
	}
	log_warn("the personal image of message %s: %s", m->tracking, why);
	return rc == PERSONAL_IMAGE_FAILED ? 503 : 404;
}
