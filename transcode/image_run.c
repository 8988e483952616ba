/*
 * image_run: the way of an image through its child.
 *
 * Reads the source, judges its header with walkers of our own (walk.h), and
 * chooses: a still image is decoded by libvips in the tightest cage; an animated
 * GIF goes to gifsicle; an animated WebP is first made a GIF by libvips in a
 * process of its own, and is turned upright by gifsicle. Known limit: of an animated
 * PNG only the first frame is used.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "transcode/image.h"
#include "transcode/transcode_child.h"

enum { SOURCE_MAX = 256 << 20 };	/* far over any limit a transfer is cut at (SPEC 3.5) */

/* The whole source in memory; false with res set. */
bool
image_slurp(int fd, struct source *src, struct transcode_result *res)
{
	int64_t size = file_size(fd);
	unsigned char *p;

	if (size <= 0 || size > SOURCE_MAX) {
		(void)child_fail(res, size > 0 ? TS_TOO_BIG : TS_CORRUPT, "%lld bytes", (long long)size);
		return false;
	}
	p = malloc((size_t)size);
	if (p == NULL || file_pread(fd, p, (size_t)size, 0) != (ssize_t)size) {
		free(p);
		(void)child_fail(res, TS_BROKEN, "source cannot be read: %m");
		return false;
	}
	src->p = p;
	src->n = (size_t)size;
	return true;
}

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

static int
animated_webp(const struct transcode_request *req, const struct source *src, const int *out,
    struct transcode_result *res)
{
	struct conversion c = { req, src, child_memfile("animation") };
	int status, rc;

	if (c.fd < 0)
		return child_fail(res, TS_BROKEN, "memory file: %m");
	status = child_part(convert, &c);
	if (status == 0)
		rc = gif_run(req, &(struct gif_source){ c.fd, src->walk.turn }, out, res);
	else if (status > 0 && WIFEXITED(status) && WEXITSTATUS(status) <= TS_BROKEN)
		rc = child_fail(res, (enum transcode_status)WEXITSTATUS(status), "animated WebP not converted");
	else
		rc = child_fail(res, status < 0 ? TS_BROKEN : TS_LIMIT,
		    "animated WebP not converted: wait status 0x%x", (unsigned)status);
	file_close(&c.fd);
	return rc;
}

static int
choose(const struct transcode_request *req, int source, const struct source *src, const int *out,
    struct transcode_result *res)
{
	const struct walk *w = &src->walk;

	res->frames = w->frames;
	if (w->cut)
		return child_fail(res, TS_CORRUPT, "ends inside a block");
	if (!w->animated)
		return still_run(req, src, out, res);
	res->width = w->turn >= 5 ? w->height : w->width;
	res->height = w->turn >= 5 ? w->width : w->height;
	res->ms = w->ms;
	if (!w->whole)
		return child_fail(res, TS_CORRUPT, "animation is cut short");
	if (src->format == FORMAT_GIF)
		return gif_run(req, &(struct gif_source){ source, 0 }, out, res);
	return animated_webp(req, src, out, res);
}

int
image_run(const struct transcode_request *req, int source, const int *out,
    struct transcode_result *res, int answer)
{
	struct source src = { .format = (enum format)req->format };
	const char *over;
	int rc;

	(void)answer;		/* nobody waits long enough for an image to be told of progress */
	if (!image_slurp(source, &src, res))
		return 0;
	if (!walk(src.format, src.p, src.n, &src.walk))
		rc = child_fail(res, TS_CORRUPT, "header cannot be read");
	else if ((over = walk_over(&src.walk, req->max_pixels, req->max_frames)) != NULL)
		rc = child_fail(res, TS_TOO_BIG, "%s: %ux%u, %u frames", over,
		    (unsigned)src.walk.width, (unsigned)src.walk.height, (unsigned)src.walk.frames);
	else
		rc = choose(req, source, &src, out, res);
	free((void *)(uintptr_t)src.p);
	return rc;
}
