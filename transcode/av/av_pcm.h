/*
 * av_pcm: decoded sound in memory, 16 bits a sample, one or two channels.
 */
#ifndef SM_AV_PCM_H
#define SM_AV_PCM_H

#include "transcode/av/av_lib.h"
#include "transcode/lost.h"

struct av_mix;

struct av_pcm {
	int16_t *p;     /* channels interleaved */
	size_t n, room; /* samples of one channel */
	size_t most;    /* most samples of one channel that are taken */
	unsigned hz, channels;
	bool over;           /* there were more samples */
	double gain;         /* by which they were multiplied before they became 16 bits */
	struct level source; /* how loud they were before */
};

/* Frees the samples; all else but n keeps its value. */
void av_pcm_free(struct av_pcm *s);

/* Appends n samples. They have as many channels as s, or mix makes that number of them. It leaves
 * out samples beyond most and then sets over. Returns false when memory is short. */
bool av_pcm_add(struct av_pcm *s, const int16_t *p, size_t n, struct av_mix *mix)
    __attribute__((warn_unused_result));

/* Returns the duration in milliseconds, rounded down. */
int64_t av_pcm_ms(const struct av_pcm *s);

/* Tells whether what was heard of the source is not in the samples (lost.h). */
bool av_pcm_lost(const struct av_pcm *s);

/* Tells whether two channels are in opposite phase in a quarter or more of what is heard. A handset
 * with one loudspeaker, which adds them up, would be silent there. */
bool av_pcm_opposite(const struct av_pcm *s);

/* Makes one channel of two, as av_pcm_encode() does for an encoder of one. */
void av_pcm_unite(struct av_pcm *s);

/* How samples are wanted. */
struct av_pcm_form {
	struct av_sound sound; /* rate and channels */
	const char *type;      /* of the samples, as av_filter names it: s16, fltp */
	unsigned frame;        /* samples of a frame; the last may be shorter; 0: any number */
};

/* Passes all samples on, resampled and mixed to the form. The times of the frames are unknown.
 * Returns AV_BROKEN when sink returned false. */
enum av_end av_pcm_frames(const struct av_pcm *s, const struct av_pcm_form *form,
    const struct av_sink *sink);

/* Encodes all samples with e, which was opened for the rate and channels of to, and ends e. The
 * packets go to sink. Returns AV_BROKEN when the encoder failed or sink returned false, and AV_LOST
 * when what is heard of the samples is not in the packets. */
enum av_end av_pcm_encode(const struct av_pcm *s, struct av_encoder *e, const struct av_sound *to,
    const struct av_packet_sink *sink);

#endif
