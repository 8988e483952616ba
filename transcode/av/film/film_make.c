/*
 * film_make: encodes a film from the frames and sound that are kept; see film.h.
 */
#include "transcode/av/film/film.h"
#include "transcode/av/av_codec.h"
#include "transcode/av/av_encode.h"
#include "transcode/av/av_filter.h"
#include "transcode/av/av_mux.h"

#include <libavcodec/packet.h>

enum {
	GOP_SECONDS = 4,
	SMALL_RUNG = 8,      /* up to this rung the slower preset costs little */
	FORESEE_FRAMES = 24, /* with fewer frames, an encode says little about those to follow */
	STEER_FRAMES = 75,   /* with fewer, the encoder has all before its bytes say anything */
	LOOK_SIDE = 2,       /* how many times shorter the sides of a quick trial encode are */
	PART_FAR = 4,        /* the first seconds must not differ from all by this factor */
};

/* Bytes that an MP4 file with its index first adds (measured). */
enum { BOX_BYTES = 1400, BOX_FRAME = 5, BOX_RUN = 40 };

/* An encode under way. */
struct run {
	struct film *f;
	struct film_make *m;
	struct av_filter *scale; /* NULL: the kept size is right */
	const struct film_order *o;
	uint64_t in;                    /* frames */
	const struct film_make *before; /* the encode before; NULL: none */
	size_t passed;                  /* its packets up to the time of those that came */
	/* bytes since the CRF was last set: of this encode; of the one before up to here; and of
	 * that one until its end */
	struct rate_part got, was, whole;
	double came; /* bytes before the CRF was last set */
	double crf;  /* current CRF */
	bool fixed;  /* the CRF cannot change: the encoder has all frames, or soon will */
	bool may_give_up;
	double forecast; /* predicted bytes of this encode when it was given up; 0: it was not */
	enum av_end end;
};

static void
add_part(struct rate_part *part, const struct AVPacket *p)
{
	*((p->flags & AV_PKT_FLAG_KEY) != 0 ? &part->key : &part->other) += p->size;
}

static void
compare_with(struct run *r, const struct film_make *before)
{
	r->before = before;
	r->crf = r->m->crf;
	for (size_t i = 0; i < before->packets.n; i++)
		add_part(&r->whole, before->packets.p[i]);
}

static double
second_of(const struct film_make *m, const struct AVPacket *p)
{
	return (double)p->dts * m->picture.fps_den / m->picture.fps_num;
}

static double
all_of(const struct rate_part *p)
{
	return p->key + p->other;
}

/* Changes the CRF from here on; the encode's own crf becomes the mean. */
static void
steer(struct run *r, double steps)
{
	struct film_make *m = r->m;
	double crf = r->crf + steps < r->f->finest ? r->f->finest :
	    r->crf + steps > CRF_LEAST             ? CRF_LEAST :
						     r->crf + steps;

	r->came += all_of(&r->got);
	r->whole.key -= r->was.key;
	r->whole.other -= r->was.other;
	r->got = r->was = (struct rate_part){ 0, 0 };
	m->crf += (crf - r->crf) * all_of(&r->whole) / (double)r->before->packets.bytes;
	r->crf = crf;
	m->steered = true;
	r->end = av_x264_crf(m->encoder, crf);
}

/* Predicts where the encode will end, and steers it or gives it up. Returns false when it is given
 * up, or when r->end says what failed. */
static bool
look_ahead(struct run *r, const struct AVPacket *p)
{
	const struct av_packets *before = &r->before->packets;
	double now = second_of(r->m, p), f, steps;

	while (r->passed < before->n && second_of(r->before, before->p[r->passed]) <= now)
		add_part(&r->was, before->p[r->passed++]);
	f = rate_forecast(&r->got, &r->was, &r->whole);
	steps = rate_steer(&(struct rate_way){ r->came + all_of(&r->got), f - all_of(&r->got),
	    r->o->least, r->o->most, all_of(&r->was) / all_of(&r->whole), r->crf - r->o->what.crf,
	    r->m->packets.n, r->may_give_up, rate_halves(&r->f->model), r->fixed });
	if (steps == 0)
		return true;
	if (steps >= RATE_HOPELESS)
		r->forecast = r->came + f;
	else
		steer(r, steps);
	return r->forecast <= 0 && r->end == AV_DONE;
}

static bool
take_packet(void *ctx, struct AVPacket *p)
{
	struct run *r = ctx;

	add_part(&r->got, p);
	if (!av_packets_add(&r->m->packets, p))
		r->end = AV_LIMIT;
	return r->end == AV_DONE && (r->before == NULL || look_ahead(r, p));
}

static bool
encode_frame(void *ctx, struct AVFrame *frame, int64_t at)
{
	struct run *r = ctx;

	(void)at;
	r->end = r->o->kept != NULL ? av_spool_add(r->o->kept, frame) : AV_DONE;
	if (r->end == AV_DONE)
		r->end = av_encode(r->m->encoder, frame, (int64_t)r->in++,
		    &(struct av_packet_sink){ take_packet, r });
	return r->end == AV_DONE;
}

/* Takes those of the kept frames that the encode's rate wants. */
static bool
pick_frame(void *ctx, struct AVFrame *frame, int64_t number)
{
	struct run *r = ctx;
	const struct av_picture *kept = &r->f->spool.picture;

	if ((uint64_t)number != film_nth(&r->m->picture, kept->fps_num, kept->fps_den, r->in))
		return true;
	if (r->scale == NULL)
		return encode_frame(r, frame, 0);
	return av_filter_push(r->scale, frame, number, &(struct av_sink){ encode_frame, r }) ==
	    AV_DONE;
}

static enum av_end
open_run(struct run *r)
{
	const struct av_picture *p = &r->m->picture, *kept = &r->f->spool.picture;
	const struct av_x264 how = {
		.picture = *p,
		.profile = r->m->profile,
		.crf = r->m->crf,
		.preset = r->m->profile == PROFILES ? "ultrafast" :
		    p->rung <= SMALL_RUNG           ? "medium" :
						      "faster",
		.gop = GOP_SECONDS * p->fps_num / p->fps_den + 1,
	};
	enum av_end end = av_x264_open(&r->m->encoder, &how);

	if (end != AV_DONE || (p->width == kept->width && p->height == kept->height) ||
	    r->f->spool.nraw == 0)
		return end;
	return av_filter_scale(&r->scale, r->f->spool.raw[0], p->width, p->height);
}

static uint64_t
frames_of(const struct film *f, const struct av_picture *p)
{
	double seconds = av_spool_seconds(&f->spool);

	return (uint64_t)(seconds * p->fps_num / p->fps_den + 0.5) + 1;
}

/* Adds the encode to the model; forecast: the bytes that it would have had, if it was given up. */
static void
learn(struct film *f, const struct film_make *m, double forecast)
{
	double bytes = forecast > 0 ? forecast : (double)m->packets.bytes;

	rate_learn(&f->model,
	    &(struct rate_point){ m->picture, m->profile, m->crf,
		bytes / av_spool_seconds(&f->spool), forecast <= 0 && !m->steered });
}

static enum av_end
run_all(struct run *r)
{
	const struct film *f = r->f;
	enum av_end end = av_spool_each(&f->spool, &(struct av_sink){ pick_frame, r });

	if (end == AV_DONE && r->scale != NULL)
		end = av_filter_push(r->scale, NULL, (int64_t)f->spool.n,
		    &(struct av_sink){ encode_frame, r });
	r->fixed = true;
	if (end == AV_DONE)
		end = av_encode(r->m->encoder, NULL, 0, &(struct av_packet_sink){ take_packet, r });
	return r->forecast > 0 ? AV_DONE : r->end != AV_DONE ? r->end : end;
}

/* Returns the encode before m that m is compared with: the last one whose CRF did not change, if
 * possible of m's size and rate, because only its bytes show how the film's parts compare with each
 * other. Returns NULL when m, for this order, should not be compared. */
static const struct film_make *
constant_before(const struct film *f, const struct film_make *m, const struct film_order *o)
{
	const struct film_make *same = NULL, *any = NULL;

	if (o->most <= 0 || frames_of(f, &m->picture) < FORESEE_FRAMES)
		return NULL;
	for (const struct film_make *b = f->make; b < m; b++)
		if (!b->steered) {
			any = b;
			same = plan_same(&b->picture, &m->picture) ? b : same;
		}
	if (same != NULL || o->again)
		return same;
	return any != NULL || m == f->make ? any : m - 1;
}

/* Decides how closely the run, whose encode is new, is watched. Where a search comes back to what
 * was tried, forecasts do not work for the film. */
static void
watch(struct run *r)
{
	const struct film_choice *c = &r->o->what;
	bool tried = rate_tried(&r->f->model,
	    &(struct rate_point){ c->picture, c->profile, c->crf, 0, false });
	const struct film_make *before = r->o->again && tried ? NULL :
								constant_before(r->f, r->m, r->o);

	r->may_give_up = r->o->may_give_up && !tried;
	r->fixed = frames_of(r->f, &c->picture) < STEER_FRAMES;
	if (before != NULL)
		compare_with(r, before);
}

enum av_end
film_encode(struct film *f, const struct film_order *o, struct film_make **out)
{
	struct run r = { .f = f, .o = o };
	enum av_end end;

	if (f->nmake == FILM_MAKES)
		return AV_BROKEN;
	*out = r.m = &f->make[f->nmake];
	*r.m = (struct film_make){ .picture = o->what.picture,
		.profile = o->what.profile,
		.crf = o->what.crf };
	f->nmake++;
	watch(&r);
	if (o->kept != NULL)
		*o->kept = (struct av_spool){ .picture = o->what.picture,
			.raw_most = f->spool.raw_most };
	end = open_run(&r);
	if (end == AV_DONE)
		end = run_all(&r);
	if (end == AV_DONE && o->kept != NULL)
		end = av_spool_end(o->kept);
	av_filter_close(&r.scale);
	if (end == AV_DONE)
		learn(f, r.m, r.forecast);
	if (r.forecast > 0) {
		if (o->kept != NULL)
			av_spool_free(o->kept);
		film_drop(f, r.m);
		*out = NULL;
	}
	return end;
}

/* What an encode of the film's first seconds took tells what it takes of all, because the quick
 * encode shows how these seconds compare with the rest. The first seconds decide only if they are
 * not very different. */
static void
learn_from_part(struct film *f, const struct rate_point *part, const struct film_make *look)
{
	double seconds = av_spool_seconds(&f->spool);
	struct rate_point all = *part;
	double first = 0, factor;

	for (size_t i = 0; i < look->packets.n; i++)
		if (second_of(look, look->packets.p[i]) < f->part_s)
			first += look->packets.p[i]->size;
	factor = first > 0 ? (double)look->packets.bytes / seconds * f->part_s / first : 0;
	all.bps *= factor;
	all.sure = false;
	if (factor > 1.0 / PART_FAR && factor < PART_FAR)
		rate_learn(&f->model, &all);
}

/* Makes a quick encode of p's rate with sides LOOK_SIDE times shorter. *m, which stays in f, is
 * NULL when p is too small for that, or that was made before. */
static enum av_end
look_at(struct film *f, const struct av_picture *p, double crf, struct film_make **m)
{
	struct film_order o = { .what = { *p, PROFILES, crf, false } };
	struct av_picture *small = &o.what.picture;

	*m = NULL;
	small->width = p->width / LOOK_SIDE & ~1u;
	small->height = p->height / LOOK_SIDE & ~1u;
	if (small->width == 0 || small->height == 0 || rate_knows(&f->model, small, PROFILES))
		return AV_DONE;
	return film_encode(f, &o, m);
}

enum av_end
film_look(struct film *f, double bps)
{
	const struct av_picture *s = &f->spool.picture;
	double crf = rate_crf(&(struct rate_model){ .n = 0 }, s, PROFILE_MAIN, bps);
	const struct rate_point part = f->model.point[0];
	/* a size beyond what is kept is too far from those that are made */
	bool near = f->model.n > 0 && f->part_s > 0 &&
	    plan_rate(&part.picture) <= plan_rate(s) * 1.001;
	struct film_make *m;
	enum av_end end;

	f->model.n = 0;
	end = look_at(f, s, crf < CRF_BEST ? CRF_BEST : crf > CRF_GOOD ? CRF_GOOD : crf, &m);
	if (m != NULL) {
		f->look_crf = m->crf;
		if (near)
			learn_from_part(f, &part, m);
	}
	return end;
}

enum av_end
film_look_again(struct film *f, const struct av_picture *p)
{
	enum av_end end;
	struct film_make *m;

	if (f->look_crf <= 0 || f->nmake == FILM_MAKES || frames_of(f, p) >= STEER_FRAMES ||
	    rate_knows(&f->model, p, PROFILE_BASELINE) || rate_knows(&f->model, p, PROFILE_MAIN))
		return AV_DONE;
	end = look_at(f, p, f->look_crf, &m);
	if (m != NULL)
		film_drop(f, m);
	return end;
}

void
film_drop(struct film *f, struct film_make *last)
{
	av_packets_free(&last->packets);
	av_encoder_close(&last->encoder);
	f->nmake--;
}

/* ---- files ------------------------------------------------------------------------------- */

enum av_end
film_mux(const struct film_make *m, const struct film_track *t, struct av_bytes *b)
{
	struct av_track track[2] = {
		{ av_encoder_codec(m->encoder), &m->packets, (int)m->picture.fps_den,
		    (int)m->picture.fps_num },
		{ NULL, NULL, 1, 1 },
	};

	if (t != NULL)
		track[1] = (struct av_track){ av_encoder_codec(t->encoder), &t->packets, 1,
			(int)t->sound.hz };
	return av_mux(b, track, t != NULL ? 2 : 1);
}

uint64_t
film_container(const struct film *f, const struct av_picture *p, const struct film_track *t)
{
	uint64_t frames = frames_of(f, p) + (t != NULL ? t->packets.n : 0);

	return BOX_BYTES + frames * BOX_FRAME + (uint64_t)f->ms / 500 * BOX_RUN;
}

void
film_free(struct film *f)
{
	av_spool_free(&f->spool);
	av_pcm_free(&f->pcm);
	av_packets_free(&f->video);
	av_packets_free(&f->audio);
	for (unsigned i = 0; i < f->ntrack; i++) {
		av_packets_free(&f->track[i].packets);
		av_encoder_close(&f->track[i].encoder);
	}
	while (f->nmake > 0)
		film_drop(f, &f->make[f->nmake - 1]);
}
