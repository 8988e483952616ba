/*
 * av_sound: renditions of sound, MP3 at a constant rate (MEDIA.md 2.4).
 *
 * The size is known before the encode, so one run makes all that is wanted,
 * each step of the ladder once; targets with the same step share the bytes. The
 * duration comes from the headers at first; when the decoder finds another one
 * and a file turns out too large for that, the ladder is asked again with what
 * the decoder has found.
 */
#include "transcode/av.h"

#include <string.h>

#include "file.h"

/* One step of the ladder, encoded. */
struct encode {
	struct av_sound sound;
	int file;
	int64_t bytes;
};

struct sound_work {
	struct encode encode[TRANSCODE_TARGETS];
	unsigned n;
	int of[TRANSCODE_TARGETS];	/* encode of each target, -1: none fits */
	struct av_args args;
	struct av_run run;
};

static void
close_files(struct sound_work *w)
{
	for (unsigned k = 0; k < w->n; k++)
		file_close(&w->encode[k].file);
	w->n = 0;
}

/* Chooses a step for each target. */
static void
choose(struct sound_work *w, const struct av_job *j, int64_t ms)
{
	close_files(w);
	for (unsigned i = 0; i < j->req->ntargets; i++) {
		struct av_sound s;
		unsigned k = 0;

		w->of[i] = -1;
		if (!plan_mp3(&j->in, j->req->target[i].budget, ms, &s))
			continue;
		while (k < w->n && memcmp(&w->encode[k].sound, &s, sizeof s) != 0)
			k++;
		if (k == w->n)
			w->encode[w->n++] = (struct encode){ s, -1, 0 };
		w->of[i] = (int)k;
	}
}

/* What ffmpeg reports is when the last packet ends, and that holds what the
 * encoder puts before the sound (1,105 samples of the slowest rate made). */
static void
without_delay(struct sound_work *w)
{
	int64_t delay = 0;

	for (unsigned k = 0; k < w->n; k++)
		if (1105 * 1000 / w->encode[k].sound.hz > delay)
			delay = 1105 * 1000 / w->encode[k].sound.hz;
	if (w->run.ms > delay)
		w->run.ms -= delay;
}

/* Encodes all steps that were chosen, or, when none is, only decodes. */
static enum av_end
encode(struct sound_work *w, struct av_job *j, int64_t total_ms)
{
	int files[TRANSCODE_TARGETS];
	enum av_end end;

	memset(&w->args, 0, sizeof w->args);
	args_source(&w->args, j->req);
	for (unsigned k = 0; k < w->n; k++) {
		if ((w->encode[k].file = child_memfile("sound")) == -1)
			return AV_BROKEN;
		files[k] = w->encode[k].file;
		args_mp3(&w->args, j->in.audio, &w->encode[k].sound, AV_FD_SOURCE + 1 + (int)k);
	}
	if (w->n == 0)
		args_measure(&w->args, j->in.audio);
	end = av_ffmpeg(j, &w->args, files, w->n, total_ms, &w->run);
	without_delay(w);
	for (unsigned k = 0; k < w->n && end == AV_DONE; k++)
		if ((w->encode[k].bytes = file_size(w->encode[k].file)) == -1)
			return AV_BROKEN;
	return end;
}

/* Is every file within the budget of each target that uses it, and was no step
 * chosen too low, or not at all, because a header promised too long a time? */
static bool
right(const struct sound_work *w, const struct av_job *j)
{
	for (unsigned i = 0; i < j->req->ntargets; i++) {
		uint64_t budget = j->req->target[i].budget;
		struct av_sound s;
		bool fits = plan_mp3(&j->in, budget, w->run.ms, &s);

		if (w->of[i] == -1 ? fits : (uint64_t)w->encode[w->of[i]].bytes > budget ||
		    (fits && s.bps > w->encode[w->of[i]].sound.bps))
			return false;
	}
	return true;
}

static int
deliver(struct sound_work *w, struct av_job *j, const int *out)
{
	for (unsigned i = 0; i < j->req->ntargets; i++) {
		struct transcode_output *o = &j->res->out[i];
		const struct encode *e = w->of[i] == -1 ? NULL : &w->encode[w->of[i]];

		if (e == NULL || (uint64_t)e->bytes > j->req->target[i].budget)
			continue;	/* fits stays 0 */
		for (unsigned k = 0; k < i && o->same_as == i; k++)
			if (w->of[k] == w->of[i] && j->res->out[k].fits)
				o->same_as = k;
		o->format = FORMAT_MP3;
		o->ms = (uint32_t)((uint64_t)e->bytes * 8000 / e->sound.bps);
		o->quality = e->sound.bps / 1000;
		o->bytes = (uint64_t)e->bytes;
		o->fits = 1;
		if (o->same_as == i && av_deliver(j, i, e->file, out[i]) == -1)
			return child_fail(j->res, TS_BROKEN, "cannot copy target %u", i);
	}
	j->res->status = TS_OK;
	return 0;
}

static int
work(struct sound_work *w, struct av_job *j, const int *out)
{
	int64_t promised = j->in.audio_ms > 0 ? j->in.audio_ms : j->in.ms, ms = promised;
	enum av_end end;

	for (int tries = 0; tries < 2; tries++) {
		j->from = tries == 0 ? 0 : j->permille;
		j->to = tries == 0 ? 900 : 999;
		choose(w, j, ms);
		if ((end = encode(w, j, ms)) != AV_DONE)
			return av_fail(j, end, w->run.why);
		if (w->run.ms <= 0)
			return child_fail(j->res, TS_CORRUPT, "no sound could be decoded: %s", w->run.why);
		if (w->run.ms > j->req->max_ms)
			return child_fail(j->res, TS_TOO_BIG, "longer than %u ms", j->req->max_ms);
		if (plan_cut_short((enum format)j->req->format, promised, w->run.ms))
			return child_fail(j->res, TS_CORRUPT, "ends after %lld of %lld ms",
			    (long long)w->run.ms, (long long)promised);
		if (right(w, j))
			break;
		ms = w->run.ms;
	}
	j->res->ms = (uint32_t)w->run.ms;
	return deliver(w, j, out);
}

int
av_sound_run(struct av_job *j, const int *out)
{
	static struct sound_work w;	/* large, and the process has one job */
	int rc;

	if (j->in.audio == -1)
		return child_fail(j->res, TS_CORRUPT, "holds no sound");
	memset(&w, 0, sizeof w);
	rc = work(&w, j, out);
	close_files(&w);
	return rc;
}
