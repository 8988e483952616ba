/*
 * av_filter: runs chains of filters with libavfilter.
 */
#ifndef SM_AV_FILTER_H
#define SM_AV_FILTER_H

#include "transcode/av/av_lib.h"

/* Opens a chain of filters, written in the syntax of libavfilter. It takes frames like this one
 * (size, pixel or sample format, colours, sampling rate, channels) and gives what the end of the
 * chain makes of them. It runs in one thread. */
enum av_end av_filter_open(struct av_filter **f, const struct AVFrame *like, const char *chain);

/* Opens a chain that only scales such frames to this size. */
enum av_end av_filter_scale(struct av_filter **f, const struct AVFrame *like, unsigned width,
    unsigned height);

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

#endif
