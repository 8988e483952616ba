/*
 * image_run: takes an image through its child.
 *
 * It reads the source, judges its header with walkers of our own (walk.h), and chooses. libvips
 * decodes a still image in the tightest cage. An animated GIF goes to gifsicle. libvips first
 * converts an animated WebP to GIF in a process of its own, and gifsicle turns it upright. Known
 * limit: only the first frame of an animated PNG is used.
 */
#include <stdlib.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/proc.h"
#include "transcode/child.h"
#include "transcode/image/gif.h"
#include "transcode/image/image.h"
#include "transcode/image/image_frames.h"
#include "transcode/image/image_run.h"
#include "transcode/image/mend.h"
#include "transcode/image/still.h"
#include "transcode/transcode_child.h"

struct conversion {
	const struct transcode_request *req;
	const struct source *src;
	int fd;
};

static int
convert(void *ctx)
{
	const struct conversion *c = ctx;

	return webp_to_gif(c->req, c->src, c->fd);
}

/* Converts the animated WebP to a GIF in c->fd. Returns false with res set on failure. */
static bool
converted(struct conversion *c, struct transcode_result *res)
{
	int status = proc_call(convert, c);

	if (status == 0)
		return true;
	if (status < 0)
		(void)child_fail(res, TS_BROKEN, "animated WebP not converted: %m");
	else if (WIFSIGNALED(status))
		(void)child_fail(res, child_killed(WTERMSIG(status)),
		    "animated WebP not converted: signal %d", WTERMSIG(status));
	else
		(void)child_fail(res,
		    WEXITSTATUS(status) == TS_CORRUPT || WEXITSTATUS(status) == TS_LIMIT ?
			(enum transcode_status)WEXITSTATUS(status) :
			TS_BROKEN,
		    "animated WebP not converted");
	return false;
}

/* Makes an animation. gifsicle reads from a file whose position nobody else moves, because the
 * source may be open in other children too. */
static int
animation(const struct transcode_request *req, const struct source *src, const int *out,
    struct transcode_result *res)
{
	struct conversion c = { req, src, child_memfile("animation") };
	unsigned turn = src->format == FORMAT_GIF ? 0 : src->walk.turn;
	int rc = 0;

	if (c.fd < 0 || (src->format == FORMAT_GIF && file_write(c.fd, src->p, src->n) != 0))
		(void)child_fail(res, TS_BROKEN, "memory file: %m");
	else if (src->format == FORMAT_GIF || converted(&c, res))
		rc = gif_run(req, &(struct gif_source){ c.fd, turn }, out, res);
	file_close(&c.fd);
	return rc;
}

static int
choose(const struct transcode_request *req, struct source *src, const int *out,
    struct transcode_result *res)
{
	const struct walk *w = &src->walk;

	res->frames = w->frames;
	if (w->cut)
		return child_fail(res, TS_CORRUPT, "it ends inside a block");
	if (!w->animated)
		return still_run(req, src, out, res);
	res->width = w->turn >= 5 ? w->height : w->width;
	res->height = w->turn >= 5 ? w->width : w->height;
	res->ms = w->ms;
	if (!w->whole)
		return child_fail(res, TS_CORRUPT, "the animation is cut short");
	return animation(req, src, out, res);
}

/* Walks the source, and adds its end if nothing else is missing. Returns false when the header
 * cannot be read. */
static bool
read_source(struct source *src)
{
	unsigned char *p = (unsigned char *)(uintptr_t)src->p;

	if (!walk(src->format, p, src->n, &src->walk))
		return false;
	if (src->walk.whole || !mend(src->format, p, &src->n, &src->walk, &src->zeros))
		return true;
	src->mended = true;
	return walk(src->format, p, src->n, &src->walk);
}

int
image_run(const struct job_request *j, struct transcode_result *res)
{
	const struct transcode_request *req = &j->req;
	struct source src = { .format = (enum format)req->format };
	const char *over;
	int rc;

	if (!image_slurp(j->source, &src, res))
		return 0;
	if (!read_source(&src))
		rc = child_fail(res, TS_CORRUPT, "the header cannot be read");
	else if ((over = walk_over(&src.walk, req->max_pixels, req->max_frames)) != NULL)
		rc = child_fail(res, TS_TOO_BIG, "%s: %ux%u, %u frames", over,
		    (unsigned)src.walk.width, (unsigned)src.walk.height, (unsigned)src.walk.frames);
	else
		rc = choose(req, &src, j->out, res);
	free((void *)(uintptr_t)src.p);
	return rc;
}
