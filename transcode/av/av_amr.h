/*
 * av_amr: encodes speech in AMR-NB with libopencore-amrnb, because the libavcodec that Debian
 * installs has no such encoder.
 */
#ifndef SM_AV_AMR_H
#define SM_AV_AMR_H

#include "transcode/av/av_pcm.h"

/* Appends to b an AMR file of all samples, mono, in frames of the mode that has this many bits a
 * second (plan_amr_bps()). It lasts as long as s, rounded up to whole frames. Returns as
 * av_pcm_encode(). The caller frees b, also on failure. */
enum av_end av_amr_encode(const struct av_pcm *s, unsigned bps, struct av_bytes *b);

/* Appends to b an AMR file of frames that are in one already. */
enum av_end av_amr_write(const struct av_packets *frames, struct av_bytes *b);

/* Tells whether a frame can be copied: it is speech and whole, or a pause. */
bool av_amr_may_copy(const struct AVPacket *p);

/* Returns the bits a second of the highest mode among frames that can be copied. Returns 0 when
 * there is no speech. */
unsigned av_amr_rate(const struct av_packets *frames);

#endif
