/*
 * walk_gif: walks GIF blocks (CompuServe GIF89a) to the trailer.
 *
 * It is needed because decoders accept an animation whose end is missing (savemms-media(7),
 * Damage), and because a small file can ask for a huge canvas through its screen or any of its
 * frames (Bombs).
 */
#include "transcode/image/walk.h"

#include <string.h>

#include "base/num.h"

enum { IMAGE = 0x2c, EXTENSION = 0x21, TRAILER = 0x3b, CONTROL = 0xf9 };

struct gif {
	const unsigned char *p;
	size_t n, at;
};

static uint32_t
le16(const unsigned char *p)
{
	return (uint32_t)num_little(p, 2);
}

static size_t
table_bytes(unsigned packed)
{
	return (packed & 0x80) != 0 ? (size_t)3 << ((packed & 7) + 1) : 0;
}

/* Skips k bytes. Returns false when there are fewer. */
static bool
skip(struct gif *g, size_t k)
{
	if (g->n - g->at < k)
		return false;
	g->at += k;
	return true;
}

/* Skips data sub-blocks up to and including the empty one that ends them. */
static bool
skip_blocks(struct gif *g)
{
	while (g->at < g->n) {
		size_t len = g->p[g->at];

		if (!skip(g, len + 1))
			return false;
		if (len == 0)
			return true;
	}
	return false;
}

static bool
image(struct gif *g, struct walk *w)
{
	const unsigned char *d = g->p + g->at;
	uint32_t right, bottom;

	if (!skip(g, 9))
		return false;
	right = le16(d) + le16(d + 4);
	bottom = le16(d + 2) + le16(d + 6);
	w->width = right > w->width ? right : w->width;
	w->height = bottom > w->height ? bottom : w->height;
	if (le16(d + 4) == 0 || le16(d + 6) == 0)
		return false;
	if (!skip(g, table_bytes(d[8]) + 1) || !skip_blocks(g))
		return false;
	w->frames++;
	w->ready = true;
	return true;
}

static bool
extension(struct gif *g, struct walk *w)
{
	const unsigned char *d = g->p + g->at;

	if (g->n - g->at >= 6 && d[0] == CONTROL && d[1] == 4) {
		uint32_t ms = le16(d + 3) * 10U; /* from hundredths of a second */

		w->alpha = w->alpha || (d[2] & 1) != 0;
		w->ms = ms > UINT32_MAX - w->ms ? UINT32_MAX : w->ms + ms;
		w->ready = false; /* it announces a frame */
	}
	return skip(g, 1) && skip_blocks(g);
}

bool
walk_gif(const unsigned char *p, size_t n, struct walk *w)
{
	struct gif g = { p, n, 13 };
	bool ok = true;

	if (n < 13 || (memcmp(p, "GIF87a", 6) != 0 && memcmp(p, "GIF89a", 6) != 0))
		return false;
	w->width = le16(p + 6);
	w->height = le16(p + 8);
	w->frames = 0;
	w->palette = true;
	ok = skip(&g, table_bytes(p[10]));
	w->cut = !ok;
	w->end = ok ? g.at : n;
	while (ok && g.at < n) {
		unsigned block = p[g.at++];

		if (block == TRAILER) {
			w->whole = w->frames > 0;
			break;
		}
		if (block == IMAGE)
			ok = image(&g, w);
		else if (block == EXTENSION)
			ok = extension(&g, w);
		else if (block != 0) /* some writers leave one empty sub-block too many */
			break;
		w->cut = !ok;
		if (ok && block != 0)
			w->end = g.at;
	}
	w->ready = w->ready && !w->whole;
	w->animated = w->frames > 1;
	/* a file cut inside its first frame still has a size to judge */
	if (w->frames == 0)
		w->frames = 1;
	return true;
}
