/*
 * image: implements pixels.h with libvips; frames of animations are in image_frames.c.
 *
 * The loader is always that of the type that was found, never libvips' guess, and a decoding error
 * of any kind is a failure. Known limit: when RLIMIT_AS refuses memory, a signal may end the
 * process, which the parent reports.
 */
#include <stdio.h>
#include <string.h>

#include <vips/vips.h>

#include "base/log.h"
#include "transcode/image/image.h"
#include "transcode/image/pixels.h"
#include "transcode/lost.h"
#include "transcode/transcode_child.h"

enum {
	SHRINK_MAX = 8, /* the factors that libjpeg offers while decoding */
	WHITE = 255,    /* behind what is transparent */
	BLACK = 0,      /* the same, for a picture that is white itself */
};

static VipsImage *
vips(const struct pixels *im)
{
	return (VipsImage *)(uintptr_t)im;
}

/* Drops warnings. They quote the file; what matters in them is in the error text. */
static void
no_log(const char *domain, GLogLevelFlags level, const char *text, void *ctx)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)ctx;
}

bool
image_setup(const char *program)
{
	(void)g_log_set_default_handler(no_log, NULL);
	if (vips_init(program) != 0) {
		log_error("libvips: %s", vips_error_buffer());
		return false;
	}
	vips_block_untrusted_set(TRUE);
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	vips_leak_set(FALSE);
	return true;
}

static void
replace(VipsImage **im, VipsImage *by)
{
	g_object_unref(*im);
	*im = by;
}

/* Opens the source, up to times smaller if the format can shrink while decoding. */
static VipsImage *
open_source(const struct source *src, int times)
{
	void *p = (void *)(uintptr_t)src->p;
	VipsImage *im = NULL;
	int rc = -1;

	if (src->format == FORMAT_JPEG)
		rc = vips_jpegload_buffer(p, src->n, &im, "access", VIPS_ACCESS_SEQUENTIAL,
		    "fail_on", VIPS_FAIL_ON_ERROR, "shrink", times, NULL);
	else if (src->format == FORMAT_PNG)
		rc = vips_pngload_buffer(p, src->n, &im, "access", VIPS_ACCESS_SEQUENTIAL,
		    "fail_on", VIPS_FAIL_ON_ERROR, NULL);
	else if (src->format == FORMAT_GIF)
		rc = vips_gifload_buffer(p, src->n, &im, "access", VIPS_ACCESS_SEQUENTIAL,
		    "fail_on", VIPS_FAIL_ON_ERROR, NULL);
	else if (src->format == FORMAT_WEBP)
		rc = vips_webpload_buffer(p, src->n, &im, "access", VIPS_ACCESS_SEQUENTIAL,
		    "fail_on", VIPS_FAIL_ON_ERROR, "scale", 1.0 / times, NULL);
	return rc == 0 ? im : NULL;
}

/* Returns how much smaller to decode. At least box pixels, give or take a fiftieth, must remain to
 * be resized from, so that the 4032 pixels of a 12 MP phone photo become 2016 for a box of 2048 at
 * half the work. */
static int
shrink_on_load(const struct source *src, uint32_t box)
{
	uint32_t longest = src->walk.width > src->walk.height ? src->walk.width : src->walk.height;
	int times = 1;

	while (times < SHRINK_MAX && longest / (2 * (uint32_t)times) >= box - box / 50)
		times *= 2;
	return times;
}

/* Converts to 8 bits, one or three bands, with this grey behind transparent pixels. */
static int
plain_pixels(VipsImage **im, double behind)
{
	VipsImage *t;

	if ((*im)->Type != VIPS_INTERPRETATION_sRGB && (*im)->Type != VIPS_INTERPRETATION_B_W) {
		if (vips_colourspace(*im, &t, VIPS_INTERPRETATION_sRGB, NULL) != 0)
			return -1;
		replace(im, t);
	}
	if (vips_image_hasalpha(*im)) {
		VipsArrayDouble *grey = vips_array_double_newv(1, behind);
		int rc = vips_flatten(*im, &t, "background", grey, NULL);

		vips_area_unref(VIPS_AREA(grey));
		if (rc != 0)
			return -1;
		replace(im, t);
	}
	if ((*im)->BandFmt != VIPS_FORMAT_UCHAR) {
		if (vips_cast_uchar(*im, &t, NULL) != 0)
			return -1;
		replace(im, t);
	}
	return 0;
}

/* Runs vips_thumbnail_image(), with a colour transform only if there is something to transform. An
 * image without a profile would otherwise go through the profile of sRGB and back, which turns
 * white into a tint. */
static int
thumbnail(VipsImage *im, VipsImage **t, uint32_t box)
{
	if (vips_image_get_typeof(im, VIPS_META_ICC_NAME) != 0 ||
	    im->Type == VIPS_INTERPRETATION_CMYK)
		return vips_thumbnail_image(im, t, (int)box, "height", (int)box, "size",
		    VIPS_SIZE_DOWN, "export_profile", "srgb", NULL);
	return vips_thumbnail_image(im, t, (int)box, "height", (int)box, "size", VIPS_SIZE_DOWN,
	    NULL);
}

/* How a source is decoded. */
struct decoding {
	uint32_t box;
	bool profile;  /* by its ICC profile, if it has one */
	bool had;      /* set: it has one */
	double behind; /* the grey behind transparent pixels */
};

/* Builds the lazy steps from an open source to plain pixels. */
static VipsImage *
pipeline(const struct source *src, struct decoding *d, bool *turned)
{
	uint32_t box = d->box;
	VipsImage *im = open_source(src, shrink_on_load(src, box)), *t;

	if (im == NULL)
		return NULL;
	d->had = vips_image_get_typeof(im, VIPS_META_ICC_NAME) != 0;
	if (!d->profile) {
		if (vips_copy(im, &t, NULL) != 0)
			goto fail;
		replace(&im, t);
		(void)vips_image_remove(im, VIPS_META_ICC_NAME);
	}
	*turned = vips_image_get_orientation_swap(im);
	if (thumbnail(im, &t, box) != 0)
		goto fail;
	replace(&im, t);
	if (plain_pixels(&im, d->behind) == 0)
		return im;
fail:
	g_object_unref(im);
	return NULL;
}

int
pixels_plain(struct pixels **im)
{
	VipsImage *t = vips(*im);
	int rc = plain_pixels(&t, WHITE);

	*im = (struct pixels *)t;
	return rc;
}

/* Decodes into memory. An ICC profile that cannot be used is ignored. */
static VipsImage *
decode(const struct source *src, struct decoding *d, bool *turned)
{
	VipsImage *im = pipeline(src, d, turned), *mem;

	if (im == NULL && d->profile) {
		vips_error_clear();
		d->profile = false;
		im = pipeline(src, d, turned);
	}
	if (im == NULL)
		return NULL;
	mem = vips_image_copy_memory(im);
	g_object_unref(im);
	return mem;
}

/* Returns the standard deviation of the samples; 0 when it cannot be told. */
static double
spread(VipsImage *im)
{
	double v;

	if (vips_deviate(im, &v, NULL) == 0)
		return v;
	vips_error_clear();
	return 0;
}

/* Replaces an image of which nothing is seen by what another decoding shows, if it shows more. */
static void
perhaps(VipsImage **im, const struct source *src, struct decoding d)
{
	bool turned;
	VipsImage *other = decode(src, &d, &turned);

	if (other == NULL)
		vips_error_clear();
	else if (picture_lost(spread(other), spread(*im)))
		replace(im, other);
	else
		g_object_unref(other);
}

struct pixels *
pixels_decode(const struct source *src, uint32_t box, bool *turned)
{
	struct decoding d = { .box = box, .profile = true, .behind = WHITE };
	VipsImage *im = decode(src, &d, turned);

	if (im == NULL || !picture_faint(spread(im)))
		return (struct pixels *)im;
	if (src->walk.alpha)
		perhaps(&im, src,
		    (struct decoding){ .box = box, .profile = true, .behind = BLACK });
	if (d.had)
		perhaps(&im, src, (struct decoding){ .box = box, .behind = WHITE });
	return (struct pixels *)im;
}

struct pixels *
pixels_within(struct pixels *p, uint32_t box)
{
	VipsImage *im = vips(p), *t, *mem;

	if (pixels_width(p) <= box && pixels_height(p) <= box) {
		g_object_ref(im);
		return p;
	}
	if (vips_thumbnail_image(im, &t, (int)box, "height", (int)box, "size", VIPS_SIZE_DOWN,
		"no_rotate", TRUE, NULL) != 0)
		return NULL;
	mem = vips_image_copy_memory(t);
	g_object_unref(t);
	return (struct pixels *)mem;
}

void
pixels_drop(struct pixels **im)
{
	if (*im != NULL)
		g_object_unref(vips(*im));
	*im = NULL;
}

uint32_t
pixels_width(const struct pixels *im)
{
	return (uint32_t)vips(im)->Xsize;
}

uint32_t
pixels_height(const struct pixels *im)
{
	return (uint32_t)vips(im)->Ysize;
}

void
pixels_encoded_free(struct encoded *e)
{
	if (!e->lent)
		g_free(e->p);
	*e = (struct encoded){ .p = NULL };
}

enum transcode_status
pixels_error(enum transcode_status usual, char *out, size_t size)
{
	(void)snprintf(out, size, "%s", vips_error_buffer());
	for (char *s = out; (s = strchr(s, '\n')) != NULL; s++)
		*s = s[1] != '\0' ? ';' : '\0';
	vips_error_clear();
	if (strncmp(out, "glib:", 5) == 0)
		return TS_BROKEN;
	return strstr(out, "out of memory") != NULL ? TS_LIMIT : usual;
}

/* Adds the JFIF header that libvips leaves out when it strips metadata, because MMS requires JPEG
 * with JFIF (3GPP TS 26.140). Density 1:1, no thumbnail. */
static int
add_jfif(struct encoded *e)
{
	static const unsigned char jfif[] = { 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0,
		1, 0, 1, 0, 0 };
	unsigned char *p, *old = e->p;

	if (e->n < 4 || old[3] == 0xe0)
		return 0;
	if ((p = g_try_malloc(e->n + sizeof jfif)) == NULL)
		return -1;
	memcpy(p, old, 2);
	memcpy(p + 2, jfif, sizeof jfif);
	memcpy(p + 2 + sizeof jfif, old + 2, e->n - 2);
	g_free(old);
	e->p = p;
	e->n += sizeof jfif;
	return 0;
}

int
pixels_jpeg(struct pixels *im, int quality, struct encoded *e)
{
	*e = (struct encoded){ .quality = quality,
		.format = FORMAT_JPEG,
		.width = pixels_width(im),
		.height = pixels_height(im) };
	if (vips_jpegsave_buffer(vips(im), &e->p, &e->n, "Q", quality, "optimize_coding", TRUE,
		"interlace", FALSE, "subsample_mode", VIPS_FOREIGN_SUBSAMPLE_ON, "strip", TRUE,
		NULL) != 0)
		return -1;
	return add_jfif(e);
}

/* The PNG is in full colour, because libvips' palettes are near the colours, not exact. */
int
pixels_png(struct pixels *im, struct encoded *e)
{
	*e = (struct encoded){ .format = FORMAT_PNG,
		.width = pixels_width(im),
		.height = pixels_height(im) };
	return vips_pngsave_buffer(vips(im), &e->p, &e->n, "compression", 9, "filter",
	    VIPS_FOREIGN_PNG_FILTER_NONE, "strip", TRUE, NULL);
}

struct pixels *
pixels_of_rgb(const void *rgb, uint32_t width, uint32_t height)
{
	VipsImage *im = vips_image_new_from_memory(rgb, (size_t)width * height * 3, (int)width,
		      (int)height, 3, VIPS_FORMAT_UCHAR),
		  *t;

	if (im == NULL || vips_copy(im, &t, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) != 0)
		t = NULL;
	if (im != NULL)
		g_object_unref(im);
	return (struct pixels *)t;
}

int
pixels_to_rgb(struct pixels *im, void *rgb)
{
	VipsImage *from = vips(im), *t;
	size_t n;
	void *p;

	if (vips_colourspace(from, &t, VIPS_INTERPRETATION_sRGB, NULL) != 0)
		return -1;
	p = vips_image_write_to_memory(t, &n);
	if (p != NULL && n == (size_t)from->Xsize * (size_t)from->Ysize * 3)
		memcpy(rgb, p, n);
	else
		n = 0;
	g_free(p);
	g_object_unref(t);
	return n > 0 ? 0 : -1;
}
