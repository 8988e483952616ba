/*
 * film_frames: makes decoded frames even in time, upright and BT.709, and keeps those that are
 * needed. See film.h.
 *
 * The first frames decide whether a film is interlaced; they are held back until then. The size in
 * which frames are kept is decided once, when DECIDE_BYTES of them are there. A shorter film is
 * complete by then; of a longer one, these frames are encoded to see how many bytes it takes.
 */
#include "transcode/av/film/film.h"
#include "transcode/av/av_filter.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/frame.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>

enum {
	HELD_US = 2000000, /* this much of a film is examined for interlacing */
	DECIDE_BYTES = 64 << 20,
};

#define SPARE 1.25

/* ---- interlaced? ------------------------------------------------------------------------ */

static bool
look_at_lines(void *ctx, AVFrame *frame, int64_t at)
{
	struct film_lines *l = ctx;
	const AVDictionaryEntry *e = av_dict_get(frame->metadata,
	    "lavfi.idet.multiple.current_frame", NULL, 0);
	bool fields = e != NULL && (strcmp(e->value, "tff") == 0 || strcmp(e->value, "bff") == 0);

	(void)at;
	if (fields &&
	    film_combed(frame->data[0], (size_t)frame->linesize[0], (unsigned)frame->width,
		(unsigned)frame->height))
		l->seen++;
	else if (fields)
		l->unseen++;
	else if (e != NULL && strcmp(e->value, "progressive") == 0)
		l->not_found++;
	return true;
}

static enum av_end
judge(struct film_frames *w)
{
	struct film_lines l = { .n = w->nheld };
	const struct av_sink to = { look_at_lines, &l };
	struct av_filter *f = NULL;
	enum av_end end = av_filter_open(&f, w->held[0], "idet,format=gray");

	for (unsigned i = 0; i < w->nheld && end == AV_DONE; i++) {
		l.flagged += w->held[i]->interlaced_frame != 0;
		end = av_filter_other(f, w->held[i]) ?
		    AV_DONE :
		    av_filter_push(f, w->held[i], w->held_at[i], &to);
	}
	if (end == AV_DONE)
		end = av_filter_push(f, NULL, w->end, &to);
	av_filter_close(&f);
	w->judged = true;
	w->interlaced = film_is_interlaced(&l);
	return end;
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static enum av_end
keep_picture(struct film_frames *w, AVFrame *frame)
{
	w->kept++;
	film_see_kept(w->f, frame);
	return av_spool_add(&w->f->spool, frame);
}

static bool
shaped(void *ctx, AVFrame *frame, int64_t at)
{
	struct film_frames *w = ctx;

	(void)at;
	w->failed = keep_picture(w, frame);
	return w->failed == AV_DONE;
}

/* A conversion of the frames kept in the old size and rate to the new ones. */
struct moving {
	struct film_frames *w;
	struct av_filter *scale;
	struct av_picture from;
	uint64_t next;
};

static bool
move_one(void *ctx, AVFrame *frame, int64_t number)
{
	struct moving *m = ctx;
	const struct av_picture *p = &m->w->f->spool.picture;

	if ((uint64_t)number < film_nth(p, m->from.fps_num, m->from.fps_den, m->next))
		return true;
	m->next++;
	return av_filter_push(m->scale, frame, number, &(struct av_sink){ shaped, m->w }) ==
	    AV_DONE;
}

static enum av_end
keep_smaller(struct film_frames *w, const struct av_picture *p)
{
	struct av_spool old = w->f->spool;
	struct moving m = { .w = w, .from = old.picture };
	enum av_end end;

	w->f->spool = (struct av_spool){ .picture = *p, .raw_most = old.raw_most };
	w->kept = 0;
	end = av_filter_scale(&m.scale, old.raw[0], p->width, p->height);
	if (end == AV_DONE)
		end = av_spool_each(&old, &(struct av_sink){ move_one, &m });
	av_filter_close(&m.scale);
	av_spool_free(&old);
	av_filter_close(&w->shape);
	return end;
}

/* Decides the largest size that the largest target could use, with a quarter more bytes to spare:
 * an encode of part of the film predicts what the whole takes. */
static enum av_end
settle(struct film_frames *w)
{
	struct film *f = w->f;
	const struct transcode_request *req = f->j->req;
	const struct film_want want = { &f->j->info, &req->target[req->ntargets - 1],
		&f->spool.picture, 0, f->finest };
	double bps = f->j->info.ms > 0 ?
	    (double)want.target->budget * 1000 / (double)f->j->info.ms :
	    0;
	struct film_choice c;
	struct film_make *m;
	enum av_end end;

	w->settled = true;
	if (bps <= 0)
		return AV_DONE;
	c = film_choose(&f->model, &want, bps);
	if ((end = film_encode(f, &(struct film_order){ .what = c }, &m)) != AV_DONE)
		return end;
	film_drop(f, m);
	f->part_s = av_spool_seconds(&f->spool);
	c = film_choose(&f->model, &want, bps * SPARE);
	return plan_rate(&c.picture) < plan_rate(&f->spool.picture) * 0.999 ?
	    keep_smaller(w, &c.picture) :
	    AV_DONE;
}

/* ---- shape ---------------------------------------------------------------------------------- */

static double
peak_of(const AVFrame *f)
{
	const AVFrameSideData *light = av_frame_get_side_data(f, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
	const AVFrameSideData *display = av_frame_get_side_data(f,
	    AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);

	if (light != NULL &&
	    ((const AVContentLightMetadata *)(const void *)light->data)->MaxCLL > 0)
		return ((const AVContentLightMetadata *)(const void *)light->data)->MaxCLL;
	if (display != NULL &&
	    ((const AVMasteringDisplayMetadata *)(const void *)display->data)->has_luminance)
		return av_q2d(((const AVMasteringDisplayMetadata *)(const void *)display->data)
				  ->max_luminance);
	return 0;
}

static enum av_end
open_shape(struct film_frames *w, const AVFrame *frame)
{
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
	const struct film_colours c = {
		.width = (unsigned)frame->width,
		.height = (unsigned)frame->height,
		.matrix = (int)frame->colorspace,
		.primaries = (int)frame->color_primaries,
		.transfer = (int)frame->color_trc,
		.full = frame->color_range == AVCOL_RANGE_JPEG ||
		    (d != NULL && strncmp(d->name, "yuvj", 4) == 0),
		.rgb = d != NULL &&
		    ((d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0 ||
			d->nb_components < 3),
		.way = w->f->how.way,
		.peak = peak_of(frame),
	};
	char chain[FILM_CHAIN];

	film_shape(&c, &w->f->j->info, &w->f->spool.picture, chain);
	return av_filter_open(&w->shape, frame, chain);
}

static enum av_end
shape(struct film_frames *w, AVFrame *frame)
{
	enum av_end end = AV_DONE;

	film_see_source(w, frame);
	if (w->shape != NULL && av_filter_other(w->shape, frame))
		av_filter_close(&w->shape);
	if (w->shape == NULL)
		end = open_shape(w, frame);
	w->failed = AV_DONE;
	if (end == AV_DONE)
		end = av_filter_push(w->shape, frame, (int64_t)w->kept,
		    &(struct av_sink){ shaped, w });
	return w->failed != AV_DONE ? w->failed : end;
}

/* ---- time ----------------------------------------------------------------------------------- */

/* Tells whether the film is longer than allowed. Then the rest is not needed to report that. */
static bool
too_long(const struct film_frames *w)
{
	return w->f->ms > w->f->j->req->max_ms + 1000;
}

static bool
timed(void *ctx, AVFrame *frame, int64_t at)
{
	struct film_frames *w = ctx;
	struct film *f = w->f;
	uint64_t number = w->came++;
	enum av_end end = AV_DONE;

	(void)at;
	f->ms = (int64_t)(w->came * 1000 * w->fps_den / w->fps_num);
	if (too_long(w))
		return false;
	if (!w->keep)
		return true;
	if (!w->settled && f->spool.raw_bytes >= DECIDE_BYTES)
		end = settle(w);
	while (end == AV_DONE &&
	    film_nth(&f->spool.picture, w->fps_num, w->fps_den, w->kept) == number)
		end = shape(w, frame);
	w->failed = end;
	return end == AV_DONE;
}

static enum av_end
open_timing(struct film_frames *w, const AVFrame *frame)
{
	char chain[128];

	(void)snprintf(chain, sizeof chain, "%sfps=fps=%u/%u%s",
	    w->interlaced ? "bwdif=mode=send_frame:parity=auto:deint=all," : "", w->fps_num,
	    w->fps_den, w->came == 0 ? ":start_time=0" : "");
	return av_filter_open(&w->timing, frame, chain);
}

/* Pushes a frame, or NULL at the end, into the chain that makes frames even. One late frame may be
 * repeated for the years before it, so that the chain is left when the film is too long. */
static enum av_end
push_timing(struct film_frames *w, AVFrame *frame, int64_t at)
{
	enum av_end end;

	w->failed = AV_DONE;
	end = av_filter_push(w->timing, frame, at, &(struct av_sink){ timed, w });
	if (w->failed != AV_DONE)
		return w->failed;
	return too_long(w) ? AV_DONE : end;
}

/* Passes a frame on in time. Frames of another size or form start a new chain. */
static enum av_end
time_frame(struct film_frames *w, AVFrame *frame, int64_t at)
{
	enum av_end end = AV_DONE;

	if (too_long(w))
		return AV_DONE;
	if (w->timing != NULL && av_filter_other(w->timing, frame)) {
		end = push_timing(w, NULL, at);
		av_filter_close(&w->timing);
	}
	if (end == AV_DONE && w->timing == NULL)
		end = open_timing(w, frame);
	return end == AV_DONE ? push_timing(w, frame, at) : end;
}

/* ---- in ------------------------------------------------------------------------------------- */

static enum av_end
release(struct film_frames *w)
{
	enum av_end end = w->judged || w->nheld == 0 ? AV_DONE : judge(w);

	for (unsigned i = 0; i < w->nheld; i++) {
		if (end == AV_DONE)
			end = time_frame(w, w->held[i], w->held_at[i]);
		av_frame_free(&w->held[i]);
	}
	w->nheld = 0;
	return end;
}

static enum av_end
hold(struct film_frames *w, const AVFrame *frame, int64_t at)
{
	if ((w->held[w->nheld] = av_frame_clone(frame)) == NULL)
		return AV_LIMIT;
	w->held_at[w->nheld++] = at;
	w->held_bytes += (size_t)frame->width * (size_t)frame->height * 2;
	return w->nheld == FILM_HELD || w->held_bytes >= FILM_HELD_BYTES ||
		at - w->held_at[0] >= HELD_US ?
	    release(w) :
	    AV_DONE;
}

bool
film_frame(void *ctx, AVFrame *frame, int64_t at)
{
	struct film_frames *w = ctx;

	w->end = at + (frame->pkt_duration > 0 ? 1 : 0) +
	    (int64_t)1000000 * w->fps_den / w->fps_num;
	w->failed = w->judged || !w->keep ? time_frame(w, frame, at) : hold(w, frame, at);
	return w->failed == AV_DONE;
}

/* Returns the megabytes of memory that the machine has. */
static uint64_t
machine_mb(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);

	return pages > 0 && bytes > 0 ? (uint64_t)pages * (uint64_t)bytes >> 20 : 0;
}

void
film_frames_init(struct film_frames *w, struct film *f, bool keep)
{
	struct av_picture top = film_top(&f->j->info, f->j->req);

	*w = (struct film_frames){ .f = f,
		.keep = keep,
		.fps_num = top.fps_num,
		.fps_den = top.fps_den };
	if (top.rung == 0) { /* only examined */
		w->fps_num = f->j->info.fps_num > 0 ? f->j->info.fps_num : 25;
		w->fps_den = f->j->info.fps_den;
	}
	f->finest = CRF_BEST;
	f->spool.picture = top;
	f->spool.raw_most = plan_raw_most(f->j->req->memory_mb, machine_mb());
}

enum av_end
film_frames_end(struct film_frames *w)
{
	enum av_end end = release(w);

	if (end == AV_DONE && w->timing != NULL)
		end = push_timing(w, NULL, w->end);
	return end == AV_DONE ? av_spool_end(&w->f->spool) : end;
}

void
film_frames_free(struct film_frames *w)
{
	for (unsigned i = 0; i < w->nheld; i++)
		av_frame_free(&w->held[i]);
	w->nheld = 0;
	av_filter_close(&w->small);
	av_filter_close(&w->timing);
	av_filter_close(&w->shape);
}
