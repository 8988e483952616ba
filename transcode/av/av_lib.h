/*
 * av_lib: wraps libav* in functions of our own. av_demux.c and av_mux.c use libavformat,
 * av_codec.c and av_encode.c use libavcodec, and av_filter.c uses libavfilter. Frames and packets
 * are structs of libavutil and libavcodec, which other files mostly pass on unopened.
 *
 * Nothing here opens a file: sources are read from a descriptor, and results are written to
 * memory. A function that returns enum av_end returns AV_DONE or whose fault the failure was;
 * av_said() gives the first error that libav* reported. A function that opens something into a
 * pointer sets that pointer to the object or to NULL, even when it fails; the caller closes it in
 * either case. A closing function accepts NULL and sets the pointer to NULL.
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
	AV_LIMIT,  /* the process could not get memory */
	AV_BROKEN, /* our fault */
};

/* Starts to record: the first error that libav* reports from now on is kept, and the previous
 * record is cleared. */
void av_listen(void);
/* Returns the recorded error as one line of printable ASCII, or "" if there was none. The text
 * stays valid until the next call of av_listen(). */
const char *av_said(void);

/* Maps an AVERROR that libav* returned for a source: lack of memory is AV_LIMIT, everything else
 * AV_REFUSED. */
enum av_end av_blame(int error);

/* The decoders that may be fed with a stranger's bytes, in the form of libav*'s codec_whitelist
 * (av_codecs.c). */
extern const char av_decoders[];

/* Returns the decoder in av_decoders for a codec (enum AVCodecID), or NULL if there is none. */
struct AVCodec;
const struct AVCodec *codec_decoder(int id);

/* ---- time ------------------------------------------------------------------- */

/* All times are in microseconds from the start of the container's time. */
#define AV_NO_TIME INT64_MIN

/* ---- in --------------------------------------------------------------------- */

struct av_in;

/* A source. The file is open for reading; the caller gives its size, because the cage does not
 * allow asking for it. */
struct av_file {
	int fd;
	int64_t size;
	enum format format;
	uint64_t max_pixels;
};

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

/* ---- packets and frames ------------------------------------------------------- */

/* Packets kept in order. All zero: no packets. */
struct av_packets {
	struct AVPacket **p;
	size_t n, room;
	uint64_t bytes; /* of all packets */
};

/* Returns an empty packet, which the caller drops, or NULL when memory is short. */
struct AVPacket *av_packet_new(void);
/* Frees the packet with its contents and sets *p to NULL. */
void av_packet_drop(struct AVPacket **p);
/* Adds a reference to p's bytes; the caller still owns p. Returns false when memory is short. */
bool av_packets_add(struct av_packets *ps, const struct AVPacket *p)
    __attribute__((warn_unused_result));
void av_packets_free(struct av_packets *ps);

/* ---- decoding ----------------------------------------------------------------- */

struct av_decoder;

/* Receives decoded frames. each gets every frame with its time, or AV_NO_TIME where the time is
 * unknown. The frame is lent: to keep it, each makes a reference. When each returns false, the call
 * ends with AV_BROKEN, and the owner of ctx knows why. */
struct av_sink {
	bool (*each)(void *ctx, struct AVFrame *frame, int64_t at);
	void *ctx;
};

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

/* ---- filters ------------------------------------------------------------------ */

struct av_filter;

/* Opens a chain of filters, written in the syntax of libavfilter. It takes frames like this one
 * (size, pixel or sample format, colours, sampling rate, channels) and gives what the end of the
 * chain makes of them. It runs in one thread. */
enum av_end av_filter_open(struct av_filter **f, const struct AVFrame *like, const char *chain);
/* Tells whether frame differs in form from those for which the filter was opened. */
bool av_filter_other(const struct av_filter *f, const struct AVFrame *frame);
/* Feeds a frame, into which it writes the time at, and passes on all frames that are ready, with
 * their times. The caller still owns the frame. frame is NULL at the end, and at is then the time
 * at which the input ends. */
enum av_end av_filter_push(struct av_filter *f, struct AVFrame *frame, int64_t at,
    const struct av_sink *to);
void av_filter_close(struct av_filter **f);
/* For sound: makes all frames from now on hold this many samples (the last may be shorter); 0: any
 * number. */
void av_filter_frame_size(struct av_filter *f, unsigned samples);

/* ---- encoding ----------------------------------------------------------------- */

struct av_encoder;

/* Receives encoded packets. Each packet is lent, as is the frame of an av_sink. When each returns
 * false, the call ends with AV_BROKEN. */
struct av_packet_sink {
	bool (*each)(void *ctx, struct AVPacket *p);
	void *ctx;
};

struct av_x264 {
	struct av_picture picture;
	uint32_t profile; /* enum profile; PROFILES: none in particular */
	const char *preset;
	double crf;   /* 0: lossless */
	unsigned gop; /* most frames from one key frame to the next */
};

/* Open encoders with one thread each, whose output holds only what is needed to play it.
 * av_x264_open() makes H.264 from yuv420p frames of the size in how->picture, in BT.709 and limited
 * range. av_aac_open() makes AAC-LC and av_mp3_open() makes MP3, both at a constant rate, from
 * planar floats at the rate and channels of s. They return AV_BROKEN when this libavcodec has no
 * such encoder. */
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

/* Opens a decoder for the output of av_x264_open(). */
enum av_end av_decoder_of(struct av_decoder **d, const struct av_encoder *e);

/* ---- out ---------------------------------------------------------------------- */

/* Bytes in memory that grow up to most. At the start every other member is 0. */
struct av_bytes {
	unsigned char *p;         /* from malloc() */
	size_t n, room, at, most; /* n: bytes present; at: where av_mux() writes */
};
/* Appends n bytes. Returns false when memory is short or there would be more than most bytes. */
bool av_bytes_add(struct av_bytes *b, const void *p, size_t n) __attribute__((warn_unused_result));
void av_bytes_free(struct av_bytes *b);

/* One stream of an MP4 file. */
struct av_track {
	const struct AVCodecParameters *codec;
	const struct av_packets *packets;
	int num, den; /* unit of the packets' times in seconds */
};

/* Writes an MP4 file of one or two tracks to b, which is empty: the index first, and no metadata.
 * The caller still owns the tracks and frees b in any case. Returns AV_TOO_BIG when the file would
 * have more than b->most bytes, and AV_BROKEN when libavformat cannot write these packets. */
enum av_end av_mux(struct av_bytes *b, const struct av_track *track, unsigned n);

#endif
