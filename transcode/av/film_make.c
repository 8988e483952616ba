/*
 * film_make: the encodes of a film, out of what is kept of it; see film.h.
 */
#include "transcode/av/film.h"

#include <stdio.h>
#include <string.h>

#include <libavcodec/packet.h>

enum {
	GOP_SECONDS = 4,
	SMALL_RUNG = 8,		/* up to here the slower preset costs little */
};

/* Measured: what MP4 with its index first takes of its own. */
enum { BOX_BYTES = 1400, BOX_FRAME = 5, BOX_RUN = 40 };

/* ---- sound ---------------------------------------------------------------------------- */

static bool
keep_packet(void *ctx, struct AVPacket *p)
{
	return av_packets_add(ctx, p);
}

const struct film_track *
film_sound(struct film *f, unsigned i, enum av_end *end)
{
	struct av_sound s = plan_aac(&f->j->info, &f->j->req->target[i], f->ms);
	struct film_track *t;

	*end = AV_DONE;
	if (f->silent)
		return NULL;
	for (unsigned k = 0; k < f->ntrack; k++)
		if (memcmp(&f->track[k].sound, &s, sizeof s) == 0)
			return &f->track[k];
	t = &f->track[f->ntrack++];
	t->sound = s;
	*end = av_aac_open(&t->encoder, &s);
	if (*end == AV_DONE)
		*end = av_pcm_encode(&f->pcm, t->encoder, &s, &(struct av_packet_sink){ keep_packet, &t->packets });
	return *end == AV_DONE ? t : NULL;
}

/* ---- picture --------------------------------------------------------------------------- */

/* An encode under way. */
struct run {
	struct film *f;
	struct film_make *m;
	struct av_filter *scale;	/* NULL: the kept size is right */
	struct av_spool *kept;		/* NULL, or gets what is encoded */
	uint64_t in;			/* frames */
	enum av_end end;
};

static bool
take_packet(void *ctx, struct AVPacket *p)
{
	return av_packets_add(&((struct run *)ctx)->m->packets, p);
}

static bool
encode_frame(void *ctx, struct AVFrame *frame, int64_t at)
{
	struct run *r = ctx;

	(void)at;
	r->end = r->kept != NULL ? av_spool_add(r->kept, frame) : AV_DONE;
	if (r->end == AV_DONE)
		r->end = av_encode(r->m->encoder, frame, (int64_t)r->in++, &(struct av_packet_sink){ take_packet, r });
	return r->end == AV_DONE;
}

/* Of the kept frames those that this make's rate wants. */
static bool
pick_frame(void *ctx, struct AVFrame *frame, int64_t number)
{
	struct run *r = ctx;
	const struct av_picture *kept = &r->f->spool.picture;

	if ((uint64_t)number != film_nth(&r->m->picture, kept->fps_num, kept->fps_den, r->in))
		return true;
	if (r->scale == NULL)
		return encode_frame(r, frame, 0);
	return av_filter_push(r->scale, frame, number, &(struct av_sink){ encode_frame, r }) == AV_DONE;
}

static enum av_end
open_run(struct run *r, uint32_t profile)
{
	const struct av_picture *p = &r->m->picture, *kept = &r->f->spool.picture;
	const struct av_x264 how = {
		.picture = *p, .profile = profile, .preset = p->rung <= SMALL_RUNG ? "medium" : "faster", .crf = r->m->crf,
		.gop = GOP_SECONDS * p->fps_num / p->fps_den + 1,
	};
	enum av_end end = av_x264_open(&r->m->encoder, &how);
	char chain[64];

	if (end != AV_DONE || (p->width == kept->width && p->height == kept->height) || r->f->spool.nraw == 0)
		return end;
	(void)snprintf(chain, sizeof chain, "scale=%u:%u:flags=bicubic", p->width, p->height);
	return av_filter_open(&r->scale, r->f->spool.raw[0], chain);
}

static uint64_t
frames_of(const struct film *f, const struct av_picture *p)
{
	double seconds = (double)f->spool.n * f->spool.picture.fps_den / f->spool.picture.fps_num;

	return (uint64_t)(seconds * p->fps_num / p->fps_den + 0.5) + 1;
}

static void
learn(struct film *f, const struct film_make *m)
{
	double seconds = (double)m->packets.n * m->picture.fps_den / m->picture.fps_num;

	if (m->packets.n > 0)
		rate_learn(&f->model, &(struct rate_point){ m->picture, m->profile, m->crf, (double)m->packets.bytes / seconds });
}

enum av_end
film_encode(struct film *f, const struct film_choice *c, uint32_t profile, struct av_spool *kept, struct film_make **out)
{
	struct run r = { .f = f, .kept = kept };
	enum av_end end;

	if (f->nmake == FILM_MAKES)
		return AV_BROKEN;
	*out = r.m = &f->make[f->nmake++];
	*r.m = (struct film_make){ .picture = c->picture, .profile = profile, .crf = c->crf };
	if (kept != NULL)
		*kept = (struct av_spool){ .picture = c->picture };
	end = open_run(&r, profile);
	if (end == AV_DONE)
		end = av_spool_each(&f->spool, &(struct av_sink){ pick_frame, &r });
	if (end == AV_DONE && r.scale != NULL)
		end = av_filter_push(r.scale, NULL, (int64_t)f->spool.n, &(struct av_sink){ encode_frame, &r });
	if (r.end != AV_DONE)
		end = r.end;
	if (end == AV_DONE)
		end = av_encode(r.m->encoder, NULL, 0, &(struct av_packet_sink){ take_packet, &r });
	if (end == AV_DONE && kept != NULL)
		end = av_spool_end(kept);
	av_filter_close(&r.scale);
	if (end == AV_DONE)
		learn(f, r.m);
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
		{ av_encoder_codec(m->encoder), &m->packets, (int)m->picture.fps_den, (int)m->picture.fps_num }, { NULL, NULL, 1, 1 },
	};

	if (t != NULL)
		track[1] = (struct av_track){ av_encoder_codec(t->encoder), &t->packets, 1, (int)t->sound.hz };
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
