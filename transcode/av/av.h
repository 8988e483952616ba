/*
 * av: makes the audio and video renditions of one medium, in the child.
 */
#ifndef SM_AV_H
#define SM_AV_H

#include "transcode/transcode_child.h"
#include "transcode/av/av_lib.h"
#include "transcode/av/av_job.h"

/* Carries out an audio or video job and sets *res. Returns 0. The process is already in its
 * cage. */
int av_run(const struct job_request *j, struct transcode_result *res);

#endif
