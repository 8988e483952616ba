/*
 * av: audio and video of one medium, in the child: see transcode_child.h, av.h.
 *
 * Promises renditions that are within their budgets, as long as the source to
 * a fifth of a second, and hold nothing of it but picture and sound. On failure
 * the result says whose fault it was: TS_CORRUPT the source's, TS_TOO_BIG and
 * TS_LIMIT the limits', TS_BROKEN ours. A target that the lowest step does not
 * fit has fits = 0, which is no failure.
 *
 * Known limits: pictures of high dynamic range are not mapped to the standard
 * range, only converted; interlaced ones are scaled as they are.
 */
#include "transcode/av.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "file.h"

int
av_fail(struct av_job *j, enum av_end end, const char *why)
{
	switch (end) {
	case AV_REFUSED:
		return child_fail(j->res, TS_CORRUPT, "%s", why[0] != '\0' ? why : "ffmpeg refuses it");
	case AV_TOO_BIG:
		return child_fail(j->res, TS_TOO_BIG, "%s", why);
	case AV_LIMIT:
		return child_fail(j->res, TS_LIMIT, "killed or out of memory or time: %s", why);
	default:
		return child_fail(j->res, TS_BROKEN, "ffmpeg cannot be run: %s",
		    why[0] != '\0' ? why : strerror(errno));
	}
}

int
av_deliver(struct av_job *j, unsigned i, int from, int to)
{
	int64_t n = child_copy(from, to);

	return n >= 0 && (uint64_t)n == j->res->out[i].bytes ? 0 : -1;
}

/* Is the file as long as it says? */
static int
check_size(struct av_job *j)
{
	static unsigned char head[HEAD_BYTES];
	ssize_t n = file_pread(j->source, head, sizeof head, 0);
	int64_t size = file_size(j->source);
	uint64_t declared;

	if (n < 0 || size < 0)
		return child_fail(j->res, TS_BROKEN, "the source cannot be read: %s", strerror(errno));
	declared = head_size((enum format)j->req->format, head, (size_t)n);
	if (plan_bytes_missing(declared, (uint64_t)size))
		return child_fail(j->res, TS_CORRUPT, "cut: %lld of %llu bytes", (long long)size,
		    (unsigned long long)declared);
	return 0;
}

static int
check_limits(struct av_job *j)
{
	const struct av_info *in = &j->in;

	if (in->pixels > j->req->max_pixels)
		return child_fail(j->res, TS_TOO_BIG, "%llu pixels a frame, at most %llu",
		    (unsigned long long)in->pixels, (unsigned long long)j->req->max_pixels);
	if (plan_header_exact((enum format)j->req->format) && in->ms > j->req->max_ms)
		return child_fail(j->res, TS_TOO_BIG, "%lld ms long, at most %u", (long long)in->ms,
		    j->req->max_ms);
	return 0;
}

/* The answer to TRANSCODE_PROBE. */
static int
tell_facts(struct av_job *j, enum kind k)
{
	const struct av_info *in = &j->in;
	int64_t ms = k == KIND_AUDIO && in->audio_ms > 0 ? in->audio_ms : in->ms > in->video_ms ? in->ms : in->video_ms;

	if (k == KIND_AUDIO ? in->audio == -1 : in->video == -1)
		return child_fail(j->res, TS_CORRUPT, k == KIND_AUDIO ? "holds no sound" : "holds no picture that is known");
	j->res->width = k == KIND_AUDIO ? 0 : in->width;
	j->res->height = k == KIND_AUDIO ? 0 : in->height;
	j->res->ms = ms > 0 && ms <= UINT32_MAX ? (uint32_t)ms : 0;
	return 0;
}

int
av_run(const struct transcode_request *req, int source, const int *out,
    struct transcode_result *res, int answer)
{
	struct av_job j = { .req = req, .res = res, .source = source, .answer = answer };
	enum kind k = format_kind((enum format)req->format);
	char why[AV_WHY];
	enum av_end end;

	if (!kind_is_av(k) || format_demuxer((enum format)req->format) == NULL)
		return child_fail(res, TS_BROKEN, "%s is neither audio nor video",
		    format_name((enum format)req->format));
	res->status = TS_OK;	/* until a step finds otherwise */
	j.started = clock_mono();
	(void)check_size(&j);
	if (res->status != TS_OK)
		return 0;
	if ((end = av_ffprobe(&j, why)) != AV_DONE)
		return av_fail(&j, end, why);
	(void)check_limits(&j);
	if (res->status != TS_OK)
		return 0;
	if (req->kind == TRANSCODE_PROBE)
		return tell_facts(&j, k);
	return k == KIND_AUDIO ? av_sound_run(&j, out) : av_film_run(&j, out);
}
