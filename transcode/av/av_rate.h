/*
 * av_rate: predicts how many bytes a video takes and at which quality it fits. Pure.
 *
 * x264's CRF is a constant quality; its bytes halve with about every six steps. How many bytes a
 * film takes at a given CRF is unknown until it has been encoded once, so the results of encodes
 * are kept as points. A law that starts from usual values is fitted to them, and the nearest point
 * corrects it.
 */
#ifndef SM_AV_RATE_H
#define SM_AV_RATE_H

#include "transcode/av/av_plan.h"

/* CRF_BEST cannot be told from the source on a phone. CRF_GOOD is the worst at which more pixels
 * are better than a lower CRF. CRF_LEAST is the worst that is made at all. */
#define CRF_BEST 18.0
#define CRF_GOOD 28.0
#define CRF_LEAST 40.0

enum { RATE_POINTS = 24 };

struct rate_point {
	struct av_picture picture;
	uint32_t profile; /* enum profile; PROFILES: a quick trial encode */
	double crf;
	double bps; /* bytes a second that it gave */
	bool sure;  /* all of it was made, with this CRF throughout */
};

/* The points of one film. All zero: none. */
struct rate_model {
	struct rate_point point[RATE_POINTS];
	unsigned n;
};

/* Bytes of all or part of an encode: those of key frames and those of the others. */
struct rate_part {
	double key, other;
};

/* Predicts the total bytes of an encode that has given got so far, from another encode of the same
 * film that gave was up to the same time and whole in all. Returns 0 when nothing can be predicted
 * yet. */
double rate_forecast(const struct rate_part *got, const struct rate_part *was,
    const struct rate_part *whole);

/* An encode under way. came: bytes so far. rest: bytes still expected. least and most: which totals
 * are of use; most 0: any. part (0 to 1): how much of the expected bytes has been seen, in frames
 * frames. steered: how much the CRF was changed before. hopeless: it may be judged hopeless.
 * halves: rate_halves() of the film. fixed: its CRF can no longer be changed. */
struct rate_way {
	double came, rest, least, most, part, steered;
	size_t frames;
	bool hopeless;
	double halves;
	bool fixed;
};

/* Returns the change of CRF for the rest of the encode, or RATE_HOPELESS when it is better to start
 * anew. */
#define RATE_HOPELESS 100.0
double rate_steer(const struct rate_way *w);

/* Adds a point; a point without bytes is ignored. A full model replaces its last point. */
void rate_learn(struct rate_model *m, const struct rate_point *p);

/* Tells whether a point has p's size and rate, and this profile. */
bool rate_knows(const struct rate_model *m, const struct av_picture *p, uint32_t profile);

/* Tells whether a point has at's size, rate and profile, and about its CRF. */
bool rate_tried(const struct rate_model *m, const struct rate_point *at);

/* Returns how many steps of CRF halve the bytes of this film. */
double rate_halves(const struct rate_model *m);

/* Returns the bytes a second at this CRF; a guess where m has no point. */
double rate_bytes(const struct rate_model *m, const struct av_picture *p, uint32_t profile,
    double crf);

/* Returns the CRF that gives bps bytes a second, not limited to any range. */
double rate_crf(const struct rate_model *m, const struct av_picture *p, uint32_t profile,
    double bps);

#endif
