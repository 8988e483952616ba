/*
 * av_pcm: decoded sound in memory, 16 bits a sample, one or two channels.
 */
#ifndef SM_AV_PCM_H
#define SM_AV_PCM_H

#include "transcode/av/av_lib.h"

struct av_pcm {
	int16_t *p;     /* channels interleaved */
	size_t n, room; /* samples of one channel */
	size_t most;    /* no more are taken */
	unsigned hz, channels;
	bool over; /* there were more */
};

/* Frees the samples; hz, channels and most stay. */
void av_pcm_free(struct av_pcm *s);

/* Appends a frame of av_filter: s16, with as many channels as s. What would be more than most is
 * left out, and over set. The frame stays the caller's. False: memory is short. */
bool av_pcm_add(struct av_pcm *s, const struct AVFrame *f) __attribute__((warn_unused_result));

/* Its duration in milliseconds, rounded down. */
int64_t av_pcm_ms(const struct av_pcm *s);

/* Which channels make mono of two: 0 the mean of both, 1 the left, 2 the right. The mean of two
 * channels in opposite phase is silence, so where it has less than a hundredth of the louder
 * one's power, that one is taken. */
unsigned av_pcm_mono(const struct av_pcm *s);

/* Encodes all of it, and ends e: at the rate and channels of to, for which e was opened. The
 * packets go to sink. AV_BROKEN: the encoder's fault, or sink said so. */
enum av_end av_pcm_encode(const struct av_pcm *s, struct av_encoder *e, const struct av_sound *to,
    const struct av_packet_sink *sink);

#endif
