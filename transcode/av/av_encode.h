/*
 * av_encode: encodes with libavcodec: H.264 by x264, AAC, and MP3 by LAME.
 */
#ifndef SM_AV_ENCODE_H
#define SM_AV_ENCODE_H

#include "transcode/av/av_lib.h"

/* Open encoders with one thread each, whose output holds only what is needed to play it.
 * av_x264_open() makes H.264 from yuv420p frames of the size in how->picture, in BT.709 and limited
 * range. av_aac_open() makes AAC-LC and av_mp3_open() makes MP3, both at a constant rate, from
 * planar floats at the rate and channels of s, with tones up to its top. They return AV_BROKEN when
 * this libavcodec has no such encoder. */
enum av_end av_x264_open(struct av_encoder **e, const struct av_x264 *how);

/* Changes the CRF from the next frame on, for an encoder that has one. */
enum av_end av_x264_crf(struct av_encoder *e, double crf);
enum av_end av_aac_open(struct av_encoder **e, const struct av_sound *s);
enum av_end av_mp3_open(struct av_encoder **e, const struct av_sound *s);

/* Returns the number of samples that a frame must hold; 0: any number. */
unsigned av_encoder_frame_size(const struct av_encoder *e);

/* Encodes a frame and passes on all packets that are ready. The caller still owns the frame. number
 * is its time and is written into it: the frame's number for video, its first sample for sound.
 * frame is NULL at the end. */
enum av_end av_encode(struct av_encoder *e, struct AVFrame *frame, int64_t number,
    const struct av_packet_sink *to);

/* Returns the description of the encoder's packets for av_mux(); it belongs to e. */
const struct AVCodecParameters *av_encoder_codec(const struct av_encoder *e);
void av_encoder_close(struct av_encoder **e);

#endif
