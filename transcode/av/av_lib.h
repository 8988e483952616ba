/*
 * av_lib: libav* behind calls of our own. av_demux.c and av_mux.c have libavformat, av_codec.c
 * libavcodec, av_filter.c libavfilter; frames and packets are libavutil's and libavcodec's, and
 * go through others' hands unopened.
 *
 * Nothing here opens a file: sources are read from a descriptor, results are written to memory.
 * Functions return AV_DONE or whose fault it was; what libav* said first is in av_said(). What
 * one of them opens into a pointer is the caller's to close, also when it failed; the pointer is
 * NULL then, or what is to be closed. Closing takes NULL, and sets it.
 */
#ifndef SM_AV_LIB_H
#define SM_AV_LIB_H

#include "transcode/av/av_info.h"
#include "transcode/av/av_plan.h"

struct AVCodecParameters;
struct AVFrame;
struct AVPacket;

enum av_end {
	AV_DONE,
	AV_REFUSED, /* the source cannot be decoded */
	AV_TOO_BIG,
	AV_LIMIT,  /* the process was refused memory */
	AV_BROKEN, /* our fault */
};

/* From now on the first error that libav* complains of is kept; what was kept before is
 * forgotten. */
void av_listen(void);
/* That, one line of printable ASCII; "" when there was none. Valid until the next call of
 * av_listen(). */
const char *av_said(void);

/* What an error (AVERROR) of libav*'s at a source is: no memory is AV_LIMIT, all else
 * AV_REFUSED. */
enum av_end av_blame(int error);

/* Decoders that may be fed with a stranger's bytes, as libav*'s codec_whitelist (av_codecs.c). */
extern const char av_decoders[];

/* The one of them for a codec (enum AVCodecID); NULL: none is. */
struct AVCodec;
const struct AVCodec *codec_decoder(int id);

/* ---- time ------------------------------------------------------------------- */

/* All times are microseconds from the start of the container's time. */
#define AV_NO_TIME INT64_MIN

/* ---- in --------------------------------------------------------------------- */

struct av_in;

/* A source: the file, open for reading, and its size, which cannot be asked for in the cage. */
struct av_file {
	int fd;
	int64_t size;
	enum format format;
	uint64_t max_pixels;
};

/* Opens it by the demuxer of its format and reads its headers and at most 5 MB of what follows.
 * The descriptor stays the caller's, and must stay open until av_in_close(); its position is not
 * used. */
enum av_end av_in_open(struct av_in **in, const struct av_file *file);
void av_in_close(struct av_in **in);
/* Sets all of *info. A stream that no decoder of av_decoders takes, or whose numbers are out of
 * bounds, is not used. */
void av_in_info(const struct av_in *in, struct av_info *info);

/* Puts the next packet of stream of->video or of->audio (-1: none of that kind) into p, which
 * must be empty; the caller empties it. 1, 0 at the end, -1 when memory is short. *stream says
 * which it is of. Damage is skipped. */
int av_in_read(struct av_in *in, struct AVPacket *p, const struct av_info *of, int *stream);

/* What is known of a stream's codec; it is in's. stream is one of those in av_info. */
const struct AVCodecParameters *av_in_codec(const struct av_in *in, int stream);
/* A stream's unit of time in seconds, num/den. */
void av_in_base(const struct av_in *in, int stream, int *num, int *den);
/* Where the container's time starts, in microseconds by its own clock; 0 when it does not say. */
int64_t av_in_start(const struct av_in *in);

/* ---- packets and frames ------------------------------------------------------- */

/* Packets kept, in order. Zero: none. */
struct av_packets {
	struct AVPacket **p;
	size_t n, room;
	uint64_t bytes; /* of all */
};

/* An empty packet; NULL: memory is short. */
struct AVPacket *av_packet_new(void);
/* Frees it with what it holds, and sets it to NULL. */
void av_packet_drop(struct AVPacket **p);
/* Keeps a reference to p's bytes; p stays the caller's. False: memory is short. */
bool av_packets_add(struct av_packets *ps, const struct AVPacket *p)
    __attribute__((warn_unused_result));
void av_packets_free(struct av_packets *ps);

/* ---- decoding ----------------------------------------------------------------- */

struct av_decoder;

/* each gets every frame and its time, AV_NO_TIME where that is not known. The frame is lent: who
 * keeps it makes a reference. False ends the call as AV_BROKEN; ctx knows why. */
struct av_sink {
	bool (*each)(void *ctx, struct AVFrame *frame, int64_t at);
	void *ctx;
};

/* A decoder, of av_decoders, for a stream of in, with one thread; max_pixels: of a frame.
 * AV_REFUSED: there is none. */
enum av_end av_decoder_open(struct av_decoder **d, const struct av_in *in, int stream,
    uint64_t max_pixels);
/* Decodes a packet and hands on all frames there are by then. p NULL: the end. What cannot be
 * decoded is counted and passed over. */
enum av_end av_decode(struct av_decoder *d, const struct AVPacket *p, const struct av_sink *to);
/* Packets and frames with damage so far. */
unsigned av_decoder_errors(const struct av_decoder *d);
void av_decoder_close(struct av_decoder **d);

/* ---- filters ------------------------------------------------------------------ */

struct av_filter;

/* A chain of filters, in libavfilter's own words, from frames like this one (its size, form,
 * colours, sampling rate, channels) to frames of the chain's end. One thread. */
enum av_end av_filter_open(struct av_filter **f, const struct AVFrame *like, const char *chain);
/* Does frame differ from what the filter was opened for? */
bool av_filter_other(const struct av_filter *f, const struct AVFrame *frame);
/* Puts a frame in with its time, which is written into it; it stays the caller's. frame NULL:
 * the end of what came, at the time at. Hands on all frames that are ready, with their times. */
enum av_end av_filter_push(struct av_filter *f, struct AVFrame *frame, int64_t at,
    const struct av_sink *to);
void av_filter_close(struct av_filter **f);
/* For sound: frames of so many samples each from now on (the last may be shorter); 0: as they
 * come. */
void av_filter_frame_size(struct av_filter *f, unsigned samples);

/* ---- encoding ----------------------------------------------------------------- */

struct av_encoder;

/* each gets every packet; it is lent, as the frame of an av_sink. False ends the call as
 * AV_BROKEN. */
struct av_packet_sink {
	bool (*each)(void *ctx, struct AVPacket *p);
	void *ctx;
};

struct av_x264 {
	struct av_picture picture;
	uint32_t profile; /* enum profile; PROFILES: none in particular */
	const char *preset;
	double crf;   /* 0: without loss */
	unsigned gop; /* most frames from one key frame to the next */
};

/* Encoders of one thread, whose output holds nothing of their own but what is needed to play it:
 * H.264 of yuv420p frames of the picture's size, BT.709, limited range; AAC-LC and MP3, at a
 * constant rate, of planar floats at the rate and channels of s. AV_BROKEN: this libavcodec has
 * none. */
enum av_end av_x264_open(struct av_encoder **e, const struct av_x264 *how);
/* From the next frame that comes on another CRF, of an encoder that has one. */
enum av_end av_x264_crf(struct av_encoder *e, double crf);
enum av_end av_aac_open(struct av_encoder **e, const struct av_sound *s);
enum av_end av_mp3_open(struct av_encoder **e, const struct av_sound *s);
/* Samples of a frame; 0: any. */
unsigned av_encoder_frame_size(const struct av_encoder *e);
/* Encodes a frame, which stays the caller's, and hands on all packets there are by then. frame
 * NULL: the end. The frame's number (pictures) or first sample (sound) is its time, and is
 * written into it. */
enum av_end av_encode(struct av_encoder *e, struct AVFrame *frame, int64_t number,
    const struct av_packet_sink *to);
/* What it says of its packets, for av_mux(); it is e's. */
const struct AVCodecParameters *av_encoder_codec(const struct av_encoder *e);
void av_encoder_close(struct av_encoder **e);

/* A decoder for what av_x264_open() makes. */
enum av_end av_decoder_of(struct av_decoder **d, const struct av_encoder *e);

/* ---- out ---------------------------------------------------------------------- */

/* Bytes in memory that grow up to most. All but most is 0 to begin with. */
struct av_bytes {
	unsigned char *p;         /* of malloc() */
	size_t n, room, at, most; /* n are there; at: where av_mux() writes */
};
/* Appends. False: memory is short, or there would be more than most. */
bool av_bytes_add(struct av_bytes *b, const void *p, size_t n) __attribute__((warn_unused_result));
void av_bytes_free(struct av_bytes *b);

/* One stream of an MP4 file. */
struct av_track {
	const struct AVCodecParameters *codec;
	const struct av_packets *packets;
	int num, den; /* unit of the packets' times */
};

/* Writes an MP4 file of one or two tracks to b, which is empty, its index first, nothing else in
 * it. The tracks stay the caller's. AV_TOO_BIG when it would have more than b->most bytes;
 * AV_BROKEN when libavformat cannot write these packets. The caller frees b in any case. */
enum av_end av_mux(struct av_bytes *b, const struct av_track *track, unsigned n);

#endif
