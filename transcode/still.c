/*
 * still: the renditions of one still image.
 *
 * Promises that a result is a baseline JPEG (or a small PNG) in sRGB, upright,
 * without transparency and metadata, within box and budget, or is marked as not
 * attainable; and that the source was decoded to its end before TS_OK is said.
 * It is decoded once; every further target is made from the pixels of the one before.
 */
#include <errno.h>
#include <string.h>

#include "file.h"
#include "transcode/image.h"
#include "transcode/image_search.h"
#include "transcode/pixels.h"
#include "transcode/transcode_child.h"

enum {
	PNG_MAX = 64 << 10,	/* MEDIA.md 2.2 */
	OUTPUT_MB = 64,		/* RLIMIT_FSIZE: far over any budget */
};

/* One still image and what has been made of it. */
struct still {
	const struct transcode_request *req;
	const struct source *src;
	struct transcode_result *res;
	struct pixels *level;		/* of the last box */
	uint32_t level_w[TRANSCODE_TARGETS], level_h[TRANSCODE_TARGETS];	/* by target */
};

static int
failed(struct transcode_result *res, enum transcode_status status, const char *step)
{
	char text[TRANSCODE_WHY];

	pixels_error(text, sizeof text);
	/* what glib complains of is the system, not the picture: no thread, no memory */
	return child_fail(res, strncmp(text, "glib:", 5) == 0 ? TS_BROKEN : status, "%s: %s", step, text);
}

static void
replace(struct pixels **im, struct pixels *by)
{
	pixels_drop(im);
	*im = by;
}

static uint32_t
longest(const struct pixels *im)
{
	uint32_t w = pixels_width(im), h = pixels_height(im);

	return w > h ? w : h;
}

/* Looks for the best JPEG of level, or of a smaller copy, within the budget
 * (image_search.h). 0 with *best, whose p stays NULL when there is none; -1 when
 * libvips failed. *im is level, referenced, and what it is replaced by. */
static int
search_jpeg(struct pixels *level, struct pixels **im, uint64_t budget, struct encoded *best)
{
	struct encoded now;
	struct search s;
	enum search_verdict v;
	uint32_t box;

	for (search_start(&s, budget, QUALITY_BEST);;) {
		uint64_t n;

		if (pixels_jpeg(*im, s.q, &now) != 0)
			return -1;
		n = now.n;
		v = search_step(&s, n);
		if (n <= budget) {
			encoded_free(best);
			*best = now;
		} else {
			encoded_free(&now);
		}
		if (v == SEARCH_AGAIN)
			continue;
		if (v != SEARCH_SMALLER || (box = search_shrink(longest(*im), n, budget)) == 0)
			return 0;
		replace(im, pixels_within(level, box));
		if (*im == NULL)
			return -1;
		search_start(&s, budget, QUALITY_SHRUNK);
	}
}

int
pixels_fit_jpeg(struct pixels *level, uint64_t budget, struct encoded *best)
{
	struct pixels *im = pixels_within(level, longest(level));
	int rc = im != NULL ? search_jpeg(level, &im, budget, best) : -1;

	pixels_drop(&im);
	return rc;
}

/* A palette picture that is smaller as PNG becomes one (MEDIA.md 2.2). */
static int
perhaps_png(const struct still *s, uint64_t budget, struct encoded *best)
{
	const struct walk *w = &s->src->walk;
	struct encoded e;

	if (!w->palette || w->alpha || (uint64_t)pixels_width(s->level) * pixels_height(s->level) !=
	    (uint64_t)w->width * w->height)
		return 0;
	if (pixels_png(s->level, &e) != 0)
		return -1;
	if (e.n <= PNG_MAX && e.n <= budget && (best->p == NULL || e.n < best->n)) {
		encoded_free(best);
		*best = e;
	} else {
		encoded_free(&e);
	}
	return 0;
}

/* A source that is already what we would make goes out as it came: it holds
 * nothing but the picture, and encoding it again would only cost quality. */
static bool
pass_through(const struct still *s, unsigned i)
{
	const struct walk *w = &s->src->walk;
	const struct transcode_target *t = &s->req->target[i];

	return s->src->format == FORMAT_JPEG && w->plain && w->width <= t->box &&
	    w->height <= t->box && s->src->n <= t->budget;
}

/* Is there a file made from the same pixels that fits target i as well? */
static bool
share(struct still *s, unsigned i, const unsigned *order, unsigned done)
{
	for (unsigned k = 0; k < done; k++) {
		const struct transcode_output *o = &s->res->out[order[k]];

		if (o->fits && s->level_w[order[k]] == s->level_w[i] &&
		    s->level_h[order[k]] == s->level_h[i] && o->bytes <= s->req->target[i].budget) {
			s->res->out[i] = *o;
			return true;
		}
	}
	return false;
}

static int
write_output(struct still *s, unsigned i, int fd, const struct encoded *e)
{
	s->res->out[i] = (struct transcode_output){
		.fits = 1, .same_as = i, .format = e->format, .quality = (uint32_t)e->quality,
		.width = e->width, .height = e->height, .bytes = e->n,
	};
	if (file_write(fd, e->p, e->n) == 0)
		return 0;
	(void)child_fail(s->res, TS_BROKEN, "output cannot be written: %m");
	return -1;
}

/* Makes target i from the pixels of s->level. 0, or -1 with res set. */
static int
make_target(struct still *s, unsigned i, int fd)
{
	struct encoded best = { .p = NULL };
	uint64_t budget = s->req->target[i].budget;
	int rc;

	if (pass_through(s, i))
		return write_output(s, i, fd, &(struct encoded){
		    .p = (void *)(uintptr_t)s->src->p, .n = s->src->n, .format = FORMAT_JPEG,
		    .width = s->src->walk.width, .height = s->src->walk.height });
	rc = pixels_fit_jpeg(s->level, budget, &best);
	if (rc == 0 && !s->req->jpeg)
		rc = perhaps_png(s, budget, &best);
	if (rc != 0)
		(void)failed(s->res, TS_BROKEN, "encode");
	else if (best.p != NULL)
		rc = write_output(s, i, fd, &best);
	encoded_free(&best);
	return rc;
}

static int
all_targets(struct still *s, const unsigned *order, const int *out)
{
	for (unsigned k = 0; k < s->req->ntargets; k++) {
		unsigned i = order[k];
		struct pixels *t = pixels_within(s->level, s->req->target[i].box);

		if (t == NULL)
			return failed(s->res, TS_BROKEN, "resize");
		replace(&s->level, t);
		s->level_w[i] = pixels_width(t);
		s->level_h[i] = pixels_height(t);
		if (!share(s, i, order, k) && make_target(s, i, out[i]) != 0)
			return 0;
	}
	s->res->status = TS_OK;
	return 0;
}

int
image_enter_cage(const struct transcode_request *req)
{
	const struct cage c = { .calls = CAGE_DECODE, .cpu_s = req->cpu_s, .memory_mb = req->memory_mb,
		.file_mb = OUTPUT_MB };

	return cage_enter(&c) >= 0 ? 0 : -1;
}

int
still_run(const struct transcode_request *req, const struct source *src, const int *out,
    struct transcode_result *res)
{
	struct still s = { .req = req, .src = src, .res = res };
	unsigned order[TRANSCODE_TARGETS];
	bool turned = false;
	int rc;

	if (image_enter_cage(req) != 0)
		return child_fail(res, TS_BROKEN, "cage: %m");
	target_order(req, order);
	s.level = pixels_decode(src, req->target[order[0]].box, &turned);
	res->width = turned ? src->walk.height : src->walk.width;
	res->height = turned ? src->walk.width : src->walk.height;
	if (s.level == NULL)
		return failed(res, TS_CORRUPT, "decode");
	rc = all_targets(&s, order, out);
	pixels_drop(&s.level);
	return rc;
}
