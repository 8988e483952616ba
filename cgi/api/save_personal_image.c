/*
 * save_personal_image: makes the personal image of a saveMMS, drawn with the defaults. See
 * save.h.
 *
 * The template keeps the id of the image template and, as a medium, the image with the
 * defaults of the tags. So everything that measures, shows or copies media sees an image of
 * known size. Sending makes another image for each recipient (lib/personal/personal_image.h).
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "blob/blob.h"
#include "cgi/api/save.h"
#include "personal/personal_image.h"

bool
save_image_known(void *ctx, const char *id)
{
	struct save *sv = ctx;
	struct call *c = sv->call;
	uint64_t n;

	sv->image_rc = ST_NOTFOUND;
	if (num_u64(id, 1, INT64_MAX, &n))
		sv->image_rc = store_image_get(c->app->store, c->account.id, n, c->arena,
		    &sv->image);
	return sv->image_rc == ST_OK;
}

bool
save_personal_medium(struct save *sv)
{
	for (size_t i = 0; i < sv->t->nslide; i++) {
		struct slide *s = &sv->t->slide[i];
		struct medium *m;

		if (s->image_template == NULL)
			continue;
		if ((m = arena_array(sv->call->arena, s->nmedium + 1, sizeof *m)) == NULL)
			return false;
		if (s->nmedium > 0)
			memcpy(m + 1, s->medium, s->nmedium * sizeof *m);
		m[0] = (struct medium){ .kind = KIND_IMAGE,
			.format = FORMAT_JPEG,
			.url = "",
			.mime = format_mime(FORMAT_JPEG) };
		s->medium = m;
		s->nmedium++;
	}
	return true;
}

/* Returns the descriptor of a temporary file with the bytes of p, or -1 with errno set. */
static int
file_of(const struct settings *s, const struct personal_image *p)
{
	int fd = blob_temp(s);

	if (fd >= 0 && file_write(fd, p->p, p->n) != 0)
		file_close(&fd);
	return fd;
}

/* Draws the image with the defaults, or opens the background if they cannot be drawn. Returns a
 * descriptor, or -1 on failure (logged). */
static int
draw(const struct save *sv, const struct save_item *it)
{
	struct app *app = sv->call->app;
	const struct image_tools tools = { app->transcoder, &app->settings };
	const struct personal_image_want want = { .it = sv->image,
		.max_bytes = sv->budget[app->settings.nclass - 1],
		.box = app->settings.class[app->settings.nclass - 1].box,
		.until = clock_mono() + (int64_t)settings_image_ms(&app->settings) * 1000 };
	struct personal_image p;
	char why[TRANSCODE_WHY] = "no class has room for it";
	enum personal_image_rc rc = PERSONAL_IMAGE_TOO_BIG;
	int fd;

	if (want.max_bytes > 0)
		rc = personal_image_render(&tools, &want, sv->call->arena, &p, why);
	if (rc == PERSONAL_IMAGE_FAILED)
		return -1;
	if (rc != PERSONAL_IMAGE_OK)
		log_info("slide %lu: the background is used for image template %s: %s", it->slide,
		    sv->t->slide[it->slide - 1].image_template, why);
	fd = rc == PERSONAL_IMAGE_OK ? file_of(&app->settings, &p) :
				       blob_open(&app->settings, sv->image->sha);
	if (fd < 0)
		log_error("the image file of slide %lu cannot be written or opened: %m", it->slide);
	return fd;
}

void
save_personal_image(struct save *sv)
{
	struct save_item *it = &sv->item[sv->nitem - 1]; /* behind the fetched items */

	it->fetch->fd = draw(sv, it);
	if (it->fetch->fd < 0 || crypt_sha256_file(it->fetch->fd, it->m->sha, &it->m->bytes) != 0) {
		it->error = E503;
		return;
	}
	it->m->width = sv->image->width;
	it->m->height = sv->image->height;
	it->error = sv->t->transcoding ? save_start(sv, it, sv->budget) : E_NONE;
}
