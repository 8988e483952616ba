/*
 * av_film: makes the renditions of a film, H.264 and AAC in MP4; see av_job.h and film.h.
 *
 * The largest target comes first, because its encodes tell where the others should begin. A film
 * is made so well that it cannot be told from the source (CRF_BEST at the largest size, less for
 * one full of noise); only if that exceeds the budget does the budget decide. Each target gets the
 * best of everything made that fits it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "transcode/av/film/film.h"
#include "transcode/av/av_demux.h"
#include "transcode/av/film/av_film.h"
#include "transcode/av/av_mux.h"
#include "transcode/av/av_result.h"
#include "transcode/child.h"

/* Shares of a target's budget: what a try aims at, and what counts as full. */
#define AIM 0.95
#define FULL 0.9
#define INSIDE 0.995    /* encodes are steered between FULL + 1 - INSIDE and INSIDE */
#define ENOUGH_LESS 0.8 /* share of the kept pixels a second below which fewer are kept */

/* TRIES limits the tries to fill a target, TRIES_MOST the tries while nothing fits; GIVEN_UP more
 * tries may be given up under way. */
enum { TRIES = 4, TRIES_MOST = 8, GIVEN_UP = 3 };

/* A file that targets may get. */
struct file {
	struct av_bytes b;
	struct av_picture picture;
	uint32_t profile;
	bool best, copied;
	unsigned owner; /* target whose file on disk holds it; TRANSCODE_TARGETS: none yet */
};

struct films {
	struct film f;
	struct file file[TRANSCODE_TARGETS * TRIES_MOST + 1];
	unsigned n;
};

/* Tells whether a is better than b: more pixels a second, else of best quality, or more bytes. */
static bool
better(const struct file *a, const struct file *b)
{
	double ra = plan_rate(&a->picture), rb = plan_rate(&b->picture);

	return fabs(ra - rb) > 0.001 * ra ? ra > rb :
	    a->best != b->best            ? a->best :
					    a->b.n > b->b.n;
}

static bool
allowed(const struct file *x, const struct transcode_target *t, const struct film *f)
{
	if (x->copied)
		return film_may_copy(f, t);
	return x->profile <= t->profile && x->picture.width <= t->box &&
	    x->picture.height <= t->box;
}

/* Tells whether the target may have the file and the file fits its budget. */
static bool
serves(const struct file *x, const struct transcode_target *t, const struct film *f)
{
	return x->b.n <= t->budget && allowed(x, t, f);
}

/* Returns the best file for the target, or NULL if none fits. */
static struct file *
pick(struct films *w, const struct transcode_target *t)
{
	struct file *best = NULL;

	for (unsigned i = 0; i < w->n; i++) {
		struct file *x = &w->file[i];

		if (!serves(x, t, &w->f))
			continue;
		if (best == NULL || (x->copied && !best->copied) ||
		    (x->copied == best->copied && better(x, best)))
			best = x;
	}
	return best;
}

/* Tells whether the target has a file that more bytes would not improve. */
static bool
has_best(const struct films *w, const struct transcode_target *t)
{
	for (unsigned i = 0; i < w->n; i++)
		if (w->file[i].best && serves(&w->file[i], t, &w->f))
			return true;
	return false;
}

/* Returns the smallest file that the target may have, whether or not it fits; NULL if there is
 * none. */
static struct file *
smallest(struct films *w, const struct transcode_target *t)
{
	struct file *least = NULL;

	for (unsigned i = 0; i < w->n; i++)
		if (allowed(&w->file[i], t, &w->f) &&
		    (least == NULL || w->file[i].b.n < least->b.n))
			least = &w->file[i];
	return least;
}

/* ---- one target ------------------------------------------------------------------------- */

/* Returns an earlier encode of this profile, size and rate at best quality, or NULL. It serves
 * every target; only the sound may differ. */
static struct film_make *
made_before(struct film *f, const struct film_choice *c)
{
	for (unsigned i = 0; i < f->nmake; i++)
		if (f->make[i].profile == c->profile &&
		    plan_same(&f->make[i].picture, &c->picture) && c->crf <= f->finest &&
		    f->make[i].crf <= f->finest)
			return &f->make[i];
	return NULL;
}

/* Makes the next file; adds none when its encode was given up. */
static enum av_end
make_file(struct films *w, const struct film_order *o, const struct film_track *track)
{
	struct file *x = &w->file[w->n];
	struct film_make *m = made_before(&w->f, &o->what);
	enum av_end end = AV_DONE;

	if (m == NULL)
		end = film_encode(&w->f, o, &m);
	if (end != AV_DONE || m == NULL)
		return end;
	*x = (struct file){ .b = { .most = AV_FILE_MOST },
		.picture = m->picture,
		.profile = m->profile,
		.best = o->what.best && m->crf <= w->f.finest,
		.owner = TRANSCODE_TARGETS };
	w->n++;
	end = film_mux(m, track, &x->b);
	if (end == AV_DONE && x->best && (double)x->b.n < o->full)
		x->best = film_is_finest(&w->f, m);
	return end;
}

/* Tells whether the file is good enough after this many tries. */
static bool
enough(const struct file *has, const struct transcode_target *t, int tries)
{
	return has != NULL &&
	    (has->best || tries > TRIES || (double)has->b.n >= FULL * (double)t->budget);
}

/* Keeps only the frames that this target got; smaller targets do not need more. */
static void
keep_less(struct film *f, struct av_spool *kept)
{
	if (kept->n > 0) {
		av_spool_free(&f->spool);
		f->spool = *kept;
	}
}

/* The search for one target's file. */
struct search {
	struct film_want want;
	const struct film_track *track;
	struct av_spool kept; /* frames of the last try, if fewer pixels than are kept */
	int tries, given_up;
	bool lowest; /* nothing smaller than the last try can be made */
};

/* Returns the bytes left for the video in a file that fills this share of the target; at least
 * 1. */
static double
room(const struct films *w, const struct search *s, const struct av_picture *p, double part)
{
	double other = (double)film_container(&w->f, p, s->track) +
	    (s->track != NULL ? (double)s->track->packets.bytes : 0);
	double bytes = part * (double)s->want.target->budget - other;

	return bytes > 1 ? bytes : 1;
}

static enum av_end
try_target(struct films *w, struct search *s)
{
	struct film *f = &w->f;
	const double seconds = (double)f->ms / 1000;
	const double bps = room(w, s, s->want.spool, AIM) / seconds;
	struct film_order o = { .may_give_up = s->given_up<GIVEN_UP, .again = s->tries> 0,
		.full = FULL * (double)s->want.target->budget };
	enum av_end end = AV_DONE;
	unsigned n;

	if (f->nmake == 0 && film_may_exceed(&f->spool.picture, f->ms, f->j->req->target[0].budget))
		end = film_look(f, room(w, s, s->want.spool, 1) / seconds);
	if (end != AV_DONE)
		return end;
	s->want.finest = f->finest;
	o.what = film_choose(&f->model, &s->want, bps);
	end = film_look_again(f, &o.what.picture);
	if (end != AV_DONE)
		return end;
	o.what = film_choose(&f->model, &s->want, bps);
	s->lowest = o.what.picture.rung == 1 && o.what.crf >= CRF_LEAST;
	s->want.tried = o.what.picture.rung;
	o.what.profile = film_profile(&f->model, &s->want, f->j->req, &o.what);
	o.most = s->lowest || s->tries > 1 ? 0 : room(w, s, &o.what.picture, INSIDE);
	o.least = o.what.best ? 0 : room(w, s, &o.what.picture, FULL + 1 - INSIDE);
	av_spool_free(&s->kept);
	if (plan_rate(&o.what.picture) < ENOUGH_LESS * plan_rate(&f->spool.picture))
		o.kept = &s->kept;
	n = w->n;
	end = make_file(w, &o, s->track);
	*(w->n > n ? &s->tries : &s->given_up) += 1;
	return end;
}

static enum av_end
make_target(struct films *w, unsigned i)
{
	struct film *f = &w->f;
	const struct transcode_target *t = &f->j->req->target[i];
	struct search s = {
		.want = { .in = &f->j->info, .target = t, .spool = &f->spool.picture }
	};
	enum av_end end;

	if (enough(pick(w, t), t, 0))
		return AV_DONE; /* without sound of its own */
	s.track = film_sound(f, i, &end);
	while (
	    s.tries < TRIES_MOST && !s.lowest && end == AV_DONE && !enough(pick(w, t), t, s.tries))
		end = try_target(w, &s);
	keep_less(f, &s.kept);
	return end;
}

/* ---- results ------------------------------------------------------------------------------ */

static bool
deliver(struct films *w, unsigned i, int fd)
{
	struct av_job *j = w->f.j;
	const struct transcode_target *t = &j->req->target[i];
	struct transcode_output *o = &j->res->out[i];
	struct file *x = pick(w, t);

	if (x == NULL && (x = smallest(w, t)) == NULL)
		return true; /* nothing could be made for it */
	o->format = FORMAT_MP4;
	o->width = x->picture.width;
	o->height = x->picture.height;
	o->ms = x->copied ? film_copy_ms(&w->f) : j->res->ms;
	o->quality = w->f.ms > 0 ? (uint32_t)(x->b.n * 8 / (uint64_t)w->f.ms) : 0;
	o->best = has_best(w, t);
	if (x->owner < TRANSCODE_TARGETS) {
		o->same_as = x->owner;
		o->bytes = x->b.n;
		o->fits = x->b.n <= t->budget;
		return true;
	}
	x->owner = i;
	return av_deliver(j, i, fd, x->b.p, x->b.n);
}

static void
note_copies(const struct films *w)
{
	struct av_job *j = w->f.j;
	bool copied = false;

	for (unsigned i = 0; i < w->n; i++)
		copied = copied || (w->file[i].copied && w->file[i].owner < TRANSCODE_TARGETS);
	(void)snprintf(j->res->why, sizeof j->res->why, "%s%s%s", copied ? "sent unchanged" : "",
	    copied && w->f.note[0] != '\0' ? "; " : "", w->f.note);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static int
check(const struct film *f)
{
	struct av_job *j = f->j;

	if (f->ms == 0)
		return child_fail(j->res, TS_CORRUPT, "no frame could be decoded: %s", av_said());
	if (f->ms > j->req->max_ms || f->pcm.over)
		return child_fail(j->res, TS_TOO_BIG, "longer than %u ms", j->req->max_ms);
	if (plan_cut_short((enum format)j->req->format, j->info.video_ms, f->ms))
		return child_fail(j->res, TS_CORRUPT, "the video ends after %lld of %lld ms",
		    (long long)f->ms, (long long)j->info.video_ms);
	if (seen_lost(&f->seen))
		return child_fail(j->res, TS_BROKEN, "the film became blank in the making");
	return 0;
}

static enum av_end
add_copy(struct films *w)
{
	struct file *x = &w->file[w->n];
	const struct av_info *in = &w->f.j->info;
	enum av_end end;

	*x = (struct file){ .b = { .most = AV_FILE_MOST },
		.copied = true,
		.best = true,
		.owner = TRANSCODE_TARGETS,
		.picture = { .width = in->width,
		    .height = in->height,
		    .fps_num = in->fps_num > 0 ? in->fps_num : 25,
		    .fps_den = in->fps_den } };
	end = film_copy(&w->f, &x->b);
	if (end == AV_DONE)
		w->n++;
	else
		av_bytes_free(&x->b);
	return end == AV_LIMIT ? end : AV_DONE; /* what cannot be copied is encoded */
}

/* Tells whether the source, judged by its headers, may be copied for all targets. */
static bool
right_for_all(const struct film *f)
{
	const struct transcode_request *req = f->j->req;

	for (unsigned i = 0; i < req->ntargets; i++)
		if (!film_may_copy(f, &req->target[i]) ||
		    (uint64_t)f->j->file.size > req->target[i].budget)
			return false;
	return true;
}

/* Decodes the film. If the source may be copied for all targets, its frames are not kept unless
 * decoding shows that it may not. */
static enum av_end
decode(struct films *w)
{
	bool right = right_for_all(&w->f);
	enum av_end end = film_decode(&w->f, !right, film_may_copy_any(&w->f));

	if (end == AV_DONE && film_may_copy_any(&w->f))
		end = add_copy(w);
	if (end != AV_DONE || (right && w->n > 0))
		return end;
	return film_decode_again(&w->f, right);
}

static int
work(struct films *w, const int *out)
{
	struct av_job *j = w->f.j;
	enum av_end end = decode(w);

	if (end != AV_DONE)
		return av_fail(j, end, av_said());
	(void)check(&w->f);
	if (j->res->status != TS_OK)
		return 0;
	j->res->ms = (uint32_t)(w->f.ms > av_pcm_ms(&w->f.pcm) ? w->f.ms : av_pcm_ms(&w->f.pcm));
	for (unsigned i = j->req->ntargets; i-- > 0 && end == AV_DONE;) {
		end = make_target(w, i);
		av_progress(j, 600, 999, 1 - (double)i / j->req->ntargets);
	}
	if (end != AV_DONE)
		return av_fail(j, end, av_said());
	for (unsigned i = 0; i < j->req->ntargets; i++)
		if (!deliver(w, i, out[i]))
			return 0;
	note_copies(w);
	return 0;
}

int
av_film_run(struct av_job *j, const int *out)
{
	static struct films w; /* large, and the process has one job */
	int rc;

	memset(&w, 0, sizeof w);
	w.f.j = j;
	w.f.how.gain = 1;
	j->res->width = j->info.width;
	j->res->height = j->info.height;
	rc = work(&w, out);
	for (unsigned i = 0; i < w.n; i++)
		av_bytes_free(&w.file[i].b);
	film_free(&w.f);
	return rc;
}
