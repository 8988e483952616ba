/*
 * av_film: makes the renditions of a film, H.264 and AAC in MP4.
 */
#ifndef SM_AV_FILM_H
#define SM_AV_FILM_H

#include "transcode/av/av_job.h"

int av_film_run(struct av_job *j, const int *out);

#endif
