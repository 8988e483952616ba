/*
 * av_job: one audio or video on its way through its child.
 *
 * medium_job.c cages the process and calls av_run() (transcode_child.h), which is in av.c and
 * checks the headers and the limits; av_sound.c and av_film.c make the renditions. A film is
 * decoded once (film_decode.c) into pictures and sound that are kept, and encoded from those
 * (film_make.c); a source that is right already goes out as it came (av_copy.c).
 */
#ifndef SM_AV_JOB_H
#define SM_AV_JOB_H

#include "transcode/av/av_lib.h"
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
	int64_t said;      /* when progress was last sent */
	unsigned permille; /* last sent; never falls */
};

/* Tells of progress: of the permilles from..to this part, 0 to 1, is done. Twice a second at
 * most. */
void av_progress(struct av_job *j, unsigned from, unsigned to, double part);

/* Sets the result for what did not end well, AV_REFUSED as TS_CORRUPT, AV_BROKEN as TS_BROKEN
 * and so on; 0, like child_fail(). */
int av_fail(struct av_job *j, enum av_end end, const char *why);

/* Writes n bytes to fd, target i's file, and sets bytes and fits of the result's out[i]; the
 * rest of it is the caller's to set. False with the result set. */
bool av_deliver(struct av_job *j, unsigned i, int fd, const void *p, size_t n);

/* Make the renditions of all targets into the files out[], from j->in, which is open. As
 * av_run(). */
int av_sound_run(struct av_job *j, const int *out);
int av_film_run(struct av_job *j, const int *out);

/* ---- sound on its way into memory ------------------------------------------------- */

struct av_hear {
	struct av_pcm *pcm; /* hz, channels and most are set */
	bool film;          /* gaps become silence, from the start of the container's time on */
	struct av_filter *filter;
};
/* A sink of av_decode(): ctx is a struct av_hear. Appends the frame to pcm, through a filter
 * that is opened anew when frames change. False: the filter cannot be made, or memory is short. */
bool av_hear(void *ctx, struct AVFrame *frame, int64_t at);
/* Appends what the filter still holds, and closes it. */
enum av_end av_hear_end(struct av_hear *h);
/* Starts both: as many samples a second and channels as the source has, at most 48 kHz and two;
 * at most the longest that may be and a second more is taken. The caller frees pcm, and closes
 * h->filter where av_hear_end() was not reached. */
void av_hear_init(struct av_hear *h, struct av_pcm *pcm, const struct av_job *j, bool film);

#endif
