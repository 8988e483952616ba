/*
 * av_info: what is known of an audio or video from its headers.
 */
#ifndef SM_AV_INFO_H
#define SM_AV_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AV_CODEC = 24,   /* bytes of a codec's name kept */
	AV_WHY = 120,    /* bytes of explanation kept */
	AV_STREAMS = 64, /* of a container that are looked at; a file with more is refused */
};

/* How a picture must be turned to stand upright: a quarter turn, then mirrored. */
struct av_turn {
	unsigned quarters; /* 0..3, clockwise */
	bool mirrored;     /* left and right are exchanged after that */
};

enum av_light { LIGHT_SDR, LIGHT_PQ, LIGHT_HLG };

struct av_info {
	int video, audio; /* index of the stream that is used, -1: none */
	char video_codec[AV_CODEC],
	    audio_codec[AV_CODEC]; /* also of a stream that cannot be used */
	unsigned width, height;    /* as shown: upright, with square pixels */
	uint64_t pixels;           /* of a frame as it is coded */
	unsigned fps_num, fps_den; /* frames a second, 0/1 when unknown */
	struct av_turn turn;
	enum av_light light;
	unsigned hz, channels;
	uint64_t audio_bps;             /* 0 when unknown */
	int64_t ms, video_ms, audio_ms; /* as headers say; 0 when unknown */
};

#endif
