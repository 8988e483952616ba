/*
 * lost: tells from measured facts whether what is heard of a sound was lost on its way. Pure.
 *
 * Silence that comes out of sound is our failure, whatever made it: channels that cancel out,
 * samples so small that 16 bits round them to nothing, an encoder that leaves out what it takes to
 * be below hearing. So the same facts are measured of the source, as it was decoded, and of what
 * was made of it. A source that is silent itself stays silent.
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

#endif
