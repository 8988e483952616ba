/*
 * av_film: renditions of video, H.264 and AAC in MP4 (MEDIA.md 2.5).
 *
 * The sound is encoded first, each wanted rate once in one run; its real size
 * says what is left for the picture. Then one decode of the picture feeds all
 * targets. A file that is over its budget is made again with fewer bits, after
 * AV_TRIES on the next lower rung; targets that are done are left alone. Targets
 * with equal plans share the bytes. Sound that cannot be decoded is left out and
 * said so in why; a picture that cannot is TS_CORRUPT.
 */
#include "transcode/av.h"

#include <stdio.h>
#include <string.h>

#include "file.h"

enum { BATCH = 6, ROUNDS = 24 };	/* targets of one run (descriptors); runs of one medium */

struct track {
	struct av_sound sound;
	int file;
	int64_t bytes;
};

enum film_state { FILM_WAITING, FILM_DONE, FILM_IMPOSSIBLE };

struct film {
	enum film_state state;
	unsigned track;			/* its sound, when there is any */
	uint64_t bps;			/* that the budget bears; lowered by tries */
	unsigned rung, tries;		/* highest rung that may be used, encodes on it */
	struct av_picture picture;
	unsigned same_as;
	int file;
	int64_t bytes;
};

struct film_work {
	struct track track[TRANSCODE_TARGETS];
	unsigned ntrack;		/* 0: silent */
	struct film film[TRANSCODE_TARGETS];
	unsigned nfilm;
	int64_t ms;			/* of the whole, as well as it is known */
	int64_t real_ms;		/* of what was encoded */
	bool replanned;
	char note[AV_WHY];
	struct av_args args;
	struct av_run run;
};

static void
close_all(struct film_work *w)
{
	for (unsigned i = 0; i < w->ntrack; i++)
		file_close(&w->track[i].file);
	for (unsigned i = 0; i < w->nfilm; i++)
		file_close(&w->film[i].file);
}

/* ---- sound --------------------------------------------------------------- */

static void
choose_tracks(struct film_work *w, const struct av_job *j)
{
	for (unsigned i = 0; i < w->nfilm; i++) {
		struct av_sound s = plan_aac(&j->in, &j->req->target[i], w->ms);
		unsigned k = 0;

		while (k < w->ntrack && memcmp(&w->track[k].sound, &s, sizeof s) != 0)
			k++;
		if (k == w->ntrack)
			w->track[w->ntrack++] = (struct track){ s, -1, 0 };
		w->film[i].track = k;
	}
}

static void
be_silent(struct film_work *w, const char *why)
{
	for (unsigned i = 0; i < w->ntrack; i++)
		file_close(&w->track[i].file);
	w->ntrack = 0;
	memcpy(w->note, why, sizeof w->note);
}

/* Encodes the sound; AV_DONE too when it had to be left out. */
static enum av_end
encode_tracks(struct film_work *w, struct av_job *j)
{
	int files[TRANSCODE_TARGETS];
	enum av_end end;

	choose_tracks(w, j);
	memset(&w->args, 0, sizeof w->args);
	args_source(&w->args, j->req);
	for (unsigned k = 0; k < w->ntrack; k++) {
		if ((w->track[k].file = child_memfile("track")) == -1)
			return AV_BROKEN;
		files[k] = w->track[k].file;
		args_aac(&w->args, j->in.audio, &w->track[k].sound, AV_FD_SOURCE + 1 + (int)k);
	}
	j->from = 0;
	j->to = 100;
	end = av_ffmpeg(j, &w->args, files, w->ntrack, w->ms, &w->run);
	if (end == AV_REFUSED || (end == AV_DONE && w->run.ms <= 0)) {
		be_silent(w, w->run.why);
		return AV_DONE;
	}
	for (unsigned k = 0; k < w->ntrack && end == AV_DONE; k++)
		if ((w->track[k].bytes = file_size(w->track[k].file)) == -1)
			return AV_BROKEN;
	if (w->run.ms > w->ms)
		w->ms = w->run.ms;
	return end;
}

/* ---- picture ------------------------------------------------------------- */

/* Starts planning a target afresh from what is left for its picture. */
static void
plan_film(struct film_work *w, const struct av_job *j, unsigned i)
{
	struct film *f = &w->film[i];
	uint64_t sound = w->ntrack > 0 ? (uint64_t)w->track[f->track].bytes : 0;

	f->state = FILM_WAITING;
	f->bps = plan_video_bps(j->req->target[i].budget, sound, w->ms);
	f->rung = AV_RUNGS;
	f->tries = 0;
}

/* Is the plan of target k good for target i, too? */
static bool
twins(const struct film_work *w, unsigned i, unsigned k)
{
	const struct av_picture *a = &w->film[i].picture, *b = &w->film[k].picture;

	return w->film[k].state == FILM_WAITING && w->film[k].same_as == k &&
	    (w->ntrack == 0 || w->film[i].track == w->film[k].track) &&
	    a->width == b->width && a->height == b->height && a->bps == b->bps &&
	    a->fps_num == b->fps_num && a->fps_den == b->fps_den;
}

/* Picks the targets of the next run, at most BATCH; how many there are. */
static unsigned
pick(struct film_work *w, const struct av_job *j, unsigned batch[BATCH])
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->nfilm; i++) {
		struct film *f = &w->film[i];

		if (f->state != FILM_WAITING)
			continue;
		f->same_as = i;
		if (!plan_picture(&j->in, j->req->target[i].box, f->bps, f->rung, &f->picture)) {
			f->state = FILM_IMPOSSIBLE;
			continue;
		}
		f->picture.buffer_ms = plan_buffer_ms(w->ms);
		for (unsigned k = 0; k < n && f->same_as == i; k++)
			f->same_as = twins(w, i, batch[k]) ? batch[k] : i;
		if (f->same_as == i && n < BATCH)
			batch[n++] = i;
	}
	return n;
}

/* The sounds that a batch needs as inputs: input[k] of track k, 0 when unused;
 * adds their descriptors behind the n files. */
static unsigned
add_tracks(struct film_work *w, const unsigned *batch, unsigned n, unsigned *input, int *files)
{
	unsigned nfiles = n, inputs = 1;

	for (unsigned i = 0; i < n && w->ntrack > 0; i++) {
		unsigned k = w->film[batch[i]].track;

		if (input[k] != 0)
			continue;
		input[k] = inputs++;
		files[nfiles] = w->track[k].file;
		args_sound_input(&w->args, AV_FD_SOURCE + 1 + (int)nfiles++);
	}
	return nfiles;
}

static enum av_end
encode_batch(struct film_work *w, struct av_job *j, const unsigned *batch, unsigned n)
{
	const struct av_picture *pictures[BATCH];
	unsigned input[TRANSCODE_TARGETS] = { 0 }, nfiles;
	int files[BATCH + TRANSCODE_TARGETS];

	memset(&w->args, 0, sizeof w->args);
	args_source(&w->args, j->req);
	for (unsigned i = 0; i < n; i++) {
		struct film *f = &w->film[batch[i]];

		file_close(&f->file);
		if ((f->file = child_memfile("film")) == -1)
			return AV_BROKEN;
		files[i] = f->file;
		pictures[i] = &f->picture;
	}
	nfiles = add_tracks(w, batch, n, input, files);
	args_filter(&w->args, j->in.video, pictures, n);
	for (unsigned i = 0; i < n; i++)
		args_mp4(&w->args, i, pictures[i], w->ntrack > 0 ? input[w->film[batch[i]].track] : 0,
		    AV_FD_SOURCE + 1 + (int)i);
	return av_ffmpeg(j, &w->args, files, nfiles, w->ms, &w->run);
}

/* Looks at what a run has made. False when the source is to blame; then the
 * result is set (child_fail() and av_fail() return 0). */
static bool
check_run(struct film_work *w, struct av_job *j, const struct av_picture *first)
{
	int64_t ms = (int64_t)(w->run.frames * 1000 * first->fps_den / first->fps_num);

	if (w->run.frames == 0)
		return child_fail(j->res, TS_CORRUPT, "no picture could be decoded: %s", w->run.why);
	if (w->run.ms > j->req->max_ms)
		return child_fail(j->res, TS_TOO_BIG, "longer than %u ms", j->req->max_ms);
	if (plan_cut_short((enum format)j->req->format, j->in.video_ms, ms))
		return child_fail(j->res, TS_CORRUPT, "picture ends after %lld of %lld ms",
		    (long long)ms, (long long)j->in.video_ms);
	w->real_ms = w->run.ms > ms ? w->run.ms : ms;
	return true;
}

/* Over budget: fewer bits, and in the end a lower rung. */
static void
lower(struct film *f, uint64_t budget)
{
	f->bps = plan_less(f->picture.bps, budget, (uint64_t)f->bytes);
	f->rung = f->picture.rung;
	if (++f->tries == AV_TRIES) {
		f->tries = 0;
		f->rung--;
	}
	if (f->rung == 0)
		f->state = FILM_IMPOSSIBLE;
}

static bool
weigh(struct film_work *w, const struct av_job *j, const unsigned *batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct film *f = &w->film[batch[i]];
		uint64_t budget = j->req->target[batch[i]].budget;

		if ((f->bytes = file_size(f->file)) == -1)
			return false;
		if ((uint64_t)f->bytes <= budget)
			f->state = FILM_DONE;
		else
			lower(f, budget);
	}
	for (unsigned i = 0; i < w->nfilm; i++) {
		struct film *f = &w->film[i], *twin = &w->film[f->same_as];

		if (f->state == FILM_WAITING && twin != f && twin->state == FILM_DONE &&
		    (uint64_t)twin->bytes <= j->req->target[i].budget) {
			f->state = FILM_DONE;
			f->bytes = twin->bytes;
		}
	}
	return true;
}

/* A header that is a guess has promised much more time than there is, so that
 * the picture got too few bits: plan again, once, with the real time. */
static bool
plan_again(struct film_work *w, const struct av_job *j)
{
	if (w->replanned || w->real_ms * 5 >= w->ms * 4)
		return false;
	w->replanned = true;
	w->ms = w->real_ms;
	for (unsigned i = 0; i < w->nfilm; i++)
		plan_film(w, j, i);
	return true;
}

/* Runs until no target waits. True when all went well; else the result is set. */
static bool
encode_all(struct film_work *w, struct av_job *j)
{
	unsigned batch[BATCH], n;
	enum av_end end;

	for (int round = 0; (n = pick(w, j, batch)) > 0; round++) {
		if (round == ROUNDS)
			return child_fail(j->res, TS_BROKEN, "no end after %d encodes", round);
		j->from = round == 0 && j->permille < 100 ? 100 : j->permille;
		j->to = round == 0 ? 900 : 999;
		if ((end = encode_batch(w, j, batch, n)) != AV_DONE)
			return av_fail(j, end, w->run.why);
		if (!check_run(w, j, &w->film[batch[0]].picture))
			return false;
		if (!plan_again(w, j) && !weigh(w, j, batch, n))
			return child_fail(j->res, TS_BROKEN, "cannot read a rendition's size");
	}
	return true;
}

/* ---- all of it ----------------------------------------------------------- */

/* Headers of elementary streams hold no time at all, and some files no usable
 * one: then only decoding tells. It also proves that there is a picture when no
 * target can be made. */
static bool
measure(struct film_work *w, struct av_job *j)
{
	enum av_end end;

	memset(&w->args, 0, sizeof w->args);
	args_source(&w->args, j->req);
	args_measure(&w->args, j->in.video);
	j->from = j->to = 0;
	if ((end = av_ffmpeg(j, &w->args, NULL, 0, 0, &w->run)) != AV_DONE)
		return av_fail(j, end, w->run.why);
	if (!check_run(w, j, &(struct av_picture){ .fps_num = j->in.fps_num > 0 ? j->in.fps_num : 25,
	    .fps_den = j->in.fps_den }))
		return false;
	w->ms = w->real_ms;
	return true;
}

static int
deliver(const struct film_work *w, struct av_job *j, const int *out)
{
	for (unsigned i = 0; i < w->nfilm; i++) {
		const struct film *f = &w->film[i];
		struct transcode_output *o = &j->res->out[i];

		if (f->state != FILM_DONE)
			continue;	/* fits stays 0 */
		o->same_as = f->same_as;
		o->format = FORMAT_MP4;
		o->width = f->picture.width;
		o->height = f->picture.height;
		o->ms = (uint32_t)w->real_ms;
		o->quality = (uint32_t)(f->picture.bps / 1000);
		o->bytes = (uint64_t)f->bytes;
		o->fits = 1;
		if (o->same_as == i && av_deliver(j, i, f->file, out[i]) == -1)
			return child_fail(j->res, TS_BROKEN, "cannot copy target %u", i);
	}
	j->res->ms = (uint32_t)w->real_ms;
	if (w->note[0] != '\0')
		return child_fail(j->res, TS_OK, "sound left out: %s", w->note);
	return 0;
}

static int
work(struct film_work *w, struct av_job *j, const int *out)
{
	bool any = false;
	enum av_end end;

	w->ms = j->in.video_ms > j->in.ms ? j->in.video_ms : j->in.ms;
	if ((w->ms <= 0 || j->req->format == FORMAT_MPEGES) && !measure(w, j))
		return 0;
	if (j->in.audio != -1 && (end = encode_tracks(w, j)) != AV_DONE)
		return av_fail(j, end, w->run.why);
	for (unsigned i = 0; i < w->nfilm; i++)
		plan_film(w, j, i);
	if (!encode_all(w, j))
		return 0;
	for (unsigned i = 0; i < w->nfilm; i++)
		any = any || w->film[i].state == FILM_DONE;
	if (!any && w->real_ms == 0 && !measure(w, j))
		return 0;
	return deliver(w, j, out);
}

int
av_film_run(struct av_job *j, const int *out)
{
	static struct film_work w;	/* large, and the process has one job */
	int rc;

	if (j->in.video == -1)
		return child_fail(j->res, TS_CORRUPT, "holds no picture that is known");
	memset(&w, 0, sizeof w);
	if (j->in.audio == -1 && j->in.audio_codec[0] != '\0')
		(void)snprintf(w.note, sizeof w.note, "codec %s", j->in.audio_codec);
	w.nfilm = j->req->ntargets;
	for (unsigned i = 0; i < w.nfilm; i++)
		w.film[i].file = -1;
	j->res->width = j->in.width;
	j->res->height = j->in.height;
	rc = work(&w, j, out);
	close_all(&w);
	return rc;
}
