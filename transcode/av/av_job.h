/*
 * av_job: one audio or video file on its way through its child.
 *
 * medium_job.c cages the process and calls av_run() (transcode_child.h). av_run(), in av.c, checks
 * the headers and the limits; av_sound.c and av_film.c make the renditions. A film is decoded once
 * (film_decode.c) into frames and sound that are kept, and is encoded from those (film_make.c). A
 * source that already meets the target is copied without encoding (film_copy.c).
 */
#ifndef SM_AV_JOB_H
#define SM_AV_JOB_H

#include "transcode/av/av_lib.h"
#include "transcode/av/av_mix.h"
#include "transcode/av/av_pcm.h"
#include "transcode/transcode_child.h"

struct av_job {
	const struct transcode_request *req;
	struct transcode_result *res;
	struct av_file file;
	int answer;
	struct av_in *in;
	struct av_info info;
	int64_t started;   /* clock_mono() */
	int64_t said;      /* when progress was last reported */
	unsigned permille; /* last reported; never falls */
};

/* ---- sound on its way into memory ------------------------------------------------- */

struct av_hear {
	struct av_pcm *pcm; /* hz, channels and most are set */
	bool film; /* gaps become silence, counted from the start of the container's time */
	struct av_filter *filter;
	struct av_mix mix;  /* of the filter's frames, if mixing */
	bool mixing;        /* they do not have the channels of pcm */
	enum av_end failed; /* why av_hear() returned false */
};

#endif
