/* walk: see walk.h. This file has the choice of walker, the limits, and the PNG walker. */
#include "transcode/image/walk.h"

#include <string.h>

#include "base/num.h"

bool
walk(enum format f, const unsigned char *p, size_t n, struct walk *w)
{
	bool ok = false;

	memset(w, 0, sizeof *w);
	w->frames = 1;
	if (f == FORMAT_JPEG)
		ok = walk_jpeg(p, n, w);
	else if (f == FORMAT_PNG)
		ok = walk_png(p, n, w);
	else if (f == FORMAT_GIF)
		ok = walk_gif(p, n, w);
	else if (f == FORMAT_WEBP)
		ok = walk_webp(p, n, w);
	return ok && w->width > 0 && w->height > 0 && w->frames > 0;
}

const char *
walk_over(const struct walk *w, uint64_t max_pixels, uint32_t max_frames)
{
	uint64_t pixels = (uint64_t)w->width * w->height;

	if (w->width > WALK_SIDE || w->height > WALK_SIDE)
		return "a side is over 16384 pixels";
	if (pixels > max_pixels)
		return "too many pixels";
	if (w->animated && w->frames > max_frames)
		return "too many frames";
	if (w->animated && pixels > (uint64_t)WALK_FRAMES_MP * 1000000 / w->frames)
		return "too many pixels in all frames";
	return NULL;
}

/* Walks PNG (W3C, third edition): signature, IHDR, chunks to IEND. */
bool
walk_png(const unsigned char *p, size_t n, struct walk *w)
{
	size_t at = 8;
	unsigned depth, colour;

	if (n < 33 || memcmp(p, "\x89PNG\r\n\x1a\n", 8) != 0 || memcmp(p + 12, "IHDR", 4) != 0)
		return false;
	w->width = num_big32(p + 16);
	w->height = num_big32(p + 20);
	depth = p[24];
	colour = p[25];
	w->palette = colour == 3 || (colour == 0 && depth < 8);
	w->alpha = colour == 4 || colour == 6;
	while (n - at >= 12) {
		size_t len = num_big32(p + at);

		if (len > n - at - 12 || p[at + 4] == 0) /* zeros are no chunk */
			break;
		if (memcmp(p + at + 4, "tRNS", 4) == 0)
			w->alpha = true;
		if (memcmp(p + at + 4, "IDAT", 4) == 0)
			w->ready = true;
		if (memcmp(p + at + 4, "IEND", 4) == 0) {
			w->whole = true;
			break;
		}
		at += 12 + len;
	}
	w->end = at;
	w->ready = !w->whole && (w->ready || (n - at > 8 && memcmp(p + at + 4, "IDAT", 4) == 0));
	return w->width <= INT32_MAX && w->height <= INT32_MAX;
}
