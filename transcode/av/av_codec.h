/*
 * av_codec: decodes with libavcodec.
 */
#ifndef SM_AV_CODEC_H
#define SM_AV_CODEC_H

#include "transcode/av/av_lib.h"

/* Returns an empty packet, which the caller drops, or NULL when memory is short. */
struct AVPacket *av_packet_new(void);

/* Frees the packet with its contents and sets *p to NULL. */
void av_packet_drop(struct AVPacket **p);

/* Adds a reference to p's bytes; the caller still owns p. Returns false when memory is short. */
bool av_packets_add(struct av_packets *ps, const struct AVPacket *p)
    __attribute__((warn_unused_result));
void av_packets_free(struct av_packets *ps);

/* Opens a decoder of av_decoders for a stream of in, with one thread. max_pixels limits the pixels
 * of a frame. Returns AV_REFUSED when there is no such decoder. */
enum av_end av_decoder_open(struct av_decoder **d, const struct av_in *in, int stream,
    uint64_t max_pixels);

/* Decodes a packet and passes on all frames that are ready. p is NULL at the end of the stream.
 * Data that cannot be decoded is counted and skipped. */
enum av_end av_decode(struct av_decoder *d, const struct AVPacket *p, const struct av_sink *to);

/* Returns the number of damaged packets and frames so far. */
unsigned av_decoder_errors(const struct av_decoder *d);
void av_decoder_close(struct av_decoder **d);

/* Opens a decoder for what an encoder makes. */
enum av_end av_decoder_of(struct av_decoder **d, const struct av_encoder *e);

/* Opens a decoder for narrowband AMR. */
enum av_end av_decoder_of_amr(struct av_decoder **d);

#endif
