/*
 * av_rate: how many bytes a picture takes, and at which quality it fits. Pure.
 *
 * x264's CRF is a constant quality whose bytes halve with about six steps. How many bytes a film
 * takes at a CRF nobody knows before it has been encoded once; so what encodes gave is kept as
 * points. A law is fitted to them, which starts from what is usual, and the nearest point
 * corrects it.
 */
#ifndef SM_AV_RATE_H
#define SM_AV_RATE_H

#include "transcode/av/av_plan.h"

/* CRF_BEST: what is not told from the source on a phone. CRF_GOOD: worst at which more pixels are
 * better than a lower CRF. CRF_LEAST: worst that is made at all. */
#define CRF_BEST 18.0
#define CRF_GOOD 28.0
#define CRF_LEAST 40.0

enum { RATE_POINTS = 24 };

struct rate_point {
	struct av_picture picture;
	uint32_t profile; /* enum profile; PROFILES: a quick look */
	double crf;
	double bps; /* bytes a second it gave */
};

/* What is known of one film. Zero: nothing. */
struct rate_model {
	struct rate_point point[RATE_POINTS];
	unsigned n;
};

/* Bytes of a part of an encode, or of all: those of key frames, and of the others. */
struct rate_part {
	double key, other;
};

/* What an encode takes in all that gave `got` so far, when another of the same film gave `was` up
 * to the same time, and `whole` in all. 0: nothing can be told yet. */
double rate_forecast(const struct rate_part *got, const struct rate_part *was,
    const struct rate_part *whole);

/* An encode under way: bytes that came, those that are foreseen to come yet, and which of their sum
 * are of use; most 0: any. part (0 to 1): of what is foreseen, how much was seen of it, in so many
 * frames. steered: by how much the CRF was changed before. hopeless: it may be found so. */
struct rate_way {
	double came, rest, least, most, part, steered;
	size_t frames;
	bool hopeless;
};

/* By how much its CRF is to change for the rest. RATE_HOPELESS: it is better begun anew. */
#define RATE_HOPELESS 100.0
double rate_steer(const struct rate_way *w);

/* Adds a point; one without bytes is none. A model that is full loses its last for it. */
void rate_learn(struct rate_model *m, const struct rate_point *p);

/* Bytes a second at this CRF; a guess where m has no point. */
double rate_bytes(const struct rate_model *m, const struct av_picture *p, uint32_t profile,
    double crf);

/* The CRF that gives so many bytes a second; not bounded. */
double rate_crf(const struct rate_model *m, const struct av_picture *p, uint32_t profile,
    double bps);

#endif
