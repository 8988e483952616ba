/*
 * lost: tells from measured facts whether what is heard of a sound, or seen of a film, was lost on
 * its way. Pure.
 *
 * Silence that comes out of sound is our failure, whatever made it: channels that cancel out,
 * samples so small that 16 bits round them to nothing, an encoder that leaves out what it takes to
 * be below hearing. So the same facts are measured of the source, as it was decoded, and of what
 * was made of it. A source that is silent itself stays silent. Likewise for a film that comes out
 * black or blank though its frames show something, and for a picture.
 */
#ifndef SM_LOST_H
#define SM_LOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LEVEL_PIECE = 2048, /* most samples that are judged together: 43 ms at 48 kHz */
	LEVEL_STEPS = 12,   /* of 10 dB each, down to -110 dB; what is below is silence */
};

/* How loud a sound is, and for how long. All zero: nothing was measured yet. */
struct level {
	double peak;                   /* the greatest sample; 1 is full scale */
	uint64_t samples[LEVEL_STEPS]; /* in pieces of a power from 10 k to 10 (k + 1) dB below full
	                                  scale; a constant or a slow drift, which is not
	                                  heard, has none */
	uint64_t over;                 /* samples in pieces that go far beyond full scale */
};

/* Adds n samples of one channel to *l, of which each lies step floats behind the one before. What
 * is no number counts as 0, and for the power what is beyond full scale counts as full scale. */
void level_add(struct level *l, const float *p, size_t n, size_t step);

/* The same for samples of 16 bits. */
void level_add_short(struct level *l, const int16_t *p, size_t n, size_t step);

/* Returns the factor that brings a sound into the range of 16 bits: 1 for nearly every sound; less
 * for one of which a quarter or more is far beyond full scale; more for one that 16 bits would
 * round to a few steps or to nothing. Noise below hearing at any volume is silence and stays so. */
double level_gain(const struct level *l);

/* Tells whether the sound *was is not silent, and what is made of it is heard for less than an
 * eighth of its time. */
bool level_lost(const struct level *was, const struct level *made);

/* ---- films ------------------------------------------------------------------------------- */

/* What is put behind the transparent parts of frames. Players ignore that they are transparent:
 * GROUND_NONE. */
enum ground { GROUND_NONE, GROUND_BLACK, GROUND_WHITE, GROUNDS };

/* What is seen of a film. All zero: nothing yet. */
struct seen {
	unsigned looks;          /* frames of the source that were looked at */
	unsigned shows[GROUNDS]; /* those that have parts of different brightness on this ground */
	unsigned bright;         /* those that are bright as a whole on GROUND_NONE */
	uint64_t made;           /* frames that came out */
	unsigned spread, mean;   /* the greatest of them, see seen_made() */
};

enum { SEEN_SIDE = 32 };

/* Looks at a frame of the source, scaled to SEEN_SIDE x SEEN_SIDE pixels of red, green, blue and
 * alpha, whose lines are stride bytes apart. */
void seen_source(struct seen *s, const unsigned char *rgba, size_t stride);

/* A frame that came out: YUV 4:2:0 of BT.709 with a brightness of 16 to 235. */
struct seen_frame {
	const unsigned char *plane[3];
	size_t stride[3]; /* bytes between lines */
	unsigned width, height;
};

/* Looks at a frame that came out: at the mean of its brightness as it is shown, 0 to 255, and at
 * the greatest difference between the means of 8 x 8 parts, which do not change with the size of
 * the frame. */
void seen_made(struct seen *s, const struct seen_frame *made);

/* Tells whether an eighth or more of the frames of the source show something, and no frame that
 * came out does; or the former are bright, and the latter are all black. */
bool seen_lost(const struct seen *s);

/* ---- pictures ---------------------------------------------------------------------------- */

/* Tells whether hardly anything is seen of a picture whose samples (0 to 255) have this standard
 * deviation. */
bool picture_faint(double spread);

/* Tells whether a picture that could have one spread, on another ground or by other colours, and
 * has the spread made, was lost so. */
bool picture_lost(double could, double made);

/* Tells whether a picture with n[a] pixels of opacity a vanishes where each pixel is either opaque
 * or not shown at all, as in a GIF. */
bool picture_lost_in_gif(const uint64_t n[256]);

#endif
