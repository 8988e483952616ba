/*
 * av_spool: a film's pictures, decoded once and kept for all its encodes.
 *
 * The first are kept as they are; what comes behind SPOOL_RAW bytes of them is packed without loss.
 */
#ifndef SM_AV_SPOOL_H
#define SM_AV_SPOOL_H

#include "transcode/av/av_lib.h"

enum { SPOOL_RAW = 256 << 20 };

struct av_spool {
	struct av_picture picture; /* of all that is kept */
	struct AVFrame **raw;
	size_t nraw, room, raw_bytes;
	struct av_encoder *packer; /* NULL: nothing is packed */
	struct av_packets packed;
	size_t n; /* frames in all */
};

/* Keeps a reference to the frame, which is yuv420p and of the picture's size, or packs it; it
 * stays the caller's. AV_LIMIT: memory is short. picture is set before the first. */
enum av_end av_spool_add(struct av_spool *s, struct AVFrame *f);
/* No more frames come: to be called before av_spool_each() sees those that were packed. */
enum av_end av_spool_end(struct av_spool *s);
/* each gets every frame in order, as often as this is called; the frame's time is its number
 * from 0. */
enum av_end av_spool_each(const struct av_spool *s, const struct av_sink *to);
/* Frees all that is kept; picture stays. */
void av_spool_free(struct av_spool *s);

#endif
