/*
 * av_info: what the headers of an audio or video file say.
 */
#ifndef SM_AV_INFO_H
#define SM_AV_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AV_CODEC = 24,   /* bytes kept of a codec's name */
	AV_WHY = 120,    /* bytes kept of an explanation */
	AV_STREAMS = 64, /* most streams in a container; a file with more is refused */
};

/* How a video frame must be turned to stand upright: first by quarter turns, then mirrored. */
struct av_turn {
	unsigned quarters; /* 0..3, clockwise */
	bool mirrored;     /* left and right are exchanged after the turn */
};

enum av_light { LIGHT_SDR, LIGHT_PQ, LIGHT_HLG };

struct av_info {
	int video, audio; /* index of the stream used; -1: none */
	char video_codec[AV_CODEC],
	    audio_codec[AV_CODEC]; /* set even if the stream cannot be used */
	unsigned width, height;    /* as shown: upright, with square pixels */
	uint64_t pixels;           /* of a coded frame */
	unsigned fps_num, fps_den; /* frames a second; 0/1: unknown */
	struct av_turn turn;
	enum av_light light;
	unsigned hz, channels;
	uint64_t audio_bps;             /* 0: unknown */
	int64_t ms, video_ms, audio_ms; /* from the headers; 0: unknown */
};

#endif
