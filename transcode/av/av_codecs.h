/*
 * av_codecs: says which decoders may read a medium, and whose fault their failures are.
 */
#ifndef SM_AV_CODECS_H
#define SM_AV_CODECS_H

#include "transcode/av/av_lib.h"

struct AVCodec;

/* The decoders that may read bytes from outside, in the form of libav*'s codec_whitelist. The list
 * covers what cameras, phones and mail put into the formats of media.def. libavcodec knows hundreds
 * more, and each of them widens the surface for attacks. */
extern const char av_decoders[];

/* Returns the decoder in av_decoders for a codec (enum AVCodecID), or NULL if there is none. It
 * belongs to libavcodec. */
const struct AVCodec *av_codec_for(int id);

/* Maps an AVERROR that libav* returned for a source: lack of memory is AV_LIMIT, everything else
 * AV_REFUSED. */
enum av_end av_blame(int error);

#endif
