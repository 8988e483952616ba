/*
 * image_frames: reads the frames of a GIF and converts an animated WebP to GIF, with libvips.
 */
#include <vips/vips.h>

#include "base/file.h"
#include "transcode/image/image.h"
#include "transcode/image/image_frames.h"
#include "transcode/image/pixels.h"
#include "transcode/lost.h"
#include "transcode/transcode_child.h"

enum { GIF_EFFORT = 3 }; /* of 1..10: gifsicle compresses it again anyway */

struct pixels *
pixels_animation(const struct source *src, uint32_t *pages)
{
	VipsImage *im = NULL;

	if (vips_gifload_buffer((void *)(uintptr_t)src->p, src->n, &im, "n", -1, "access",
		VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL) != 0)
		return NULL;
	*pages = (uint32_t)vips_image_get_n_pages(im);
	return (struct pixels *)im;
}

/* Returns frame n of all, in memory and plain; NULL on failure. */
static VipsImage *
frame(VipsImage *all, uint32_t n)
{
	int height = vips_image_get_page_height(all);
	struct pixels *plain;
	VipsImage *t;

	if (vips_crop(all, &t, 0, (int)n * height, all->Xsize, height, NULL) != 0)
		return NULL;
	/* a sequential reader must reach the end before anything turns back */
	plain = (struct pixels *)vips_image_copy_memory(t);
	g_object_unref(t);
	if (plain != NULL && pixels_plain(&plain) != 0)
		pixels_drop(&plain);
	return (VipsImage *)plain;
}

/* Scales to width x height and leaves the centres of pixels in place; vips_resize() moves what it
 * enlarges by half a pixel (8.14, measured). */
static int
scale_up(VipsImage *im, VipsImage **out, uint32_t width, uint32_t height)
{
	VipsArrayInt *area = vips_array_int_newv(4, 0, 0, (int)width, (int)height);
	VipsInterpolate *cubic = vips_interpolate_new("bicubic");
	int rc = cubic != NULL ?
	    vips_affine(im, out, (double)width / im->Xsize, 0, 0, (double)height / im->Ysize,
		"interpolate", cubic, "oarea", area, "idx", 0.5, "idy", 0.5, "odx", -0.5, "ody",
		-0.5, "extend", VIPS_EXTEND_COPY, NULL) :
	    -1;

	if (cubic != NULL)
		g_object_unref(cubic);
	vips_area_unref(VIPS_AREA(area));
	return rc;
}

int
pixels_frame(struct pixels *all, uint32_t n, uint32_t width, uint32_t height, void *rgb)
{
	VipsImage *im = frame((VipsImage *)all, n), *t = NULL;
	int rc = -1;

	if (im != NULL && im->Xsize == (int)width && im->Ysize == (int)height)
		rc = pixels_to_rgb((struct pixels *)im, rgb);
	else if (im != NULL && scale_up(im, &t, width, height) == 0)
		rc = pixels_to_rgb((struct pixels *)t, rgb);
	if (t != NULL)
		g_object_unref(t);
	if (im != NULL)
		g_object_unref(im);
	return rc;
}

static int
fault(enum transcode_status usual)
{
	char text[TRANSCODE_WHY];

	return (int)pixels_error(usual, text, sizeof text);
}

/* Opens all frames of an animated WebP, to be taken in order. */
static VipsImage *
open_webp(const struct source *src)
{
	VipsImage *im = NULL;

	if (vips_webpload_buffer((void *)(uintptr_t)src->p, src->n, &im, "n", -1, "access",
		VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL) != 0)
		return NULL;
	return im;
}

/* Counts the pixels of each opacity. Returns 0 or -1. */
static int
count_alpha(VipsImage *im, uint64_t n[256])
{
	VipsImage *hist;
	size_t size = 0;
	uint32_t *p;

	if (vips_hist_find(im, &hist, "band", im->Bands - 1, NULL) != 0)
		return -1;
	p = vips_image_write_to_memory(hist, &size); /* of unsigned integers */
	for (unsigned i = 0; i < 256; i++)
		n[i] = p != NULL && hist->BandFmt == VIPS_FORMAT_UINT && i < size / sizeof *p ?
		    p[i] :
		    0;
	g_object_unref(hist);
	g_free(p);
	return p != NULL ? 0 : -1;
}

/* Puts a white ground behind frames of which a GIF would show next to nothing. */
static int
perhaps_on_white(VipsImage **im, const struct source *src)
{
	VipsImage *again, *t;
	uint64_t n[256];
	int rc;

	if (!vips_image_hasalpha(*im) || (*im)->BandFmt != VIPS_FORMAT_UCHAR)
		return 0;
	if ((again = open_webp(src)) == NULL)
		return -1;
	rc = count_alpha(again, n);
	g_object_unref(again);
	if (rc == 0 && picture_lost_in_gif(n)) {
		VipsArrayDouble *white = vips_array_double_newv(1, 255.0);

		rc = vips_flatten(*im, &t, "background", white, NULL);
		vips_area_unref(VIPS_AREA(white));
		if (rc == 0) {
			g_object_unref(*im);
			*im = t;
		}
	}
	return rc;
}

int
webp_to_gif(const struct transcode_request *req, const struct source *src, int fd)
{
	VipsImage *im;
	void *p = NULL;
	size_t n = 0;
	int rc;

	if (image_enter_cage(req) != 0)
		return TS_BROKEN;
	if ((im = open_webp(src)) == NULL)
		return fault(TS_CORRUPT);
	if (perhaps_on_white(&im, src) != 0) {
		g_object_unref(im);
		return fault(TS_CORRUPT);
	}
	rc = vips_gifsave_buffer(im, &p, &n, "effort", GIF_EFFORT, "strip", TRUE, NULL);
	g_object_unref(im);
	if (rc != 0)
		return fault(TS_CORRUPT); /* decoding happens during the save */
	rc = file_write(fd, p, n);
	g_free(p);
	return rc == 0 ? 0 : TS_BROKEN;
}
