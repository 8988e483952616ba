/*
 * av_mix: makes two channels of sound, or one, of any number. Pure.
 *
 * What is in opposite phase in two channels cancels out in their sum: a stereo sound of which one
 * channel was turned over becomes silence in mono. So each piece of the sum is compared with what
 * it would be if the channels had nothing to do with each other. Where it has less than an eighth
 * of that power, the loudest channel is taken alone, until the sum has a quarter again.
 */
#ifndef SM_AV_MIX_H
#define SM_AV_MIX_H

#include <stddef.h>
#include <stdint.h>

enum {
	AV_MIX_MOST = 255,   /* channels that are mixed; more are ignored */
	AV_MIX_PIECE = 2048, /* samples that are judged together: 43 ms at 48 kHz */
};

/* Where a channel belongs: how much of it goes left and right. Both are 0 for a channel that a sum
 * leaves out, such as that of low frequencies (ITU-R BS.775, 3.1). */
struct av_mix_place {
	float left, right;
};

/* One of the channels that are made. */
struct av_mix_sum {
	float usual[AV_MIX_MOST]; /* weights of the channels; they add up to 1 at most */
	float now[AV_MIX_MOST];   /* weights at the end of the last piece */
	float total;              /* of usual */
	int alone;                /* the channel that is taken alone; -1: the sum */
};

struct av_mix {
	unsigned in, out;
	struct av_mix_sum sum[2];
};

/* Prepares to make out channels, 1 or 2, of those at the places at[0..in - 1]. */
void av_mix_init(struct av_mix *m, unsigned in, unsigned out, const struct av_mix_place *at);

/* Mixes n samples of each channel, interleaved, into to, which has room for n samples of each
 * channel that is made. Calls belong to one sound, in order. */
void av_mix(struct av_mix *m, const int16_t *from, size_t n, int16_t *to);

#endif
