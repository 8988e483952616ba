/* film_shape: decides on colours, interlacing and sizes; see film.h. Pure. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "transcode/av/film/film.h"

/* H.273. */
enum {
	M_709 = 1,
	M_UNKNOWN = 2,
	M_FCC = 4,
	M_470BG = 5,
	M_170M = 6,
	M_240M = 7,
	M_2020 = 9,
	M_2020_CL = 10,
	P_709 = 1,
	P_470M = 4,
	P_470BG = 5,
	P_170M = 6,
	P_240M = 7,
	P_2020 = 9,
	P_P3_DCI = 11,
	P_P3 = 12,
	T_PQ = 16,
	T_HLG = 18,
	HD_LINES = 720,
};

#define WHITE 203.0 /* diffuse white in cd/m2 (ITU-R BT.2408) */
#define PEAK 1000.0 /* greatest brightness in cd/m2 of a source that does not give it */
#define PEAK_MOST 10000.0
#define STAY 1.5      /* steps of CRF within which another rung is not tried */
#define SURE 0.9      /* share of a budget; what is predicted within it fits */
#define BITS_MOST 1.0 /* bits a pixel of the hardest video, noise, at best quality */

/* Returns the filters that turn and mirror frames that are already scaled. */
static const char *
turns(const struct av_turn *t)
{
	static const char *const names[4][2] = {
		{ "", ",hflip" },
		{ ",transpose=clock", ",transpose=clock,hflip" },
		{ ",hflip,vflip", ",vflip" },
		{ ",transpose=cclock", ",transpose=cclock,hflip" },
	};

	return names[t->quarters][t->mirrored];
}

/* Returns the matrix to use. Frames that name none, or one that no film has, have the usual one for
 * their size, as players assume. */
static int
matrix_of(const struct film_colours *c)
{
	switch (c->matrix) {
	case M_709:
	case M_FCC:
	case M_470BG:
	case M_170M:
	case M_240M:
	case M_2020:
		return c->matrix;
	case M_2020_CL: /* players treat it as the other */
		return M_2020;
	default:
		return c->height >= HD_LINES || c->width >= 1280 ? M_709 : M_170M;
	}
}

/* Returns the primaries to use: the usual ones if the frame names none. */
static int
primaries_of(const struct film_colours *c, int usual)
{
	switch (c->primaries) {
	case P_709:
	case P_470M:
	case P_470BG:
	case P_170M:
	case P_240M:
	case P_2020:
	case P_P3_DCI:
	case P_P3:
		return c->primaries;
	default:
		return usual;
	}
}

static void
hdr_chain(const struct film_colours *c, unsigned w, unsigned h, enum av_light light, char *chain)
{
	double peak = light == LIGHT_HLG || c->peak <= WHITE ? PEAK :
	    c->peak > PEAK_MOST                              ? PEAK_MOST :
							       c->peak;

	(void)snprintf(chain, FILM_CHAIN,
	    "setfield=prog,zscale=%u:%u:f=bicubic:tin=%d:min=%d:pin=%d:rin=%s:t=linear:npl=203:agamma=0:p=bt709,"
	    "format=gbrpf32le,tonemap=mobius:param=0.7:peak=%.3f:desat=0,zscale=t=bt709:m=bt709:r=tv:d=none,format=yuv420p",
	    w, h, light == LIGHT_PQ ? T_PQ : T_HLG, c->matrix == M_UNKNOWN ? M_2020 : matrix_of(c),
	    primaries_of(c, P_2020), c->full ? "full" : "limited", peak / WHITE);
}

/* Is this the matrix of BT.601, under one of its two numbers? */
static bool
matrix_601(const struct film_colours *c)
{
	return matrix_of(c) == M_170M || matrix_of(c) == M_470BG;
}

/* Tells whether the matrix or the primaries differ from those of BT.709. The matrix of BT.601 alone
 * does not count: the plain chain converts it. */
static bool
foreign(const struct film_colours *c)
{
	return !c->rgb &&
	    ((matrix_of(c) != M_709 && !matrix_601(c)) || primaries_of(c, P_709) != P_709);
}

/* Writes the chain that converts other colours to BT.709. A change of the matrix in integers
 * would tint greys (measured: by 3 of 255). Field flags are cleared, because they would move the
 * lines. */
static void
foreign_chain(const struct film_colours *c, unsigned w, unsigned h, char *chain)
{
	(void)snprintf(chain, FILM_CHAIN,
	    "setfield=prog,zscale=%u:%u:f=bicubic:min=%d:pin=%d:tin=1:rin=%s:m=bt709:p=bt709:t=bt709:"
	    "r=tv:d=none,format=yuv420p",
	    w, h, matrix_of(c), primaries_of(c, P_709), c->full ? "full" : "limited");
}

static void
plain_chain(const struct film_colours *c, unsigned w, unsigned h, char *chain)
{
	(void)snprintf(chain, FILM_CHAIN,
	    "scale=%u:%u:flags=bicubic:%sin_range=%s:out_color_matrix=bt709:out_range=tv,format=yuv420p",
	    w, h,
	    c->rgb            ? "" :
		matrix_601(c) ? "in_color_matrix=smpte170m:" :
				"in_color_matrix=bt709:",
	    c->full ? "pc" : "tv");
}

/* Writes the chain for frames with transparent parts. A white ground is a black one behind the
 * negative. */
static void
ground_chain(enum film_way way, unsigned w, unsigned h, char *chain)
{
	const char *negate = way == FILM_ON_WHITE ? "negate," : "";

	(void)snprintf(chain, FILM_CHAIN,
	    "format=gbrap,%spremultiply=inplace=1,%sscale=%u:%u:flags=bicubic:out_color_matrix=bt709:out_range=tv,"
	    "format=yuv420p",
	    negate, negate, w, h);
}

enum film_way
film_other_way(const struct seen *s)
{
	if (!seen_lost(s))
		return FILM_USUAL;
	if (s->shows[GROUND_NONE] >= s->shows[GROUND_BLACK] &&
	    s->shows[GROUND_NONE] >= s->shows[GROUND_WHITE])
		return FILM_PLAIN;
	return s->shows[GROUND_BLACK] >= s->shows[GROUND_WHITE] ? FILM_ON_BLACK : FILM_ON_WHITE;
}

void
film_shape(const struct film_colours *c, const struct av_info *in, const struct av_picture *p,
    char chain[FILM_CHAIN])
{
	bool turned = in->turn.quarters % 2 == 1;
	unsigned w = turned ? p->height : p->width, h = turned ? p->width : p->height;
	size_t n;

	if (c->way == FILM_ON_BLACK || c->way == FILM_ON_WHITE)
		ground_chain(c->way, w, h, chain);
	else if (c->way == FILM_PLAIN)
		plain_chain(c, w, h, chain);
	else if (in->light != LIGHT_SDR)
		hdr_chain(c, w, h, in->light, chain);
	else if (foreign(c))
		foreign_chain(c, w, h, chain);
	else
		plain_chain(c, w, h, chain);
	for (n = 0; chain[n] != '\0'; n++)
		;
	(void)snprintf(chain + n, FILM_CHAIN - n, "%s,setsar=1", turns(&in->turn));
}

/* What libavfilter finds by motion counts only if the image shows it too or the film is flagged so,
 * because libavfilter takes noise for lines of two times (measured: each of five noisy films). */
bool
film_is_interlaced(const struct film_lines *l)
{
	bool said = l->flagged * 2 > l->n;
	unsigned found = l->seen + (said ? l->unseen : 0);
	unsigned not_found = l->not_found + (said ? 0 : l->unseen);

	if (found + not_found < l->n / 4) /* hardly anything moves: the flags decide */
		return said;
	return found * 2 > not_found; /* in a telecined film, two frames of five are interlaced */
}

enum {
	BLOCK = 16,      /* pixels a side */
	COMB_LEVELS = 4, /* least difference of neighbouring lines, as a mean over a block */
	COMBED_OF = 500, /* blocks, of which one must show combing */
};

/* Tells whether a block shows lines of two times. In noise, a pixel differs from the mean of its
 * neighbours by less than these differ from each other (1.22 and 1.41 of its deviation); in lines
 * of two times it differs by far more. */
static bool
block_combed(const unsigned char *p, size_t stride)
{
	unsigned between = 0, beside = 0;

	for (unsigned y = 0; y < BLOCK; y++, p += stride)
		for (unsigned x = 0; x < BLOCK; x++) {
			int above = p[x], here = p[stride + x], below = p[2 * stride + x];

			between += (unsigned)abs(2 * here - above - below);
			beside += (unsigned)abs(above - below);
		}
	return between > 2 * COMB_LEVELS * BLOCK * BLOCK && between > 3 * beside;
}

bool
film_combed(const unsigned char *grey, size_t stride, unsigned width, unsigned height)
{
	unsigned combed = 0, blocks = 0;

	for (unsigned y = 0; y + BLOCK + 2 <= height; y += BLOCK)
		for (unsigned x = 0; x + BLOCK <= width; x += BLOCK, blocks++)
			combed += block_combed(grey + y * stride + x, stride);
	return combed * COMBED_OF > blocks;
}

uint64_t
film_nth(const struct av_picture *p, unsigned fps_num, unsigned fps_den, uint64_t k)
{
	/* k / (p's rate) * (the incoming rate), rounded */
	double at = (double)k * p->fps_den / p->fps_num * fps_num / fps_den;

	return (uint64_t)(at + 0.5);
}

struct av_picture
film_top(const struct av_info *in, const struct transcode_request *req)
{
	struct av_picture best = { .rung = 0 }, p;

	for (unsigned i = 0; i < req->ntargets; i++)
		for (unsigned r = AV_RUNGS; r >= 1; r--)
			if (plan_picture(in, &req->target[i], r, &p) &&
			    (best.rung == 0 || plan_rate(&p) > plan_rate(&best)))
				best = p;
	return best;
}

/* Returns the worst CRF at which a rung is made; a rung that was tried is not left for a small
 * gain. */
static double
worst_crf(const struct film_want *w, unsigned rung)
{
	return CRF_GOOD +
	    (w->tried == 0           ? 0 :
		    rung > w->tried  ? -STAY :
		    rung == w->tried ? STAY :
				       0);
}

struct film_choice
film_choose(const struct rate_model *m, const struct film_want *w, double bps)
{
	struct film_choice c = { .profile = w->target->profile, .crf = CRF_LEAST };
	bool top = true;

	for (unsigned r = AV_RUNGS; r >= 1; r--) {
		struct av_picture p;

		if (!plan_picture(w->in, w->target, r, &p) || p.width > w->spool->width ||
		    p.height > w->spool->height || plan_rate(&p) > plan_rate(w->spool) * 1.001)
			continue;
		c.picture = p;
		c.crf = rate_crf(m, &p, w->target->profile, bps);
		if (c.crf <= worst_crf(w, r))
			break;
		top = false;
	}
	c.best = top && c.crf <= w->finest;
	c.crf = c.crf < w->finest ? w->finest : c.crf > CRF_LEAST ? CRF_LEAST : c.crf;
	return c;
}

uint32_t
film_profile(const struct rate_model *m, const struct film_want *w,
    const struct transcode_request *req, const struct film_choice *c)
{
	uint32_t least = c->profile;

	if (!c->best || w->in->ms <= 0)
		return least;
	for (unsigned i = 0; i < req->ntargets; i++) {
		const struct transcode_target *t = &req->target[i];
		double bps = SURE * (double)t->budget * 1000 / (double)w->in->ms -
		    t->audio_bps / 8.0;
		struct film_choice other = film_choose(m,
		    &(struct film_want){ w->in, t, w->spool, 0, w->finest }, bps > 1 ? bps : 1);

		if (other.best && plan_same(&other.picture, &c->picture) && t->profile < least)
			least = t->profile;
	}
	return least;
}

/* Measured on films of a camera's noise, at CRF 18, 14, 10 and 6: what is missing to 1 halves with
 * each HALF steps at most. LIKE is a little more than the 0.985 that all frames are to reach. */
double
film_crf_of(double likeness)
{
	enum { FINEST = 8 };
	const double HALF = 4, SPARE = 0.5, LIKE = 0.988;
	double crf;

	if (likeness >= LIKE)
		return CRF_BEST;
	crf = CRF_BEST - HALF * log2((1 - likeness) / (1 - LIKE)) - SPARE;
	return crf > FINEST ? crf : FINEST;
}

bool
film_may_exceed(const struct av_picture *p, int64_t ms, uint64_t bytes)
{
	return plan_rate(p) * (double)ms / 1000 * BITS_MOST / 8 > (double)bytes;
}
