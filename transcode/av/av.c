/*
 * av: makes the audio and video renditions of one medium, in the child; see transcode_child.h and
 * av_job.h.
 *
 * The renditions are within their budgets and as long as the source to a fifth of a second, and
 * they hold nothing of it but its video and sound. On failure the result says whose fault it was:
 * TS_CORRUPT the source's, TS_TOO_BIG and TS_LIMIT the limits', TS_BROKEN ours.
 */
#include "transcode/av/av_job.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "transcode/av/av.h"
#include "transcode/av/av_demux.h"
#include "transcode/av/film/av_film.h"
#include "transcode/av/av_head.h"
#include "transcode/av/av_result.h"
#include "transcode/av/av_sound.h"
#include "transcode/child.h"

/* ---- opening the source --------------------------------------------------------------- */

/* Checks that the file is as long as its header declares. Sets the result if it is not. */
static int
check_size(struct av_job *j)
{
	static unsigned char head[HEAD_BYTES];
	ssize_t n = file_pread(j->file.fd, head, sizeof head, 0);
	uint64_t declared, size = (uint64_t)j->file.size;

	if (n < 0 || j->file.size < 0)
		return child_fail(j->res, TS_BROKEN, "the source cannot be read: %s",
		    strerror(errno));
	declared = head_size((enum format)j->req->format, head, (size_t)n);
	if (plan_bytes_missing(declared, size))
		return child_fail(j->res, TS_CORRUPT, "cut short: %llu of %llu bytes",
		    (unsigned long long)size, (unsigned long long)declared);
	return 0;
}

static int
check_limits(struct av_job *j)
{
	const struct av_info *in = &j->info;

	if (in->pixels > j->req->max_pixels)
		return child_fail(j->res, TS_TOO_BIG,
		    "%llu pixels per frame; at most %llu are allowed",
		    (unsigned long long)in->pixels, (unsigned long long)j->req->max_pixels);
	if (plan_header_exact((enum format)j->req->format) && in->ms > j->req->max_ms)
		return child_fail(j->res, TS_TOO_BIG,
		    "it is %lld ms long; at most %u ms are allowed", (long long)in->ms,
		    j->req->max_ms);
	return 0;
}

static int
check_streams(struct av_job *j, bool film)
{
	const struct av_info *in = &j->info;

	if (!film && in->audio == -1)
		return child_fail(j->res, TS_CORRUPT, "it has no sound%s%s",
		    in->audio_codec[0] != '\0' ? " in a known codec: " : "", in->audio_codec);
	if (film && in->video == -1)
		return child_fail(j->res, TS_CORRUPT, "it has no video in a known codec%s%s",
		    in->video_codec[0] != '\0' ? ": " : "", in->video_codec);
	return 0;
}

/* Answers a TRANSCODE_PROBE with the facts of the source. */
static int
tell_facts(struct av_job *j, bool film)
{
	const struct av_info *in = &j->info;
	int64_t ms = !film && in->audio_ms > 0 ? in->audio_ms :
	    in->ms > in->video_ms              ? in->ms :
						 in->video_ms;

	j->res->width = film ? in->width : 0;
	j->res->height = film ? in->height : 0;
	j->res->ms = ms > 0 && ms <= UINT32_MAX ? (uint32_t)ms : 0;
	return 0;
}

static int
work(struct av_job *j, bool film, const int *out)
{
	enum av_end end;

	(void)check_size(j);
	if (j->res->status != TS_OK)
		return 0;
	if ((end = av_in_open(&j->in, &j->file)) != AV_DONE)
		return av_fail(j, end, av_said());
	av_in_info(j->in, &j->info);
	(void)check_streams(j, film);
	if (j->res->status == TS_OK)
		(void)check_limits(j);
	if (j->res->status != TS_OK)
		return 0;
	if (j->req->kind == TRANSCODE_PROBE)
		return tell_facts(j, film);
	return film ? av_film_run(j, out) : av_sound_run(j, out);
}

int
av_run(const struct job_request *job, struct transcode_result *res)
{
	const struct transcode_request *req = &job->req;
	struct av_job j = { .req = req,
		.res = res,
		.answer = job->answer,
		.started = clock_mono(),
		.file = { job->source, job->size, (enum format)req->format, req->max_pixels } };
	enum kind k = format_kind((enum format)req->format);
	int rc;

	if (!kind_is_av(k) || format_demuxer((enum format)req->format) == NULL)
		return child_fail(res, TS_BROKEN, "%s is neither audio nor video",
		    format_name((enum format)req->format));
	av_listen();
	res->status = TS_OK; /* unless a step finds otherwise */
	rc = work(&j, k == KIND_VIDEO, job->out);
	av_in_close(&j.in);
	return rc;
}
