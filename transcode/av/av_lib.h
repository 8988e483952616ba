/*
 * av_lib: wraps libav* in functions of our own. av_demux.c, av_facts.c and av_mux.c use
 * libavformat, av_codec.c, av_codecs.c, film_copy.c and av_encode.c use libavcodec, and
 * av_filter.c uses libavfilter; av_amr.c uses an encoder that libavcodec lacks. Frames and packets
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
	AV_LOST,   /* the same: what is heard of the source is not in the result */
};

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

/* ---- packets and frames ------------------------------------------------------- */

/* Packets kept in order. All zero: no packets. */
struct av_packets {
	struct AVPacket **p;
	size_t n, room;
	uint64_t bytes; /* of all packets */
};

/* ---- decoding ----------------------------------------------------------------- */

struct av_decoder;

/* Receives decoded frames. each gets every frame with its time, or AV_NO_TIME where the time is
 * unknown. The frame is lent: to keep it, each makes a reference. When each returns false, the call
 * ends with AV_BROKEN, and the owner of ctx knows why. */
struct av_sink {
	bool (*each)(void *ctx, struct AVFrame *frame, int64_t at);
	void *ctx;
};

/* ---- filters ------------------------------------------------------------------ */

struct av_filter;

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

/* ---- out ---------------------------------------------------------------------- */

/* Bytes in memory that grow up to most. At the start every other member is 0. */
struct av_bytes {
	unsigned char *p;         /* from malloc() */
	size_t n, room, at, most; /* n: bytes present; at: where av_mux() writes */
};

/* One stream of an MP4 file. */
struct av_track {
	const struct AVCodecParameters *codec;
	const struct av_packets *packets;
	int num, den; /* unit of the packets' times in seconds */
};

#endif
