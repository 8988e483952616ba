/* lost: see lost.h */
#include "transcode/lost.h"

#include <math.h>

#define SMALL (1.0 / 4096) /* eight steps of 16 bits */
#define RAISED (1.0 / 1024)
#define FAR_OVER 1.5        /* what lossy decoders go beyond full scale is less */
#define BEYOND 4294967296.0 /* no scale of samples reaches so far: damage */

enum {
	HEARD = 4, /* steps below the loudest that count as heard */
	LESS = 1,  /* steps that an encoder may take from them */
	SILENCE = LEVEL_STEPS - 1,
};

/* Returns a sample within full scale. */
static double
within(float v)
{
	return isnan(v) ? 0 : v > 1 ? 1 : v < -1 ? -1 : (double)v;
}

/* Returns how many whole steps of 10 dB the power is below full scale. */
static unsigned
steps_down(double power)
{
	unsigned k = 0;

	for (double least = 0.1; k < SILENCE && power <= least; least /= 10)
		k++;
	return k;
}

/* Returns the power of n samples around the straight line that is nearest to them. */
static double
power_of(const float *p, size_t n, size_t step)
{
	double sum = 0, squares = 0, slope = 0, middle = ((double)n - 1) / 2;
	double spread = ((double)n * (double)n - 1) / 12; /* variance of 0..n - 1 */

	for (size_t i = 0; i < n; i++) {
		double v = within(p[i * step]);

		sum += v;
		squares += v * v;
		slope += v * ((double)i - middle);
	}
	sum /= (double)n;
	slope /= (double)n;
	return squares / (double)n - sum * sum - (n > 1 ? slope * slope / spread : 0);
}

static void
add_piece(struct level *l, const float *p, size_t n, size_t step)
{
	unsigned down = steps_down(power_of(p, n, step));
	double peak = 0;

	for (size_t i = 0; i < n; i++) {
		double size = fabs((double)p[i * step]);

		if (size > peak && size <= BEYOND)
			peak = size;
	}
	l->peak = peak > l->peak ? peak : l->peak;
	l->samples[down] += n;
	l->over += down < SILENCE && peak > FAR_OVER ? n : 0;
}

void
level_add(struct level *l, const float *p, size_t n, size_t step)
{
	for (size_t at = 0, piece; at < n; at += piece) {
		piece = n - at < LEVEL_PIECE ? n - at : LEVEL_PIECE;
		add_piece(l, p + at * step, piece, step);
	}
}

void
level_add_short(struct level *l, const int16_t *s, size_t n, size_t step)
{
	float piece[LEVEL_PIECE];

	for (size_t at = 0, m; at < n; at += m) {
		m = n - at < LEVEL_PIECE ? n - at : LEVEL_PIECE;
		for (size_t i = 0; i < m; i++)
			piece[i] = (float)s[(at + i) * step] / 32768;
		level_add(l, piece, m, 1);
	}
}

/* Returns the samples of the steps from first to last that are not silent. */
static uint64_t
samples(const struct level *l, unsigned first, unsigned last)
{
	uint64_t n = 0;

	for (unsigned k = first; k <= last && k < SILENCE; k++)
		n += l->samples[k];
	return n;
}

/* Returns the step of the loudest piece. */
static unsigned
loudest(const struct level *l)
{
	unsigned k = 0;

	while (k < SILENCE && l->samples[k] == 0)
		k++;
	return k;
}

double
level_gain(const struct level *l)
{
	if (loudest(l) == SILENCE)
		return 1;
	if (l->peak < SMALL)
		return RAISED / l->peak;
	return l->over > 0 && l->over * 4 >= samples(l, 0, SILENCE) ? 1 / l->peak : 1;
}

bool
level_lost(const struct level *was, const struct level *made)
{
	unsigned from = loudest(was);
	uint64_t heard = samples(was, from, from + HEARD),
		 all = samples(was, 0, SILENCE) + was->samples[SILENCE];
	uint64_t left = samples(made, 0, from + HEARD + LESS),
		 of = samples(made, 0, SILENCE) + made->samples[SILENCE];

	if (from == SILENCE)
		return false;
	return of == 0 || (double)left / (double)of * 8 < (double)heard / (double)all;
}

/* ---- films ------------------------------------------------------------------------------- */

enum {
	CELLS = 8,    /* parts of a side */
	SHOWN = 24,   /* least difference that is something, of 255 */
	NOTHING = 3,  /* most difference that is nothing */
	BRIGHT = 64,  /* least mean that is not black */
	BLACK = 20,   /* most mean that is, of 16 to 235 */
	SHARE_OF = 8, /* frames of which one must show something */
};

struct sight {
	unsigned mean, spread;
};

/* Returns the mean of a part of the pixels. */
static unsigned
cell(const unsigned char *p, size_t stride, unsigned width, unsigned height)
{
	uint64_t sum = 0;

	for (unsigned y = 0; y < height; y++)
		for (unsigned x = 0; x < width; x++)
			sum += p[y * stride + x];
	return (unsigned)(sum / ((uint64_t)width * height));
}

static struct sight
sight_of(const unsigned char *p, size_t stride, unsigned width, unsigned height)
{
	unsigned least = 255, most = 0, sum = 0;
	unsigned nx = width < CELLS ? width : CELLS, ny = height < CELLS ? height : CELLS;

	for (unsigned i = 0; i < nx * ny; i++) {
		unsigned x = i % nx * width / nx, y = i / nx * height / ny;
		unsigned v = cell(p + y * stride + x, stride, (i % nx + 1) * width / nx - x,
		    (i / nx + 1) * height / ny - y);

		least = v < least ? v : least;
		most = v > most ? v : most;
		sum += v;
	}
	return (struct sight){ nx * ny > 0 ? sum / (nx * ny) : 0, most > least ? most - least : 0 };
}

/* Returns the brightness of a pixel on a ground (ITU-R BT.601). */
static unsigned char
grey_of(const unsigned char *rgba, enum ground g)
{
	unsigned grey = (299U * rgba[0] + 587U * rgba[1] + 114U * rgba[2]) / 1000;
	unsigned behind = g == GROUND_WHITE ? 255 : 0;

	if (g != GROUND_NONE)
		grey = (grey * rgba[3] + behind * (255U - rgba[3])) / 255;
	return (unsigned char)grey;
}

void
seen_source(struct seen *s, const unsigned char *rgba, size_t stride)
{
	unsigned char grey[SEEN_SIDE * SEEN_SIDE];

	s->looks++;
	for (enum ground g = 0; g < GROUNDS; g++) {
		struct sight v;

		for (size_t i = 0; i < sizeof grey; i++)
			grey[i] = grey_of(rgba + i / SEEN_SIDE * stride + i % SEEN_SIDE * 4, g);
		v = sight_of(grey, SEEN_SIDE, SEEN_SIDE, SEEN_SIDE);
		s->shows[g] += v.spread >= SHOWN;
		s->bright += g == GROUND_NONE && v.mean >= BRIGHT;
	}
}

void
seen_made(struct seen *s, const unsigned char *grey, size_t stride, unsigned width, unsigned height)
{
	struct sight v = sight_of(grey, stride, width, height);

	s->made++;
	s->spread = v.spread > s->spread ? v.spread : s->spread;
	s->mean = v.mean > s->mean ? v.mean : s->mean;
}

bool
seen_lost(const struct seen *s)
{
	unsigned shows = s->shows[GROUND_NONE];

	for (enum ground g = 0; g < GROUNDS; g++)
		shows = s->shows[g] > shows ? s->shows[g] : shows;
	if (s->looks == 0 || s->made == 0 || s->spread > NOTHING)
		return false;
	return shows * SHARE_OF >= s->looks ||
	    (s->bright * SHARE_OF >= s->looks && s->mean <= BLACK);
}

/* ---- pictures ---------------------------------------------------------------------------- */

#define FAINT 3.0
#define FAR_MORE 8 /* as often */

enum { GHOST = 16, OPAQUE = 128 }; /* least opacity that is seen; that stays in a GIF (libvips) */

bool
picture_faint(double spread)
{
	return spread < FAINT;
}

bool
picture_lost(double could, double made)
{
	return picture_faint(made) && !picture_faint(could) && could > FAR_MORE * made;
}

bool
picture_lost_in_gif(const uint64_t n[256])
{
	uint64_t shown = 0, opaque = 0;

	for (unsigned a = GHOST; a < 256; a++)
		shown += n[a];
	for (unsigned a = OPAQUE; a < 256; a++)
		opaque += n[a];
	return shown > 0 && opaque * FAR_MORE < shown;
}
