/*
 * av_filter: runs chains of filters with libavfilter. See av_lib.h.
 */
#include "transcode/av/av_lib.h"
#include "transcode/av/av_codecs.h"
#include "transcode/av/av_filter.h"

#include <stdio.h>
#include <stdlib.h>

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/pixdesc.h>

enum { ARGS = 512 };

struct av_filter {
	AVFilterGraph *g;
	AVFilterContext *in, *out;
	AVFrame *frame;
	int format, width, height, hz; /* properties of the input frames */
	int range, space, transfer, primaries;
	AVChannelLayout layout;
	bool sound;
};

static bool
video_args(const AVFrame *f, char args[ARGS])
{
	AVRational sar = f->sample_aspect_ratio.num > 0 && f->sample_aspect_ratio.den > 0 ?
	    f->sample_aspect_ratio :
	    (AVRational){ 1, 1 };
	int n = snprintf(args, ARGS,
	    "video_size=%dx%d:pix_fmt=%d:time_base=1/1000000:pixel_aspect=%d/%d", f->width,
	    f->height, f->format, sar.num, sar.den);

	return n > 0 && n < ARGS;
}

static bool
sound_args(const AVFrame *f, char args[ARGS])
{
	char layout[128];
	int n;

	if (av_channel_layout_describe(&f->ch_layout, layout, sizeof layout) < 0)
		return false;
	n = snprintf(args, ARGS,
	    "time_base=1/1000000:sample_rate=%d:sample_fmt=%d:channel_layout=%s", f->sample_rate,
	    f->format, layout);
	return n > 0 && n < ARGS;
}

static int
link_chain(struct av_filter *f, const char *chain)
{
	AVFilterInOut *in = avfilter_inout_alloc(), *out = avfilter_inout_alloc();
	int rc = AVERROR(ENOMEM);

	if (in != NULL && out != NULL) {
		*out = (AVFilterInOut){ .name = av_strdup("in"), .filter_ctx = f->in };
		*in = (AVFilterInOut){ .name = av_strdup("out"), .filter_ctx = f->out };
		if (out->name != NULL && in->name != NULL)
			rc = avfilter_graph_parse_ptr(f->g, chain, &in, &out, NULL);
	}
	avfilter_inout_free(&in);
	avfilter_inout_free(&out);
	return rc < 0 ? rc : avfilter_graph_config(f->g, NULL);
}

static int
build(struct av_filter *f, const AVFrame *like, const char *chain)
{
	char args[ARGS];
	int rc;

	f->sound = like->nb_samples > 0;
	if (!(f->sound ? sound_args : video_args)(like, args))
		return AVERROR(EINVAL);
	if ((f->g = avfilter_graph_alloc()) == NULL || (f->frame = av_frame_alloc()) == NULL)
		return AVERROR(ENOMEM);
	f->g->nb_threads = 1;
	rc = avfilter_graph_create_filter(&f->in,
	    avfilter_get_by_name(f->sound ? "abuffer" : "buffer"), "in", args, NULL, f->g);
	if (rc >= 0)
		rc = avfilter_graph_create_filter(&f->out,
		    avfilter_get_by_name(f->sound ? "abuffersink" : "buffersink"), "out", NULL,
		    NULL, f->g);
	return rc >= 0 ? link_chain(f, chain) : rc;
}

enum av_end
av_filter_open(struct av_filter **out, const AVFrame *like, const char *chain)
{
	struct av_filter *f = calloc(1, sizeof *f);
	int rc;

	*out = f;
	if (f == NULL)
		return AV_LIMIT;
	f->format = like->format;
	f->width = like->width;
	f->height = like->height;
	f->hz = like->sample_rate;
	f->range = (int)like->color_range;
	f->space = (int)like->colorspace;
	f->transfer = (int)like->color_trc;
	f->primaries = (int)like->color_primaries;
	if (av_channel_layout_copy(&f->layout, &like->ch_layout) < 0)
		return AV_LIMIT;
	rc = build(f, like, chain);
	return rc >= 0 ? AV_DONE : av_blame(rc);
}

enum av_end
av_filter_scale(struct av_filter **f, const AVFrame *like, unsigned width, unsigned height)
{
	char chain[64];

	(void)snprintf(chain, sizeof chain, "scale=%u:%u:flags=bicubic", width, height);
	return av_filter_open(f, like, chain);
}

bool
av_filter_other(const struct av_filter *f, const AVFrame *frame)
{
	return f->format != frame->format || f->width != frame->width ||
	    f->height != frame->height || f->hz != frame->sample_rate ||
	    f->range != (int)frame->color_range || f->space != (int)frame->colorspace ||
	    f->transfer != (int)frame->color_trc || f->primaries != (int)frame->color_primaries ||
	    av_channel_layout_compare(&f->layout, &frame->ch_layout) != 0;
}

void
av_filter_frame_size(struct av_filter *f, unsigned samples)
{
	av_buffersink_set_frame_size(f->out, samples);
}

static enum av_end
take(struct av_filter *f, const struct av_sink *to)
{
	for (;;) {
		int rc = av_buffersink_get_frame(f->out, f->frame);
		bool ok;

		if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
			return AV_DONE;
		if (rc < 0)
			return av_blame(rc);
		ok = to->each(to->ctx, f->frame,
		    f->frame->pts == AV_NOPTS_VALUE ?
			AV_NO_TIME :
			av_rescale_q(f->frame->pts, av_buffersink_get_time_base(f->out),
			    AV_TIME_BASE_Q));
		av_frame_unref(f->frame);
		if (!ok)
			return AV_BROKEN;
	}
}

enum av_end
av_filter_push(struct av_filter *f, AVFrame *frame, int64_t at, const struct av_sink *to)
{
	int rc;

	if (frame == NULL) {
		rc = av_buffersrc_close(f->in, at, 0); /* else the last frame is lost */
	} else {
		frame->pts = at;
		frame->pkt_duration = 0;
		rc = av_buffersrc_add_frame_flags(f->in, frame,
		    AV_BUFFERSRC_FLAG_KEEP_REF | AV_BUFFERSRC_FLAG_NO_CHECK_FORMAT);
	}
	return rc < 0 ? av_blame(rc) : take(f, to);
}

void
av_filter_close(struct av_filter **f)
{
	if (*f == NULL)
		return;
	avfilter_graph_free(&(*f)->g);
	av_frame_free(&(*f)->frame);
	av_channel_layout_uninit(&(*f)->layout);
	free(*f);
	*f = NULL;
}
