/* uploads: see uploads.h */
#include "cgi/rest/uploads.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "cgi/call.h"
#include "request/data_url.h"

/* Writes the bytes to a file without a name. Returns -1 when that fails. */
static int
write_file(const struct settings *s, const struct data_url *d)
{
	int fd = blob_temp(s);

	if (fd >= 0 && file_write(fd, d->bytes, d->n) == 0)
		return fd;
	log_error("writing a medium of a request: %m");
	file_close(&fd);
	return -1;
}

/* Takes one medium. slide counts from 1. */
static bool
take(struct rest *r, unsigned long slide, enum kind k, struct upload *u)
{
	struct call *c = &r->call;
	const char **url = &c->request->slide[slide - 1].url[k];
	struct data_url d;

	if (!data_url_read(c->arena, *url, &d)) {
		(void)rest_fail(r, arena_failed(c->arena) ? E503 : kind_copy_error(k), 0, NULL);
		c->failure.x = slide;
		return false;
	}
	*u = (struct upload){ .slide = slide,
		.kind = k,
		.given = { .fd = write_file(&c->app->settings, &d), .type = d.type, .name = "" } };
	if (u->given.fd < 0 ||
	    (*url = arena_printf(c->arena, "data:%.*s", (int)strcspn(d.type, ";"), d.type)) == NULL)
		return rest_fail(r, E503, 0, NULL);
	return true;
}

bool
uploads_take(struct rest *r)
{
	struct call *c = &r->call;
	size_t slides = c->request->nslide < REQUEST_SLIDES ? c->request->nslide : REQUEST_SLIDES;

	if ((r->upload = arena_array(c->arena, slides * KIND_COUNT + 1, sizeof *r->upload)) == NULL)
		return rest_fail(r, E503, 0, NULL);
	c->upload = r->upload;
	for (size_t i = 0; i < slides; i++)
		for (int k = 0; k < KIND_COUNT; k++) {
			const char *url = c->request->slide[i].url[k];

			if (url == NULL || request_wrong(url) || !data_url_is(url))
				continue;
			if (!take(r, i + 1, (enum kind)k, &r->upload[c->nupload]))
				return false;
			c->nupload++;
		}
	return true;
}

void
uploads_end(struct rest *r)
{
	for (size_t i = 0; i < r->call.nupload; i++)
		file_close(&r->upload[i].given.fd);
	r->call.nupload = 0;
}
