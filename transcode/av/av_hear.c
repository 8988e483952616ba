/* av_hear: brings decoded sound into memory. See av_job.h. */
#include "transcode/av/av_job.h"
#include "transcode/av/av_filter.h"
#include "transcode/av/av_hear.h"

#include <stdio.h>

#include <libavutil/frame.h>

enum { HZ_MOST = 48000, CHAIN = 128 };

void
av_hear_init(struct av_hear *h, struct av_pcm *pcm, const struct av_job *j, bool film)
{
	*pcm = (struct av_pcm){ .hz = j->info.hz < HZ_MOST ? j->info.hz : HZ_MOST,
		.channels = j->info.channels > 1 ? 2 : 1 };
	pcm->most = ((size_t)j->req->max_ms + 1000) * pcm->hz / 1000;
	*h = (struct av_hear){ .pcm = pcm, .film = film };
}

static bool
keep(void *ctx, AVFrame *frame, int64_t at)
{
	struct av_hear *h = ctx;

	(void)at;
	if (!av_pcm_add(h->pcm, frame))
		h->failed = AV_LIMIT;
	return h->failed == AV_DONE;
}

static enum av_end
push(struct av_hear *h, AVFrame *frame, int64_t at)
{
	enum av_end end = av_filter_push(h->filter, frame, at, &(struct av_sink){ keep, h });

	return h->failed != AV_DONE ? h->failed : end;
}

static enum av_end
open_filter(struct av_hear *h, const AVFrame *frame)
{
	char chain[CHAIN];

	(void)snprintf(chain, sizeof chain,
	    "aresample=%u%s,aformat=sample_fmts=s16:channel_layouts=%s", h->pcm->hz,
	    h->film && h->pcm->n == 0 ? ":async=1:first_pts=0" :
		h->film               ? ":async=1" :
					"",
	    h->pcm->channels > 1 ? "stereo" : "mono");
	return av_filter_open(&h->filter, frame, chain);
}

/* Tells whether the frame comes so late that the silence before it is longer than allowed. The
 * filter would make all that silence at once, in memory. */
static bool
too_late(const struct av_hear *h, int64_t at)
{
	return h->film && at != AV_NO_TIME &&
	    at / 1000000 > (int64_t)(h->pcm->most / h->pcm->hz) + 1;
}

/* Ignores frames once there are too many samples; the caller checks the length afterwards. */
bool
av_hear(void *ctx, AVFrame *frame, int64_t at)
{
	struct av_hear *h = ctx;

	h->pcm->over = h->pcm->over || too_late(h, at);
	if (h->pcm->over)
		return true;
	if (h->filter != NULL && av_filter_other(h->filter, frame))
		h->failed = av_hear_end(h);
	if (h->failed == AV_DONE && h->filter == NULL)
		h->failed = open_filter(h, frame);
	if (h->failed == AV_DONE)
		h->failed = push(h, frame, at);
	return h->failed == AV_DONE;
}

enum av_end
av_hear_end(struct av_hear *h)
{
	enum av_end end = AV_DONE;

	if (h->filter != NULL)
		end = push(h, NULL, av_pcm_ms(h->pcm) * 1000);
	av_filter_close(&h->filter);
	return end;
}
