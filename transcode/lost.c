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
	BLACK = 5,    /* most mean that is */
	SHARE_OF = 8, /* frames of which one must show something */
};

struct sight {
	unsigned mean, spread;
};

/* A part of a plane: the pixels from x0 to before x1 and from y0 to before y1. */
struct part {
	unsigned x0, x1, y0, y1;
};

/* Returns part i of CELLS x CELLS, or of one for each pixel where a side has fewer; false after the
 * last. */
static bool
part_of(unsigned i, unsigned width, unsigned height, struct part *p)
{
	unsigned nx = width < CELLS ? width : CELLS, ny = height < CELLS ? height : CELLS;

	if (i >= nx * ny)
		return false;
	*p = (struct part){ i % nx * width / nx, (i % nx + 1) * width / nx, i / nx * height / ny,
		(i / nx + 1) * height / ny };
	return true;
}

static unsigned
mean_of(const unsigned char *plane, size_t stride, const struct part *p)
{
	uint64_t sum = 0;

	for (unsigned y = p->y0; y < p->y1; y++)
		for (unsigned x = p->x0; x < p->x1; x++)
			sum += plane[y * stride + x];
	return (unsigned)(sum / ((uint64_t)(p->x1 - p->x0) * (p->y1 - p->y0)));
}

struct sight_sum {
	unsigned n, least, most, sum;
};

static void
add_part(struct sight_sum *s, unsigned grey)
{
	s->least = s->n == 0 || grey < s->least ? grey : s->least;
	s->most = grey > s->most ? grey : s->most;
	s->sum += grey;
	s->n++;
}

static struct sight
sight_of(const struct sight_sum *s)
{
	return (struct sight){ s->n > 0 ? s->sum / s->n : 0, s->most - s->least };
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
	struct part part;

	s->looks++;
	for (enum ground g = 0; g < GROUNDS; g++) {
		struct sight_sum sum = { .n = 0 };
		struct sight v;

		for (size_t i = 0; i < sizeof grey; i++)
			grey[i] = grey_of(rgba + i / SEEN_SIDE * stride + i % SEEN_SIDE * 4, g);
		for (unsigned i = 0; part_of(i, SEEN_SIDE, SEEN_SIDE, &part); i++)
			add_part(&sum, mean_of(grey, SEEN_SIDE, &part));
		v = sight_of(&sum);
		s->shows[g] += v.spread >= SHOWN;
		s->bright += g == GROUND_NONE && v.mean >= BRIGHT;
	}
}

static unsigned char
byte(double v)
{
	return (unsigned char)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Returns the brightness with which a screen shows a colour of BT.709. A damaged film may have
 * colours that no screen has: without light but green, for example. */
static unsigned
shown(unsigned luma, unsigned blue, unsigned red)
{
	double y = 1.1644 * ((double)luma - 16), u = (double)blue - 128, v = (double)red - 128;
	unsigned char rgba[4] = { byte(y + 1.7927 * v), byte(y - 0.2132 * u - 0.5329 * v),
		byte(y + 2.1124 * u), 255 };

	return grey_of(rgba, GROUND_NONE);
}

void
seen_made(struct seen *s, const struct seen_frame *f)
{
	struct sight_sum sum = { .n = 0 };
	struct sight v;
	struct part p;

	for (unsigned i = 0; part_of(i, f->width, f->height, &p); i++) {
		struct part half = { p.x0 / 2, (p.x1 + 1) / 2, p.y0 / 2, (p.y1 + 1) / 2 };

		add_part(&sum,
		    shown(mean_of(f->plane[0], f->stride[0], &p),
			mean_of(f->plane[1], f->stride[1], &half),
			mean_of(f->plane[2], f->stride[2], &half)));
	}
	v = sight_of(&sum);
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
