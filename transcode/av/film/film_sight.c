/* film_sight: looks at what a film shows before and after its frames are shaped; see film.h. */
#include "transcode/av/film/film.h"
#include "transcode/av/av_filter.h"

#include <stdio.h>

#include <libavutil/frame.h>

enum {
	EVERY_US = 500000,
	CHAIN = 64,
};

static bool
look(void *ctx, AVFrame *frame, int64_t at)
{
	(void)at;
	seen_source(ctx, frame->data[0], (size_t)frame->linesize[0]);
	return true;
}

void
film_see_source(struct film_frames *w, AVFrame *frame)
{
	struct seen *s = &w->f->seen;
	const struct av_picture *p = &w->f->spool.picture;
	int64_t at = (int64_t)(w->kept * 1000000 * p->fps_den / p->fps_num);
	char chain[CHAIN];

	if (s->looks > 0 && at < w->look_at)
		return;
	w->look_at = at + EVERY_US;
	if (w->small != NULL && av_filter_other(w->small, frame))
		av_filter_close(&w->small);
	(void)snprintf(chain, sizeof chain, "scale=%d:%d:flags=area,format=rgba", SEEN_SIDE,
	    SEEN_SIDE);
	if (w->small == NULL && av_filter_open(&w->small, frame, chain) != AV_DONE)
		av_filter_close(&w->small);
	if (w->small != NULL)
		(void)av_filter_push(w->small, frame, at, &(struct av_sink){ look, s });
}

void
film_see_kept(struct film *f, const AVFrame *frame)
{
	struct seen_frame made = { .width = (unsigned)frame->width,
		.height = (unsigned)frame->height };

	for (size_t i = 0; i < sizeof made.plane / sizeof *made.plane; i++) {
		made.plane[i] = frame->data[i];
		made.stride[i] = (size_t)frame->linesize[i];
	}
	seen_made(&f->seen, &made);
}
