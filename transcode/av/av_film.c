/*
 * av_film: renditions of a film, H.264 and AAC in MP4; see av_job.h and film.h.
 *
 * The largest target comes first: what its encode shows of the film tells where the others begin.
 * A film takes what is not told from the source (CRF_BEST at the largest picture); only where that is over its
 * budget is it bound by bytes. Of all that was made a target gets the best that fits it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "transcode/av/film.h"

#define AIM 0.97	/* of what is left for the picture; */
#define AIM_LAST 0.94	/* at the last try */
#define FULL 0.92	/* a file that fills so much of its budget is not tried again */
#define FULL_LATE 0.9	/* after TRIES; one more follows where it is emptier */
#define ENOUGH_LESS 0.8	/* of the pixels a second that are kept: then fewer are kept from now on */

/* A target is tried again until it is full, as long as nothing fits it so often. */
enum { TRIES = 4, TRIES_MOST = 8 };

/* What a target may get. */
struct file {
	struct av_bytes b;
	struct av_picture picture;
	uint32_t profile;
	bool best, copied;
	unsigned owner;		/* target whose file on disk holds it; TRANSCODE_TARGETS: none yet */
};

struct films {
	struct film f;
	struct file file[TRANSCODE_TARGETS * TRIES_MOST + 1];
	unsigned n;
};

/* More pixels a second, else more bytes. */
static bool
better(const struct file *a, const struct file *b)
{
	double ra = plan_rate(&a->picture), rb = plan_rate(&b->picture);

	return fabs(ra - rb) > 0.001 * ra ? ra > rb : a->b.n > b->b.n;
}

static bool
allowed(const struct file *x, const struct transcode_target *t, const struct film *f)
{
	if (x->copied)
		return film_may_copy(f, t);
	return x->profile <= t->profile && x->picture.width <= t->box && x->picture.height <= t->box;
}

/* The best file there is for the target; NULL: none fits. */
static struct file *
pick(struct films *w, const struct transcode_target *t)
{
	struct file *best = NULL;

	for (unsigned i = 0; i < w->n; i++) {
		struct file *x = &w->file[i];

		if (x->b.n > t->budget || !allowed(x, t, &w->f))
			continue;
		if (best == NULL || (x->copied && !best->copied) || (x->copied == best->copied && better(x, best)))
			best = x;
	}
	return best;
}

/* Is there one for the target that more bytes would not make better? Another may be larger: Baseline
 * needs more bytes for the same. */
static bool
has_best(const struct films *w, const struct transcode_target *t)
{
	for (unsigned i = 0; i < w->n; i++)
		if (w->file[i].best && w->file[i].b.n <= t->budget && allowed(&w->file[i], t, &w->f))
			return true;
	return false;
}

/* The smallest of those that the target may have. */
static struct file *
smallest(struct films *w, const struct transcode_target *t)
{
	struct file *least = NULL;

	for (unsigned i = 0; i < w->n; i++)
		if (allowed(&w->file[i], t, &w->f) && (least == NULL || w->file[i].b.n < least->b.n))
			least = &w->file[i];
	return least;
}

/* ---- one target ------------------------------------------------------------------------- */

/* A make of this picture at best quality serves every target; its sound may differ. */
static struct film_make *
made_before(struct film *f, const struct film_choice *c, uint32_t profile)
{
	for (unsigned i = 0; i < f->nmake; i++)
		if (f->make[i].profile == profile && plan_same(&f->make[i].picture, &c->picture) && c->crf <= CRF_BEST &&
		    f->make[i].crf <= CRF_BEST)
			return &f->make[i];
	return NULL;
}

/* The next file; what is encoded for it is kept, too. */
static enum av_end
make_file(struct films *w, const struct film_choice *c, uint32_t profile, const struct film_track *track, struct av_spool *kept)
{
	struct file *x = &w->file[w->n];
	struct film_make *m = made_before(&w->f, c, profile);
	enum av_end end = AV_DONE;

	if (m == NULL)
		end = film_encode(&w->f, c, profile, kept, &m);
	if (end != AV_DONE)
		return end;
	*x = (struct file){ .b = { .most = AV_FILE_MOST }, .picture = m->picture, .profile = profile, .best = c->best,
		.owner = TRANSCODE_TARGETS };
	w->n++;
	return film_mux(m, track, &x->b);
}

/* Bytes that are left for the picture. 0: none. */
static double
room(const struct films *w, const struct transcode_target *t, const struct av_picture *p, const struct film_track *track, double part)
{
	uint64_t other = film_container(&w->f, p, track) + (track != NULL ? track->packets.bytes : 0);

	return t->budget > other ? (double)(t->budget - other) * part : 0;
}

/* Is this try good enough, whatever the next could be? */
static bool
good(const struct file *x, const struct transcode_target *t)
{
	return x->b.n <= t->budget && (x->best || (double)x->b.n >= FULL * (double)t->budget);
}

/* Smaller targets do not need more than this one got. */
static void
keep_less(struct film *f, struct av_spool *kept)
{
	if (kept->n > 0 && plan_rate(&kept->picture) < ENOUGH_LESS * plan_rate(&f->spool.picture)) {
		av_spool_free(&f->spool);
		f->spool = *kept;
	} else {
		av_spool_free(kept);
	}
}

/* One try for target t. *done: it needs no other. */
static enum av_end
try_target(struct films *w, const struct film_want *want, const struct film_track *track, double part, bool *done, struct av_spool *kept)
{
	struct film *f = &w->f;
	const struct transcode_target *t = want->target;
	double seconds = (double)f->ms / 1000, bytes = room(w, t, want->spool, track, part);
	struct film_choice c = film_choose(&f->model, want, bytes > 0 ? bytes / seconds : 1);
	struct file *x = &w->file[w->n];
	enum av_end end = make_file(w, &c, t->profile, track, kept);

	*done = end != AV_DONE || good(x, t) || (x->b.n > t->budget && c.picture.rung == 1 && c.crf >= CRF_LEAST);
	return end;
}

/* Are so many tries enough for what the target has now? */
static bool
enough(int tries, const struct file *has, const struct transcode_target *t)
{
	return has != NULL && (tries > TRIES || (tries == TRIES && (double)has->b.n >= FULL_LATE * (double)t->budget));
}

static enum av_end
make_target(struct films *w, unsigned i)
{
	struct film *f = &w->f;
	struct film_want want = { &f->j->info, &f->j->req->target[i], &f->spool.picture };
	struct av_spool kept = { .n = 0 };
	bool done = false;
	enum av_end end;
	const struct film_track *track = film_sound(f, i, &end);
	const struct file *have = pick(w, want.target);

	if (end != AV_DONE || (have != NULL && good(have, want.target)))
		return end;
	for (int try = 1; try <= TRIES_MOST && !done && end == AV_DONE; try++) {
		av_spool_free(&kept);
		end = try_target(w, &want, track, try < TRIES ? AIM : AIM_LAST, &done, &kept);
		done = done || enough(try, pick(w, want.target), want.target);
	}
	keep_less(f, &kept);
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
		return true;		/* nothing could be made for it */
	o->format = FORMAT_MP4;
	o->width = x->picture.width;
	o->height = x->picture.height;
	o->ms = j->res->ms;
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
	(void)snprintf(j->res->why, sizeof j->res->why, "%s%s%s", copied ? "goes out as it came" : "", copied && w->f.note[0] != '\0' ? "; " : "",
	    w->f.note);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static int
check(const struct film *f)
{
	struct av_job *j = f->j;

	if (f->ms == 0)
		return child_fail(j->res, TS_CORRUPT, "no picture could be decoded: %s", av_said());
	if (f->ms > j->req->max_ms || f->pcm.over)
		return child_fail(j->res, TS_TOO_BIG, "longer than %u ms", j->req->max_ms);
	if (plan_cut_short((enum format)j->req->format, j->info.video_ms, f->ms))
		return child_fail(j->res, TS_CORRUPT, "picture ends after %lld of %lld ms", (long long)f->ms, (long long)j->info.video_ms);
	return 0;
}

static enum av_end
add_copy(struct films *w)
{
	struct file *x = &w->file[w->n];
	const struct av_info *in = &w->f.j->info;
	enum av_end end;

	*x = (struct file){ .b = { .most = AV_FILE_MOST }, .copied = true, .best = true, .owner = TRANSCODE_TARGETS,
		.picture = { .width = in->width, .height = in->height, .fps_num = in->fps_num > 0 ? in->fps_num : 25, .fps_den = in->fps_den } };
	end = film_copy(&w->f, &x->b);
	if (end == AV_DONE)
		w->n++;
	else
		av_bytes_free(&x->b);
	return end == AV_LIMIT ? end : AV_DONE;	/* one that cannot be written again is encoded */
}

static int
work(struct films *w, const int *out)
{
	struct av_job *j = w->f.j;
	enum av_end end = film_decode(&w->f, true, film_may_copy_any(&w->f));

	if (end != AV_DONE)
		return av_fail(j, end, av_said());
	(void)check(&w->f);
	if (j->res->status != TS_OK)
		return 0;
	j->res->ms = (uint32_t)(w->f.ms > av_pcm_ms(&w->f.pcm) ? w->f.ms : av_pcm_ms(&w->f.pcm));
	if (film_may_copy_any(&w->f))
		end = add_copy(w);
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
	static struct films w;	/* large, and the process has one job */
	int rc;

	memset(&w, 0, sizeof w);
	w.f.j = j;
	j->res->width = j->info.width;
	j->res->height = j->info.height;
	rc = work(&w, out);
	for (unsigned i = 0; i < w.n; i++)
		av_bytes_free(&w.file[i].b);
	film_free(&w.f);
	return rc;
}
