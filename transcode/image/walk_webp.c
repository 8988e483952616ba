/*
 * walk_webp: walks WebP chunks (RFC 9649).
 */
#include "transcode/image/walk.h"

#include <string.h>

#include "base/num.h"

static uint32_t
le24(const unsigned char *p)
{
	return (uint32_t)num_little(p, 3);
}

static void
grow(struct walk *w, uint32_t width, uint32_t height)
{
	w->width = width > w->width ? width : w->width;
	w->height = height > w->height ? height : w->height;
}

/* Reads the extended header (RFC 9649 2.7.1): flags and canvas. */
static void
extended(const unsigned char *d, size_t len, struct walk *w)
{
	if (len < 10)
		return;
	w->alpha = w->alpha || (d[0] & 0x10) != 0;
	w->animated = (d[0] & 0x02) != 0;
	grow(w, le24(d + 4) + 1, le24(d + 7) + 1);
}

static void
animation_frame(const unsigned char *d, size_t len, struct walk *w)
{
	if (len < 16)
		return;
	w->frames++;
	w->ms += le24(d + 12);
	grow(w, le24(d) * 2 + le24(d + 6) + 1, le24(d + 3) * 2 + le24(d + 9) + 1);
}

/* Reads the size from the bitstream (RFC 6386 9.1 and RFC 9649 3.4). */
static void
bitstream(const unsigned char *id, const unsigned char *d, size_t len, struct walk *w)
{
	if (id[3] == ' ' && len >= 10 && memcmp(d + 3, "\x9d\x01\x2a", 3) == 0) {
		grow(w, le24(d + 6) & 0x3fff, le24(d + 7) >> 8 & 0x3fff);
	} else if (id[3] == 'L' && len >= 5 && d[0] == 0x2f) {
		uint32_t bits = num_little32(d + 1);

		grow(w, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
		w->alpha = w->alpha || (bits >> 28 & 1) != 0;
	}
}

static uint32_t
number(const unsigned char *p, unsigned n, bool little)
{
	return (uint32_t)(little ? num_little(p, n) : num_big(p, n));
}

/* Returns the orientation in the first folder of a TIFF header (Exif 2.3, 4.6.2, 4.6.4 A); 0 when
 * there is no valid one. */
static unsigned
orientation(const unsigned char *p, size_t n)
{
	bool little;
	size_t at, count;

	if (n >= 6 && memcmp(p, "Exif\0\0", 6) == 0) { /* some writers keep JPEG's prefix */
		p += 6;
		n -= 6;
	}
	if (n < 8 || (memcmp(p, "II*\0", 4) != 0 && memcmp(p, "MM\0*", 4) != 0))
		return 0;
	little = p[0] == 'I';
	at = number(p + 4, 4, little);
	if (at > n || n - at < 2)
		return 0;
	count = number(p + at, 2, little);
	for (at += 2; count > 0 && n - at >= 12; count--, at += 12) {
		uint32_t v = number(p + at + 8, 2, little);

		if (number(p + at, 2, little) == 0x0112 && number(p + at + 2, 2, little) == 3)
			return v >= 1 && v <= 8 ? v : 0;
	}
	return 0;
}

bool
walk_webp(const unsigned char *p, size_t n, struct walk *w)
{
	size_t at = 12, end;
	bool picture = false;

	if (n < 20 || memcmp(p, "RIFF", 4) != 0 || memcmp(p + 8, "WEBP", 4) != 0)
		return false;
	end = (size_t)num_little32(p + 4) + 8;
	w->whole = end <= n;
	if (end > n)
		end = n;
	w->frames = 0;
	while (at < end && end - at >= 8) {
		const unsigned char *id = p + at, *d = id + 8;
		size_t len = num_little32(id + 4), have = end - at - 8 < len ? end - at - 8 : len;

		if (memcmp(id, "VP8X", 4) == 0)
			extended(d, have, w);
		else if (memcmp(id, "ANMF", 4) == 0)
			animation_frame(d, have, w);
		else if (memcmp(id, "EXIF", 4) == 0 && w->turn == 0)
			w->turn = orientation(d, have);
		else if (memcmp(id, "VP8", 3) == 0)
			bitstream(id, d, have, w);
		if (have < len) {
			w->whole = false;
			w->end = at;
		} else if (memcmp(id, "VP8 ", 4) == 0 || memcmp(id, "VP8L", 4) == 0) {
			picture = true;
		}
		at += 8 + have + (have & 1);
	}
	if (w->end == 0)
		w->end = at;
	w->ready = picture && !w->whole && !w->animated;
	w->animated = w->animated && w->frames > 1;
	if (w->frames == 0)
		w->frames = 1;
	return true;
}
