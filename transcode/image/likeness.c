/*
 * likeness: see likeness.h
 *
 * The map starts with the answer of the process at work. Then it holds, for each frame compared,
 * the brightness (width x height bytes) and two planes of colour at half the size. A process that
 * its input has taken over can only write a wrong answer.
 */
#include "transcode/image/likeness.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/proc.h"
#include "transcode/child.h"
#include "transcode/image/image.h"
#include "transcode/image/pixels.h"
#include "transcode/ssim.h"
#include "transcode/transcode_child.h"

enum { PIXELS = 4000000, HEAD = 64 };

static uint32_t
half(uint32_t n)
{
	return (n + 1) / 2;
}

/* Returns which page is compared as frame k. */
static unsigned
page_of(const struct likeness *l, unsigned k)
{
	return (unsigned)((uint64_t)(2 * k + 1) * l->pages / (2 * l->frames));
}

/* ---- planes -------------------------------------------------------------- */

/* Fills one plane from width x height pixels of 3 bytes, with these weights of 65536. With step 2
 * it takes the mean of each 2 x 2 pixels (ITU-R BT.601). */
static void
fill_plane(const unsigned char *rgb, const struct likeness *l, const int weight[4], uint32_t step,
    unsigned char *out)
{
	for (uint32_t y = 0; y < l->height; y += step)
		for (uint32_t x = 0; x < l->width; x += step) {
			int v = weight[3] << 16, n = 0, sum[3] = { 0, 0, 0 };

			for (uint32_t j = y; j < y + step && j < l->height; j++)
				for (uint32_t i = x; i < x + step && i < l->width; i++, n++)
					for (int c = 0; c < 3; c++)
						sum[c] += rgb[((size_t)j * l->width + i) * 3 +
						    (unsigned)c];
			for (int c = 0; c < 3; c++)
				v += weight[c] * (sum[c] / n);
			*out++ = (unsigned char)(v < 0 ? 0 : v > 255 << 16 ? 255 : v >> 16);
		}
}

static void
fill_planes(const unsigned char *rgb, const struct likeness *l, unsigned char *out)
{
	static const int y[4] = { 16829, 33039, 6416, 16 }, cb[4] = { -9714, -19071, 28784, 128 },
			 cr[4] = { 28784, -24103, -4681, 128 };
	size_t whole = (size_t)l->width * l->height,
	       quarter = (size_t)half(l->width) * half(l->height);

	fill_plane(rgb, l, y, 1, out);
	fill_plane(rgb, l, cb, 2, out + whole);
	fill_plane(rgb, l, cr, 2, out + whole + quarter);
}

static double
alike(const unsigned char *a, const unsigned char *b, uint32_t w, uint32_t h)
{
	return ssim((struct ssim_plane){ a, w }, (struct ssim_plane){ b, w }, w, h);
}

static double
compare(const struct likeness *l, const unsigned char *a, const unsigned char *b)
{
	size_t whole = (size_t)l->width * l->height,
	       quarter = (size_t)half(l->width) * half(l->height);
	uint32_t w = half(l->width), h = half(l->height);

	return (4 * alike(a, b, l->width, l->height) + alike(a + whole, b + whole, w, h) +
		   alike(a + whole + quarter, b + whole + quarter, w, h)) /
	    6;
}

/* ---- the processes ------------------------------------------------------- */

struct part {
	const struct likeness *l;
	int fd;
	bool first; /* fills the map; else compares with it */
};

/* Processes each frame of the animation in turn. Returns false when one cannot be decoded. */
static bool
frames(const struct part *p, struct pixels *all, unsigned char *rgb, unsigned char *planes)
{
	const struct likeness *l = p->l;
	double sum = 0;

	for (unsigned k = 0; k < l->frames; k++) {
		unsigned char *kept = l->map + HEAD + k * l->plane;

		if (pixels_frame(all, page_of(l, k), l->width, l->height, rgb) != 0)
			return false;
		fill_planes(rgb, l, p->first ? kept : planes);
		if (!p->first)
			sum += compare(l, kept, planes);
	}
	*(double *)(void *)l->map = sum / l->frames;
	return true;
}

static int
work(void *ctx)
{
	const struct part *p = ctx;
	struct source src = { .format = FORMAT_GIF };
	struct transcode_result res;
	unsigned char *rgb = malloc((size_t)p->l->width * p->l->height * 3),
		      *planes = malloc(p->l->plane);
	struct pixels *all = NULL;
	uint32_t pages;
	bool ok;

	if (rgb == NULL || planes == NULL || !image_slurp(p->fd, &src, &res) ||
	    image_enter_cage(p->l->req) != 0)
		return TS_BROKEN;
	ok = (all = pixels_animation(&src, &pages)) != NULL && pages == p->l->pages &&
	    frames(p, all, rgb, planes);
	pixels_drop(&all);
	free(rgb);
	free(planes);
	free((void *)(uintptr_t)src.p);
	return ok ? 0 : TS_CORRUPT;
}

/* Returns 0 when done, 1 when the animation cannot be decoded, -1 when the fault is ours. */
static int
run(const struct likeness *l, int fd, bool first)
{
	struct part p = { l, fd, first };
	int status = proc_call(work, &p);

	if (status == 0)
		return 0;
	if (status > 0 && (WIFSIGNALED(status) || WEXITSTATUS(status) == TS_CORRUPT))
		return 1;
	return -1;
}

static size_t
map_size(const struct likeness *l)
{
	return HEAD + l->frames * l->plane;
}

int
likeness_begin(struct likeness *l, const struct transcode_request *req, int fd,
    const struct walk *w)
{
	uint64_t most = PIXELS / ((uint64_t)w->width * w->height);

	*l = (struct likeness){ .req = req,
		.width = w->width,
		.height = w->height,
		.pages = w->frames };
	l->frames = w->frames < LIKENESS_FRAMES ? w->frames : LIKENESS_FRAMES;
	if (l->frames > most)
		l->frames = most > 0 ? (unsigned)most : 1;
	l->plane = (size_t)w->width * w->height + 2 * (size_t)half(w->width) * half(w->height);
	l->map = mmap(NULL, map_size(l), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l->map == MAP_FAILED) {
		l->map = NULL;
		return -1;
	}
	return run(l, fd, true);
}

int
likeness_of(const struct likeness *l, int fd, double *score)
{
	int rc = run(l, fd, false);

	*score = rc == 0 ? *(const double *)(const void *)l->map : 0;
	if (rc == 0 && !(*score >= -1 && *score <= 1.000001))
		rc = 1;
	return rc;
}

void
likeness_end(struct likeness *l)
{
	if (l->map != NULL)
		(void)munmap(l->map, map_size(l));
	l->map = NULL;
}
