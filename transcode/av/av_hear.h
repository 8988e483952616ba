/*
 * av_hear: brings decoded sound into memory.
 */
#ifndef SM_AV_HEAR_H
#define SM_AV_HEAR_H

#include "transcode/av/av_job.h"

/* A sink for av_decode(), with a struct av_hear as ctx. Appends the frame to pcm through a filter,
 * which it opens anew when the format of the frames changes. Returns false when the filter cannot
 * be made or memory is short; h->failed says which. */
bool av_hear(void *ctx, struct AVFrame *frame, int64_t at);

/* Appends what the filter still holds, and closes the filter. */
enum av_end av_hear_end(struct av_hear *h);

/* Initialises *h and *pcm. pcm gets the source's sample rate and channels, but at most 48 kHz and
 * two channels, takes at most one second more than the longest permitted duration, and gets its
 * samples multiplied by gain. The caller frees pcm, and closes h->filter if it does not reach
 * av_hear_end(). */
void av_hear_init(struct av_hear *h, struct av_pcm *pcm, const struct av_job *j, bool film,
    double gain);

#endif
