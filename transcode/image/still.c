/*
 * still: makes the renditions of one still image.
 *
 * A result is a baseline JPEG (or a small PNG) in sRGB, upright, without transparency or metadata,
 * and within box and budget; or it is marked as over its budget and is the smallest possible.
 * TS_OK is reported only if the source was decoded to its end. The source is decoded once; each
 * further target is made from the pixels of the one before. All results are kept until each target
 * has the best one that fits it (target_pick()).
 */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "transcode/child.h"
#include "transcode/image/image.h"
#include "transcode/image/image_search.h"
#include "transcode/image/jpeg_rows.h"
#include "transcode/image/pixels.h"
#include "transcode/image/still.h"
#include "transcode/image/target_order.h"
#include "transcode/transcode_child.h"

enum {
	PNG_MAX = 64 << 10, /* savemms-media(7), Images */
	OUTPUT_MB = 64,     /* RLIMIT_FSIZE: far above any budget */
};

/* One still image and what has been made of it. */
struct still {
	const struct transcode_request *req;
	const struct source *src;
	struct transcode_result *res;
	struct pixels *level[TRANSCODE_TARGETS]; /* by target: all pixels that its box allows */
	struct encoded made[TRANSCODE_TARGETS];  /* by target; p NULL: another's serves */
};

static int
failed(struct transcode_result *res, enum transcode_status usual, const char *step)
{
	char text[TRANSCODE_WHY];
	enum transcode_status status = pixels_error(usual, text, sizeof text);

	return child_fail(res, status, "%s: %s", step, text);
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

/* ---- JPEG ---------------------------------------------------------------- */

/* Keeps now as the best if it fits, or as the smallest while nothing fits; else frees it. */
static void
keep(struct encoded *best, struct encoded *now, uint64_t budget)
{
	if (best->p == NULL || now->n <= budget || (best->n > budget && now->n < best->n)) {
		pixels_encoded_free(best);
		*best = *now;
	} else {
		pixels_encoded_free(now);
	}
}

/* Limits for a JPEG: most bytes, least longest side, worst quality. */
struct wanted {
	uint64_t budget;
	uint32_t least;
	int worst;
};

/* Finds the best JPEG of level, or of a smaller copy, as wanted (image_search.h). *im is a
 * reference to level and may be replaced by a smaller copy. Returns 0, or -1 when encoding
 * failed. */
static int
search_jpeg(struct pixels *level, struct pixels **im, const struct wanted *w, struct encoded *best)
{
	struct encoded now;
	struct search s;
	enum search_verdict v;
	uint32_t box;

	for (search_start(&s, w->budget, w->worst);;) {
		uint64_t n;

		if (pixels_jpeg(*im, s.q, &now) != 0)
			return -1;
		n = now.n;
		v = search_step(&s, n);
		keep(best, &now, w->budget);
		if (v == SEARCH_AGAIN)
			continue;
		if (v != SEARCH_SMALLER ||
		    (box = search_shrink(longest(*im), n, w->budget, w->least)) == 0)
			return 0;
		replace(im, pixels_within(level, box));
		if (*im == NULL)
			return -1;
		search_shrunk(&s);
	}
}

static int
budget_jpeg(struct pixels *level, const struct wanted *w, struct encoded *best)
{
	struct pixels *im = pixels_within(level, longest(level));
	int rc = im != NULL ? search_jpeg(level, &im, w, best) : -1;

	pixels_drop(&im);
	return rc;
}

int
pixels_fit_jpeg(struct pixels *level, uint64_t budget, struct encoded *best)
{
	return budget_jpeg(level, &(struct wanted){ budget, 0, QUALITY_DRAWN }, best);
}

/* ---- one target ---------------------------------------------------------- */

/* Makes an image with a palette a PNG if that is smaller (savemms-media(7), Images). Returns 0 or
 * -1. */
static int
perhaps_png(const struct still *s, unsigned i, struct encoded *best)
{
	const struct walk *w = &s->src->walk;
	uint64_t budget = s->req->target[i].budget;
	struct encoded e;

	if (!w->palette || w->alpha ||
	    (uint64_t)pixels_width(s->level[i]) * pixels_height(s->level[i]) !=
		(uint64_t)w->width * w->height)
		return 0;
	if (pixels_png(s->level[i], &e) != 0)
		return -1;
	if (e.n <= PNG_MAX && e.n <= budget && (best->n > budget || e.n < best->n)) {
		pixels_encoded_free(best);
		*best = e;
	} else {
		pixels_encoded_free(&e);
	}
	return 0;
}

/* Tells whether the source already is what we would make. It is then copied: it holds nothing but
 * the image, and encoding it again would only cost quality. */
static bool
pass_through(const struct still *s, unsigned i)
{
	const struct walk *w = &s->src->walk;
	const struct transcode_target *t = &s->req->target[i];

	return s->src->format == FORMAT_JPEG && w->plain && w->width <= t->box &&
	    w->height <= t->box && s->src->n <= t->budget;
}

/* Tells whether a larger budget would give target i nothing better than e. */
static bool
is_best(const struct still *s, unsigned i, const struct encoded *e)
{
	return e->quality == 0 ||
	    (e->quality == QUALITY_BEST && e->width == pixels_width(s->level[i]) &&
		e->height == pixels_height(s->level[i]));
}

/* Makes target i. Returns 0, or -1 with res set. */
static int
make_target(struct still *s, unsigned i, uint32_t least)
{
	struct encoded *e = &s->made[i];
	int rc;

	if (pass_through(s, i)) {
		*e = (struct encoded){ .p = (void *)(uintptr_t)s->src->p,
			.n = s->src->n,
			.format = FORMAT_JPEG,
			.width = s->src->walk.width,
			.height = s->src->walk.height,
			.lent = true };
		return 0;
	}
	rc = budget_jpeg(s->level[i],
	    &(struct wanted){ s->req->target[i].budget, least, QUALITY_WORST }, e);
	if (rc == 0 && !s->req->jpeg)
		rc = perhaps_png(s, i, e);
	if (rc != 0)
		(void)failed(s->res, TS_BROKEN, "encode");
	return rc;
}

/* ---- all targets --------------------------------------------------------- */

/* Makes the pixels of each target's box from those of the largest. Returns 0, or -1 with res
 * set. */
static int
make_levels(struct still *s, const unsigned *order)
{
	for (unsigned k = 1; k < s->req->ntargets; k++) {
		s->level[order[k]] = pixels_within(s->level[order[k - 1]],
		    s->req->target[order[k]].box);
		if (s->level[order[k]] == NULL) {
			(void)failed(s->res, TS_BROKEN, "resize");
			return -1;
		}
	}
	return 0;
}

/* Makes what target i needs beyond what was made for the targets before it; it gets at least the
 * pixels of those whose box is no larger. Returns 0, or -1 with res set. */
static int
make_for(struct still *s, unsigned i)
{
	const struct transcode_target *t = s->req->target;
	uint32_t least = 0;

	for (unsigned k = 0; k < i; k++) {
		const struct encoded *e = &s->made[k];

		if (e->p == NULL || t[k].box > t[i].box || e->n > t[k].budget)
			continue;
		if (is_best(s, i, e) && (e->quality == 0 || !pass_through(s, i)))
			return 0;
		least = e->width > least ? e->width : least;
		least = e->height > least ? e->height : least;
	}
	return make_target(s, i, least);
}

/* Gives each target the best result that fits it; the file of the first target that has it holds
 * it. Returns 0, or -1 with res set. */
static int
hand_out(struct still *s, const int *out)
{
	unsigned owner[TRANSCODE_TARGETS];
	struct target_file f[TRANSCODE_TARGETS];
	unsigned n = s->req->ntargets;

	for (unsigned k = 0; k < n; k++) {
		const struct encoded *e = &s->made[k];

		f[k] = (struct target_file){ e->p != NULL ? e->n : 0, e->width, e->height,
			e->quality };
		owner[k] = TRANSCODE_TARGETS;
	}
	for (unsigned i = 0; i < n; i++) {
		int k = target_pick(&s->req->target[i], f, n);
		const struct encoded *e;

		if (k < 0)
			continue;
		e = &s->made[k];
		if (owner[k] == TRANSCODE_TARGETS) {
			owner[k] = i;
			if (file_write(out[i], e->p, e->n) != 0) {
				(void)child_fail(s->res, TS_BROKEN, "output cannot be written: %m");
				return -1;
			}
		}
		s->res->out[i] = (struct transcode_output){ .fits = e->n <=
			    s->req->target[i].budget,
			.best = is_best(s, i, e),
			.same_as = owner[k],
			.format = e->format,
			.quality = (uint32_t)e->quality,
			.width = e->width,
			.height = e->height,
			.bytes = e->n };
	}
	return 0;
}

int
image_enter_cage(const struct transcode_request *req)
{
	const struct cage c = { .calls = CAGE_DECODE,
		.cpu_s = req->cpu_s,
		.memory_mb = req->memory_mb,
		.file_mb = OUTPUT_MB };

	return cage_enter(&c) >= 0 ? 0 : -1;
}

int
still_run(const struct transcode_request *req, struct source *src, const int *out,
    struct transcode_result *res)
{
	struct still s = { .req = req, .src = src, .res = res };
	unsigned order[TRANSCODE_TARGETS];
	bool turned = false;
	int rc;

	if (image_enter_cage(req) != 0)
		return child_fail(res, TS_BROKEN, "cage: %m");
	if (src->mended && src->format == FORMAT_JPEG &&
	    !jpeg_rows((unsigned char *)(uintptr_t)src->p, &src->n, src->zeros))
		return child_fail(res, TS_CORRUPT, "its last rows are missing");
	target_order(req, order);
	s.level[order[0]] = pixels_decode(src, req->target[order[0]].box, &turned);
	res->width = turned ? src->walk.height : src->walk.width;
	res->height = turned ? src->walk.width : src->walk.height;
	if (s.level[order[0]] == NULL)
		return failed(res, TS_CORRUPT, "decode");
	rc = make_levels(&s, order);
	for (unsigned i = 0; rc == 0 && i < req->ntargets; i++)
		rc = make_for(&s, i);
	if (rc == 0 && hand_out(&s, out) == 0)
		res->status = TS_OK;
	for (unsigned i = 0; i < req->ntargets; i++) {
		pixels_encoded_free(&s.made[i]);
		pixels_drop(&s.level[i]);
	}
	return 0;
}
