/*
 * av_spool: keeps the frames of a film, decoded once, for all its encodes.
 *
 * The first frames are kept as they are; those beyond raw_most bytes are packed without loss, which
 * takes a third of the time of a quick encode whenever they are packed or needed (measured).
 */
#ifndef SM_AV_SPOOL_H
#define SM_AV_SPOOL_H

#include "transcode/av/av_lib.h"

struct av_spool {
	struct av_picture picture; /* size and rate of all frames */
	struct AVFrame **raw;
	size_t nraw, room, raw_bytes;
	size_t raw_most;           /* bytes of frames that are kept as they are */
	struct av_encoder *packer; /* NULL: nothing is packed */
	struct av_packets packed;
	size_t n; /* number of frames */
};

/* Keeps a reference to the frame or a packed copy. The frame is yuv420p and has the size of
 * picture, which the caller sets with raw_most before the first one; the caller still owns it.
 * Returns AV_LIMIT when memory is short. */
enum av_end av_spool_add(struct av_spool *s, struct AVFrame *f);
/* Returns the seconds that the frames so far take. */
double av_spool_seconds(const struct av_spool *s);
/* Ends the spool: no more frames come. Call it before av_spool_each(), which otherwise misses
 * packed frames. */
enum av_end av_spool_end(struct av_spool *s);
/* Passes every frame in order to to, on each call anew. A frame's time is its number, from 0. */
enum av_end av_spool_each(const struct av_spool *s, const struct av_sink *to);
/* Frees all frames; picture and raw_most keep their values. */
void av_spool_free(struct av_spool *s);

#endif
