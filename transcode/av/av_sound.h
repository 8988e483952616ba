/*
 * av_sound: makes renditions of sound, MP3 at a constant rate or AMR.
 */
#ifndef SM_AV_SOUND_H
#define SM_AV_SOUND_H

#include "transcode/av/av_job.h"

/* Make the renditions of all targets from j->in, which is open, and write them to the files out[].
 * They return as av_run(). */
int av_sound_run(struct av_job *j, const int *out);

#endif
