/* uploads: see uploads.h */
#include "cgi/rest/uploads.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "cgi/call.h"
#include "cgi/rest/body.h"
#include "model/text.h"
#include "request/data_url.h"

/* Bytes that came with the request. */
struct brought {
	const void *bytes;
	size_t n;
	const char *type, *name; /* a name stands in for the path of a URL */
};

/* Writes the bytes to a file without a name. Returns -1 when that fails. */
static int
write_file(const struct settings *s, const struct brought *b)
{
	int fd = blob_temp(s);

	if (fd >= 0 && file_write(fd, b->bytes, b->n) == 0)
		return fd;
	log_error("writing a medium of a request: %m");
	file_close(&fd);
	return -1;
}

/* Makes the bytes the medium of a slide, counted from 1, and a short text its URL. Writes them to
 * *fd, unless they are there already. */
static bool
give(struct rest *r, unsigned long slide, enum kind k, const struct brought *b, int *fd)
{
	struct call *c = &r->call;
	const char **url = &c->request->slide[slide - 1].url[k];
	struct upload *u = &r->upload[c->nupload];

	if (*fd < 0 && (*fd = write_file(&c->app->settings, b)) < 0)
		return rest_fail(r, E503, 0, NULL);
	*u = (struct upload){ .slide = slide,
		.kind = k,
		.given = { .fd = *fd, .type = b->type, .name = b->name } };
	c->nupload++;
	*url = b->name[0] != '\0' ?
	    arena_printf(c->arena, "upload:%s", b->name) :
	    arena_printf(c->arena, "data:%.*s", (int)strcspn(b->type, ";"), b->type);
	return *url != NULL || rest_fail(r, E503, 0, NULL);
}

/* Fails with the code of a medium that cannot be fetched, for that slide. */
static bool
missing(struct rest *r, unsigned long slide, enum kind k)
{
	(void)rest_fail(r, arena_failed(r->call.arena) ? E503 : kind_copy_error(k), 0, NULL);
	r->call.failure.x = slide;
	return false;
}

static bool
take_data(struct rest *r, unsigned long slide, enum kind k, const char *url)
{
	struct data_url d;

	if (!data_url_read(r->call.arena, url, &d))
		return missing(r, slide, k);
	/* the files of the parts come first */
	return give(r, slide, k, &(struct brought){ d.bytes, d.n, d.type, "" },
	    &r->file[r->parts.n + r->call.nupload]);
}

/* Returns the part of the body with this name, or NULL. */
static const struct pair *
find_part(const struct rest *r, const char *name)
{
	for (size_t i = 0; i < r->parts.n; i++)
		if (strcmp(r->parts.v[i].name, name) == 0)
			return strcmp(name, REST_JSON) != 0 ? &r->parts.v[i] : NULL;
	return NULL;
}

static bool
take_part(struct rest *r, unsigned long slide, enum kind k)
{
	const struct request_slide *s = &r->call.request->slide[slide - 1];
	struct arena *a = r->call.arena;
	const struct pair *p;
	char *type, *name;

	if (request_wrong(s->part[k]) || s->url[k] != NULL)
		return rest_fail(r, E100, 0, "A medium has either a url or a part.");
	if ((p = find_part(r, s->part[k])) == NULL)
		return missing(r, slide, k);
	type = arena_strdup(a, p->type);
	name = arena_strdup(a, p->file != NULL && p->file[0] != '\0' ? p->file : p->name);
	if (type == NULL || name == NULL)
		return rest_fail(r, E503, 0, NULL);
	/* they are stored and shown, and heads of parts may hold anything */
	text_mend(type);
	text_mend(name);
	return give(r, slide, k, &(struct brought){ p->value, p->len, type, name },
	    &r->file[p - r->parts.v]);
}

/* Takes what one slide has of a kind. */
static bool
take(struct rest *r, unsigned long slide, enum kind k)
{
	const struct request_slide *s = &r->call.request->slide[slide - 1];
	const char *url = s->url[k];

	if (s->part[k] != NULL)
		return take_part(r, slide, k);
	return url == NULL || request_wrong(url) || !data_url_is(url) ||
	    take_data(r, slide, k, url);
}

/* Parts that no slide names are refused: whoever sent them meant them for something. */
static bool
all_used(struct rest *r)
{
	for (size_t i = 0; i < r->parts.n; i++)
		if (r->file[i] < 0 && strcmp(r->parts.v[i].name, REST_JSON) != 0)
			return rest_fail(r, E100, 0, "The body has a part that no slide names.");
	return true;
}

/* Makes room for a file of each part, and of each medium, which may be a data: URL. */
static bool
make_room(struct rest *r, size_t slides)
{
	struct arena *a = r->call.arena;
	size_t media = slides * KIND_COUNT, files = r->parts.n + media;

	r->upload = arena_array(a, media + 1, sizeof *r->upload);
	r->file = arena_array(a, files + 1, sizeof *r->file);
	if (r->upload == NULL || r->file == NULL)
		return rest_fail(r, E503, 0, NULL);
	while (r->nfile < files)
		r->file[r->nfile++] = -1;
	r->call.upload = r->upload;
	return true;
}

/* Takes all that the slides have. */
static bool
take_all(struct rest *r)
{
	size_t slides = r->call.request->nslide;

	if (slides > r->call.app->settings.max_slides || slides > REQUEST_SLIDES)
		return true; /* E225, which is the action's, after what it checks before */
	if (!make_room(r, slides))
		return false;
	for (size_t i = 0; i < slides; i++)
		for (int k = 0; k < KIND_COUNT; k++)
			if (!take(r, i + 1, (enum kind)k))
				return false;
	return all_used(r);
}

bool
uploads_take(struct rest *r)
{
	bool taken = take_all(r);

	body_end(r);
	return taken;
}

void
uploads_end(struct rest *r)
{
	for (size_t i = 0; i < r->nfile; i++)
		file_close(&r->file[i]);
	r->nfile = r->call.nupload = 0;
}
