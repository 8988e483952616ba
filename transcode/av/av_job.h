/*
 * av_job: one audio or video file on its way through its child.
 *
 * medium_job.c cages the process and calls av_run() (transcode_child.h). av_run(), in av.c, checks
 * the headers and the limits; av_sound.c and av_film.c make the renditions. A film is decoded once
 * (film_decode.c) into frames and sound that are kept, and is encoded from those (film_make.c). A
 * source that already meets the target is copied without encoding (av_copy.c).
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
	int64_t said;      /* when progress was last reported */
	unsigned permille; /* last reported; never falls */
};

/* Reports progress at most twice a second. part (0 to 1) is how much is done of the step that spans
 * the permilles from to to. */
void av_progress(struct av_job *j, unsigned from, unsigned to, double part);

/* Sets the result for an end other than AV_DONE: AV_REFUSED becomes TS_CORRUPT, AV_BROKEN becomes
 * TS_BROKEN, and so on. Returns 0, like child_fail(). */
int av_fail(struct av_job *j, enum av_end end, const char *why);

/* Writes n bytes to fd, the file of target i, and sets bytes and fits in the result's out[i]; the
 * caller sets the other members. Returns false with the result set on failure. */
bool av_deliver(struct av_job *j, unsigned i, int fd, const void *p, size_t n);

/* Make the renditions of all targets from j->in, which is open, and write them to the files out[].
 * They return as av_run(). */
int av_sound_run(struct av_job *j, const int *out);
int av_film_run(struct av_job *j, const int *out);

/* ---- sound on its way into memory ------------------------------------------------- */

struct av_hear {
	struct av_pcm *pcm; /* hz, channels and most are set */
	bool film; /* gaps become silence, counted from the start of the container's time */
	struct av_filter *filter;
};
/* A sink for av_decode(), with a struct av_hear as ctx. Appends the frame to pcm through a filter,
 * which it opens anew when the format of the frames changes. Returns false when the filter cannot
 * be made or memory is short. */
bool av_hear(void *ctx, struct AVFrame *frame, int64_t at);
/* Appends what the filter still holds, and closes the filter. */
enum av_end av_hear_end(struct av_hear *h);
/* Initialises *h and *pcm. pcm gets the source's sample rate and channels, but at most 48 kHz and
 * two channels, and takes at most one second more than the longest permitted duration. The caller
 * frees pcm, and closes h->filter if it does not reach av_hear_end(). */
void av_hear_init(struct av_hear *h, struct av_pcm *pcm, const struct av_job *j, bool film);

#endif
