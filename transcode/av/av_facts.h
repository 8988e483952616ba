/*
 * av_facts: what the headers of an open source say about its streams.
 */
#ifndef SM_AV_FACTS_H
#define SM_AV_FACTS_H

#include "transcode/av/av_lib.h"

struct AVFormatContext;

/* Sets all of *info, as av_in_info() does. */
void av_facts(const struct AVFormatContext *f, struct av_info *info);

#endif
