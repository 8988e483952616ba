/*
 * av_mux: writes MP4 files to memory with libavformat.
 */
#ifndef SM_AV_MUX_H
#define SM_AV_MUX_H

#include "transcode/av/av_lib.h"

/* Appends n bytes. Returns false when memory is short or there would be more than most bytes. */
bool av_bytes_add(struct av_bytes *b, const void *p, size_t n) __attribute__((warn_unused_result));
void av_bytes_free(struct av_bytes *b);

/* Writes an MP4 file of one or two tracks to b, which is empty: the index first, and no metadata.
 * The caller still owns the tracks and frees b in any case. Returns AV_TOO_BIG when the file would
 * have more than b->most bytes, and AV_BROKEN when libavformat cannot write these packets. */
enum av_end av_mux(struct av_bytes *b, const struct av_track *track, unsigned n);

#endif
