/*
 * personal_image: see personal_image.h. If a session ends without an answer, another is started:
 * the old one may have come to the end of its life. That cannot be true of one that was just
 * started. Then the image, or the machine, is to blame, and the caller decides.
 */
#include "personal/personal_image.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "media/transcode_made.h"
#include "personal/render_pool.h"
#include "personal/render_session.h"
#include "personal/render_session_values.h"

enum { WAIT_MS = 30000, KEY_CAP = RENDER_ASK };

static enum personal_image_rc
failed(char why[TRANSCODE_WHY], const char *what)
{
	(void)snprintf(why, TRANSCODE_WHY, "%s", what);
	return PERSONAL_IMAGE_FAILED;
}

/* Makes the key that tells image templates apart, from the whole of the record. Returns false if
 * memory is short. */
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

enum personal_image_rc
personal_image_tag(const struct personal_image_want *want, struct arena *a, char tag[SHA256_HEX],
    char why[TRANSCODE_WHY])
{
	struct render_values v;
	char key[SHA256_HEX];
	struct buf b;
	bool ok;

	if (!personal_image_fill(want, a, &v, why))
		return why[0] != '\0' ? PERSONAL_IMAGE_VALUE : failed(why, "out of memory");
	if (!key_of(want->it, key))
		return failed(why, "out of memory");
	buf_init(&b, 2 * KEY_CAP);
	buf_printf(&b, PACKAGE_VERSION " %s %" PRIu64 " %" PRIu32 "\n", key, want->max_bytes,
	    want->box);
	render_values_encode(&v, &b);
	if ((ok = buf_ok(&b)) == true)
		crypt_sha256_hex(b.p, b.len, tag);
	buf_free(&b);
	return ok ? PERSONAL_IMAGE_OK : failed(why, "out of memory");
}

static struct render *
open_session(const struct image_tools *tools, const struct personal_image_want *want,
    struct transcode_result *res)
{
	const struct image_template *it = want->it;
	struct transcode_request req;
	struct render *c;
	int fd = blob_open(tools->settings, it->sha);

	if (fd < 0) {
		*res = (struct transcode_result){ .status = TS_BROKEN };
		(void)snprintf(res->why, sizeof res->why, "the background cannot be opened: %m");
		return NULL;
	}
	transcode_request_init(&req, tools->settings, FORMAT_JPEG);
	req.account = it->account;
	c = render_open(tools->transcoder, &(struct render_start){ &req, it, fd, want->until },
	    res);
	file_close(&fd);
	return c;
}

/* The place of a session, and what it takes to start one there. */
struct session_place {
	const struct image_tools *tools;
	const struct personal_image_want *want;
	struct render_pool_place *place;
};

/* Draws one image in the session of this place, and starts a session if there is none. Returns
 * what render_draw() does. */
static void *
draw(const struct session_place *at, const struct render_want *want, struct arena *a,
    struct transcode_result *res)
{
	struct render **session = &at->place->session;
	bool gone;
	void *p;

	if (*session != NULL) {
		p = render_draw(*session, want, a, res, &gone);
		if (!gone)
			return p;
		render_close(session);
	}
	if ((*session = open_session(at->tools, at->want, res)) == NULL)
		return NULL;
	p = render_draw(*session, want, a, res, &gone);
	if (gone)
		render_close(session);
	return p;
}

static enum personal_image_rc
judge(const struct transcode_result *res, const void *p, struct personal_image *out,
    char why[TRANSCODE_WHY])
{
	const struct transcode_output *o = &res->out[0];

	if (p != NULL) {
		*out = (struct personal_image){ p, (size_t)o->bytes, o->width, o->height };
		return PERSONAL_IMAGE_OK;
	}
	if (res->status == TS_OK) {
		(void)snprintf(why, TRANSCODE_WHY,
		    "the personal image does not fit into the message");
		return PERSONAL_IMAGE_TOO_BIG;
	}
	(void)snprintf(why, TRANSCODE_WHY, "%s", res->why);
	return res->status == TS_VALUE ? PERSONAL_IMAGE_VALUE : PERSONAL_IMAGE_FAILED;
}

/* Returns how long to wait for a place. */
static int
wait_ms(const struct personal_image_want *want)
{
	int64_t left = (want->until - clock_mono()) / 1000;

	return want->until == 0 || left > WAIT_MS ? WAIT_MS : left > 0 ? (int)left : 0;
}

enum personal_image_rc
personal_image_render(const struct image_tools *tools, const struct personal_image_want *want,
    struct arena *a, struct personal_image *out, char why[TRANSCODE_WHY])
{
	struct render_pool *pool = render_pool_of(tools->transcoder);
	struct session_place at = { .tools = tools, .want = want };
	struct render_values v;
	const struct render_want drawn = { &v, want->max_bytes, want->box, want->until };
	struct transcode_result res;
	char key[SHA256_HEX];
	enum personal_image_rc rc;
	void *p;

	if (!personal_image_fill(want, a, &v, why))
		return why[0] != '\0' ? PERSONAL_IMAGE_VALUE : failed(why, "out of memory");
	if (pool == NULL || !key_of(want->it, key))
		return failed(why, "out of memory");
	if ((at.place = render_pool_enter(pool, key, wait_ms(want))) == NULL)
		return failed(why, "too many personal images are waiting");
	p = draw(&at, &drawn, a, &res);
	render_pool_leave(pool, at.place);
	if ((rc = judge(&res, p, out, why)) == PERSONAL_IMAGE_FAILED)
		log_warn("personal image of image template %llu: %s",
		    (unsigned long long)want->it->id, why);
	return rc;
}
