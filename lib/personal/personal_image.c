/*
 * picture: see picture.h. A session that ends without an answer is started once more:
 * it may have come to the end of its life. One that was just started is not: then the
 * picture, or the machine, is to blame, and the caller decides.
 */
#include "personal/personal_image.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "personal/render_pool.h"
#include "personal/render_session.h"

enum { WAIT_MS = 30000, KEY_CAP = CARD_ASK };

static enum picture_rc
failed(char why[TRANSCODE_WHY], const char *what)
{
	(void)snprintf(why, TRANSCODE_WHY, "%s", what);
	return PICTURE_FAILED;
}

/* What tells image templates apart: all of their record. */
static bool
key_of(const struct image_template *it, char key[SHA256_HEX])
{
	struct buf b;
	bool ok;

	buf_init(&b, KEY_CAP);
	image_template_encode(it, &b);
	if ((ok = buf_ok(&b)))
		crypt_sha256_hex(b.p, b.len, key);
	buf_free(&b);
	return ok;
}

static struct card *
open_session(struct transcoder *t, const struct settings *s, const struct image_template *it,
    struct transcode_result *res)
{
	struct transcode_request req;
	struct card *c;
	int fd = blob_open(s, it->sha);

	if (fd < 0) {
		*res = (struct transcode_result){ .status = TS_BROKEN };
		(void)snprintf(res->why, sizeof res->why, "the background cannot be opened: %m");
		return NULL;
	}
	transcode_request_init(&req, s, FORMAT_JPEG);
	c = card_open(t, &req, it, fd, res);
	file_close(&fd);
	return c;
}

/* One picture by the session of this place, which is started where there is none. */
static void *
draw(struct transcoder *t, const struct settings *s, const struct picture_want *want, const struct card_values *v,
    struct pool_place *at, struct arena *a, struct transcode_result *res)
{
	const struct card_want cw = { v, want->max_bytes, want->box };
	bool old = at->card != NULL, gone;
	void *p;

	if (old) {
		p = card_draw(at->card, &cw, a, res, &gone);
		if (!gone)
			return p;
		card_close(&at->card);
	}
	if ((at->card = open_session(t, s, want->it, res)) == NULL)
		return NULL;
	p = card_draw(at->card, &cw, a, res, &gone);
	if (gone)
		card_close(&at->card);
	return p;
}

static enum picture_rc
judge(const struct transcode_result *res, const void *p, struct compose_picture *out, char why[TRANSCODE_WHY])
{
	const struct transcode_output *o = &res->out[0];

	if (p != NULL) {
		*out = (struct compose_picture){ p, (size_t)o->bytes, o->width, o->height };
		return PICTURE_OK;
	}
	if (res->status == TS_OK) {
		(void)snprintf(why, TRANSCODE_WHY, "the picture does not fit the message");
		return PICTURE_TOO_BIG;
	}
	(void)snprintf(why, TRANSCODE_WHY, "%s", res->why);
	return res->status == TS_VALUE ? PICTURE_VALUE : PICTURE_FAILED;
}

enum picture_rc
picture_render(struct transcoder *t, const struct settings *s, const struct picture_want *want, struct arena *a,
    struct compose_picture *out, char why[TRANSCODE_WHY])
{
	struct card_pool *pool = pool_of(t);
	struct transcode_result res;
	struct card_values v;
	struct pool_place *at;
	char key[SHA256_HEX];
	enum picture_rc rc;
	void *p;

	if (!picture_fill(want, a, &v, why))
		return why[0] != '\0' ? PICTURE_VALUE : failed(why, "memory is short");
	if (pool == NULL || !key_of(want->it, key))
		return failed(why, "memory is short");
	if ((at = pool_enter(pool, key, WAIT_MS)) == NULL)
		return failed(why, "too many pictures wait already");
	p = draw(t, s, want, &v, at, a, &res);
	pool_leave(pool, at);
	if ((rc = judge(&res, p, out, why)) == PICTURE_FAILED)
		log_warn("picture of image template %llu: %s", (unsigned long long)want->it->id, why);
	return rc;
}
