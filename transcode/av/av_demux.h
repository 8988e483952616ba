/*
 * av_demux: opens and reads a source with libavformat.
 */
#ifndef SM_AV_DEMUX_H
#define SM_AV_DEMUX_H

#include "transcode/av/av_lib.h"

/* Opens the source with the demuxer of its format, and reads its headers and at most 5 MB of what
 * follows. The caller still owns the descriptor and keeps it open until av_in_close(); its position
 * is not used. */
enum av_end av_in_open(struct av_in **in, const struct av_file *file);
void av_in_close(struct av_in **in);

/* Sets all of *info. A stream is not used when av_decoders has no decoder for it or when its
 * numbers are out of bounds. */
void av_in_info(const struct av_in *in, struct av_info *info);

/* Reads the next packet of stream of->video or of->audio (-1: no stream of that kind) into p and
 * sets *stream to its stream. p must be empty; the caller empties it afterwards. Damage is skipped.
 * Returns 1, 0 at the end, or -1 when memory is short. */
int av_in_read(struct av_in *in, struct AVPacket *p, const struct av_info *of, int *stream);

/* Returns the parameters of a stream's codec, which belong to in. stream is one of those in
 * av_info. */
const struct AVCodecParameters *av_in_codec(const struct av_in *in, int stream);

/* Sets *num / *den to a stream's unit of time in seconds. */
void av_in_base(const struct av_in *in, int stream, int *num, int *den);

/* Returns where the container's time starts, in microseconds by its own clock; 0 when it does not
 * say. */
int64_t av_in_start(const struct av_in *in);

#endif
