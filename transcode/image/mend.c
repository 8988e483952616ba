/* mend: see mend.h. */
#include "transcode/image/mend.h"

#include <string.h>

#include "base/num.h"

enum {
	GIF_IMAGE = 0x2c,
	GIF_TRAILER = 0x3b,
	GIF_FRAME = 10, /* bytes of an image descriptor (GIF89a, 20) */
	CODES = 4096,   /* of GIF's LZW, 12 bits */
};

static void
put32(unsigned char *p, uint32_t v, bool little)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> 8 * (little ? i : 3 - i));
}

static bool
zeros(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* ---- JPEG -------------------------------------------------------------------------------- */

enum { END_MARK = 2 };

/* Puts an end mark behind the last scan, in place of half a mark or of zeros. A zero behind FF
 * belongs to the scan. */
static bool
mend_jpeg(unsigned char *p, size_t *n, const struct walk *w, size_t *zeros)
{
	size_t keep = *n;

	while (keep > w->end && p[keep - 1] == 0 && p[keep - 2] != 0xff)
		keep--;
	*zeros = *n - keep;
	if (keep > w->end && p[keep - 1] == 0xff)
		keep--;
	*n = mend_with_zeros(p, keep + END_MARK, 0);
	return true;
}

size_t
mend_with_zeros(unsigned char *p, size_t n, size_t zeros)
{
	memset(p + n - END_MARK, 0, zeros);
	memcpy(p + n - END_MARK + zeros, "\xff\xd9", END_MARK);
	return n + zeros;
}

/* ---- PNG --------------------------------------------------------------------------------- */

/* Returns the checksum of a chunk (PNG, third edition, annex D). */
static uint32_t
crc(const unsigned char *p, size_t n)
{
	uint32_t c = UINT32_MAX;

	while (n-- > 0) {
		c ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			c = (c & 1) != 0 ? c >> 1 ^ 0xedb88320U : c >> 1;
	}
	return ~c;
}

/* Ends the chunk of pixels that was cut, and puts IEND behind it, or in place of what is left of a
 * chunk behind the pixels: a text, a time or a frame of an APNG, which no rendition shows. The
 * decoder tells whether rows are missing. */
static bool
mend_png(unsigned char *p, size_t *n, const struct walk *w)
{
	static const unsigned char iend[12] = "\0\0\0\0IEND\xae\x42\x60\x82";
	size_t at = w->end, have;

	if (*n - at > 8 && memcmp(p + at + 4, "IDAT", 4) == 0) {
		have = *n - at - 8;
		if (have > num_big32(p + at))
			have = num_big32(p + at);
		put32(p + at, (uint32_t)have, false);
		put32(p + at + 8 + have, crc(p + at + 4, have + 4), false);
		at += 12 + have;
	}
	memcpy(p + at, iend, sizeof iend);
	*n = at + sizeof iend;
	return true;
}

/* ---- GIF --------------------------------------------------------------------------------- */

/* Reads the codes of a frame from its sub-blocks. */
struct codes {
	const unsigned char *p, *end;
	unsigned left; /* bytes of this sub-block */
	uint32_t bits;
	unsigned nbits;
};

/* Returns the next code of width bits, or -1 at the end of the data. */
static int
next_code(struct codes *c, unsigned width)
{
	int code;

	while (c->nbits < width) {
		if (c->left == 0 && (c->p == c->end || (c->left = *c->p++) == 0))
			return -1;
		if (c->p == c->end)
			return -1;
		c->bits |= (uint32_t)*c->p++ << c->nbits;
		c->nbits += 8;
		c->left--;
	}
	code = (int)(c->bits & ((1U << width) - 1));
	c->bits >>= width;
	c->nbits -= width;
	return code;
}

/* Tells whether the codes stand for as many pixels as wanted (GIF89a, appendix F). */
static bool
enough_pixels(struct codes *c, unsigned least, uint64_t wanted)
{
	uint16_t length[CODES]; /* pixels of each code */
	unsigned clear = 1U << least, next = clear + 2, width = least + 1, before = 0;
	uint64_t pixels = 0;
	int code;

	for (unsigned i = 0; i < clear; i++)
		length[i] = 1;
	while (pixels < wanted && (code = next_code(c, width)) >= 0) {
		unsigned at = (unsigned)code;

		if (at == clear + 1)
			break;
		if (at == clear) {
			next = clear + 2;
			width = least + 1;
			before = 0;
			continue;
		}
		if (at > next || (at >= clear && before == 0))
			return false;
		if (before > 0 && next < CODES) {
			length[next++] = (uint16_t)(before + 1);
			if (next == 1U << width && width < 12)
				width++;
		}
		if (at >= next)
			return false;
		before = length[at];
		pixels += before;
	}
	return pixels >= wanted;
}

/* Ends the frame at `at`, which was cut, if its pixels are all there. */
static bool
mend_frame(unsigned char *p, size_t *n, size_t at)
{
	const unsigned char *d = p + at + 1;
	size_t data = at + GIF_FRAME, block;
	uint64_t pixels;
	struct codes c;

	if (*n < data)
		return false;
	if ((d[8] & 0x80) != 0)
		data += (size_t)3 << ((d[8] & 7) + 1);
	if (*n <= data || p[data] < 1 || p[data] > 8)
		return false;
	pixels = (uint64_t)(d[4] | d[5] << 8) * (uint64_t)(d[6] | d[7] << 8);
	block = data + 1;
	c = (struct codes){ .p = p + block, .end = p + *n };
	if (pixels == 0 || !enough_pixels(&c, p[data], pixels))
		return false;
	while (block < *n && block + 1 + p[block] <= *n)
		block += 1U + p[block];
	if (block < *n) { /* the last sub-block is shorter than it says */
		if (block + 1 == *n)
			--*n;
		else
			p[block] = (unsigned char)(*n - block - 1);
	}
	p[(*n)++] = 0;
	p[(*n)++] = GIF_TRAILER;
	return true;
}

static bool
mend_gif(unsigned char *p, size_t *n, const struct walk *w)
{
	size_t at = w->end;

	if (at < *n && p[at] == GIF_IMAGE)
		return mend_frame(p, n, at);
	if (!w->ready || !zeros(p + at, *n - at))
		return false;
	p[at] = GIF_TRAILER;
	*n = at + 1;
	return true;
}

/* ---- WebP -------------------------------------------------------------------------------- */

/* Adds a byte of padding, or ends metadata that was cut, which comes last (RFC 9649, 2.7). What is
 * left of it may still say how the picture is turned. */
static bool
mend_webp(unsigned char *p, size_t *n, const struct walk *w)
{
	size_t at = w->end;

	if (at > *n && !w->ready && num_little32(p + 4) + UINT64_C(8) > at) {
		return false; /* more frames are announced than the last that is there */
	} else if (at > *n) {
		p[(*n)++] = 0;
	} else if (!w->ready &&
	    (*n - at < 4 || (memcmp(p + at, "EXIF", 4) != 0 && memcmp(p + at, "XMP ", 4) != 0))) {
		return false;
	} else if (*n - at <= 8) {
		*n = at;
	} else {
		put32(p + at + 4, (uint32_t)(*n - at - 8), true);
		if ((*n - at) % 2 != 0)
			p[(*n)++] = 0;
	}
	put32(p + 4, (uint32_t)(*n - 8), true);
	return true;
}

bool
mend(enum format f, unsigned char *p, size_t *n, const struct walk *w, size_t *zeros)
{
	*zeros = 0;
	switch (f) {
	case FORMAT_JPEG:
		return w->ready && mend_jpeg(p, n, w, zeros);
	case FORMAT_PNG:
		return w->ready && mend_png(p, n, w);
	case FORMAT_GIF:
		return mend_gif(p, n, w);
	case FORMAT_WEBP:
		return mend_webp(p, n, w);
	default:
		return false;
	}
}
