/*
 * film_finest: decides which quality is enough for a film, by the look of an encode; see film.h.
 *
 * CRF_BEST cannot be told from the source in most films. In noise it can, and where a class has
 * bytes left, such a film is worth a lower CRF.
 */
#include "transcode/av/film/film.h"
#include "transcode/av/av_codec.h"
#include "transcode/av/av_filter.h"
#include "transcode/ssim.h"

#include <libavcodec/packet.h>
#include <libavutil/frame.h>

enum { SAMPLES = 12 };

/* Some of the kept frames, every step-th of an encode's, and how like these its own are. */
struct look {
	const struct film *f;
	const struct film_make *m;
	AVFrame *kept[SAMPLES];
	unsigned n, step;
	double sum;
	unsigned compared;
};

/* Returns the kept frame that became frame k of the encode, or NULL when it is packed. */
static AVFrame *
source_of(const struct look *l, uint64_t k)
{
	const struct av_picture *kept = &l->f->spool.picture;
	uint64_t n = film_nth(&l->m->picture, kept->fps_num, kept->fps_den, k);

	return n < l->f->spool.nraw ? l->f->spool.raw[n] : NULL;
}

static bool
keep(void *ctx, AVFrame *frame, int64_t at)
{
	struct look *l = ctx;

	(void)at;
	if (l->n == SAMPLES)
		return true;
	l->kept[l->n] = av_frame_clone(frame);
	return l->kept[l->n] != NULL && ++l->n > 0;
}

/* Collects the samples in the encode's size. */
static enum av_end
collect(struct look *l)
{
	const struct av_picture *p = &l->m->picture, *kept = &l->f->spool.picture;
	struct av_filter *scale = NULL;
	const struct av_sink to = { keep, l };
	enum av_end end = AV_DONE;
	uint64_t all = 0;

	while (source_of(l, all) != NULL)
		all++;
	l->step = (unsigned)(all / SAMPLES) + 1;
	if (all > 0 && (p->width != kept->width || p->height != kept->height))
		end = av_filter_scale(&scale, source_of(l, 0), p->width, p->height);
	for (uint64_t k = 0; k < all && end == AV_DONE; k += l->step)
		if (scale != NULL)
			end = av_filter_push(scale, source_of(l, k), (int64_t)k, &to);
		else if (!keep(l, source_of(l, k), 0))
			end = AV_LIMIT;
	av_filter_close(&scale);
	return end;
}

/* Tells whether an encode's frame of this number is compared. */
static bool
is_sample(const struct look *l, int64_t number)
{
	return number >= 0 && (uint64_t)number % l->step == 0 && (uint64_t)number / l->step < l->n;
}

/* Tells whether no other frame of H.264 refers to that of this packet, as the type of its slices
 * says (ITU-T H.264, 7.4.1: nal_ref_idc). The packet has start codes. */
static bool
is_alone(const AVPacket *p)
{
	enum { REF = 0x60, TYPE = 0x1f, SLICE = 1 };

	for (int i = 0; i + 3 < p->size; i++)
		if (p->data[i] == 0 && p->data[i + 1] == 0 && p->data[i + 2] == 1 &&
		    (p->data[i + 3] & TYPE) == SLICE)
			return (p->data[i + 3] & REF) == 0;
	return false;
}

static bool
compare(void *ctx, AVFrame *frame, int64_t at)
{
	struct look *l = ctx;
	uint64_t number = (uint64_t)frame->pts;
	const AVFrame *kept;

	(void)at;
	if (!is_sample(l, frame->pts))
		return true;
	kept = l->kept[number / l->step];
	if (frame->width != kept->width || frame->height != kept->height)
		return false;
	l->sum += ssim((struct ssim_plane){ kept->data[0], (size_t)kept->linesize[0] },
	    (struct ssim_plane){ frame->data[0], (size_t)frame->linesize[0] },
	    (uint32_t)kept->width, (uint32_t)kept->height);
	l->compared++;
	return true;
}

/* Returns the likeness of the encode to its samples; negative when it cannot be told. */
static double
likeness(struct look *l)
{
	struct av_decoder *d = NULL;
	enum av_end end = av_decoder_of(&d, l->m->encoder);

	for (size_t i = 0; i < l->m->packets.n && l->compared < l->n && end == AV_DONE; i++)
		if (is_sample(l, l->m->packets.p[i]->pts) || !is_alone(l->m->packets.p[i]))
			end = av_decode(d, l->m->packets.p[i], &(struct av_sink){ compare, l });
	if (end == AV_DONE)
		end = av_decode(d, NULL, &(struct av_sink){ compare, l });
	av_decoder_close(&d);
	return end == AV_DONE && l->compared > 0 ? l->sum / l->compared : -1;
}

bool
film_is_finest(struct film *f, const struct film_make *m)
{
	struct look l = { .f = f, .m = m };

	if (!plan_same(&f->judged, &m->picture)) {
		double like = collect(&l) == AV_DONE ? likeness(&l) : -1;

		f->finest = like >= 0 ? film_crf_of(like) : CRF_BEST;
		f->judged = m->picture;
	}
	for (unsigned i = 0; i < l.n; i++)
		av_frame_free(&l.kept[i]);
	return m->crf <= f->finest;
}
