/*
 * encode_commit: puts the outcome of an encode into its template. See encode.h.
 *
 * The template may change while the encoder runs (another of its media is done, or it is
 * deleted). The outcome is applied to what is stored now. The store compares versions, and all of
 * it is tried again if the template has changed in between.
 */
#include <string.h>

#include "helper/encode.h"
#include "media/budget.h"
#include "media/encode_job.h"
#include "media/transcode_made.h"

enum { CONFLICTS_MAX = 100, TRY_MEMORY = 128 << 20 };

struct medium *
encode_medium(const struct encode *e, struct template *t)
{
	struct medium *m;

	if (e->job->slide >= t->nslide || e->job->medium >= t->slide[e->job->slide].nmedium)
		return NULL;
	m = &t->slide[e->job->slide].medium[e->job->medium];
	return m->state == MEDIUM_WAITING ? m : NULL;
}

/* Keeps what is made after a later try that failed, and sees that it is not asked for again. */
static void
keep_made(struct encode *e, struct medium *m)
{
	const struct settings *s = e->h->settings;

	for (unsigned k = 0; k < s->nclass; k++)
		for (size_t i = 0; e->want[k] != 0 && i < m->nrendition; i++)
			if (strcmp(m->rendition[i].class, s->class[k].name) == 0)
				m->rendition[i].size = SIZE_LEAST;
}

static bool
take_made(struct encode *e, struct medium *m)
{
	const struct settings *s = e->h->settings;

	for (unsigned k = 0; k < s->nclass; k++) {
		unsigned i = transcode_target(e->want, k);
		struct rendition r;

		if (e->want[k] == 0 || !e->made.there[i])
			continue;
		r = e->made.r[i];
		memcpy(r.class, s->class[k].name, CLASS_NAME);
		if (!budget_take(e->arena, m, &r, e->want[k]))
			return false;
	}
	return true;
}

/* Writes the outcome into a template just read. Returns false if memory is short. */
static bool
apply(struct encode *e, struct medium *m)
{
	m->state = MEDIUM_READY;
	if (!e->failed) {
		m->width = e->made.width;
		m->height = e->made.height;
		m->ms = e->made.ms;
		return take_made(e, m);
	}
	if (e->later) {
		keep_made(e, m);
	} else {
		m->state = MEDIUM_FAILED;
		m->why = e->why;
	}
	return true;
}

/* The jobs that follow; a template has at most BUDGET_MEDIA encodes. */
struct follow {
	struct job *job;
	size_t n;
};

/* Adds another round for those media that are worth one (media/budget.h). Returns false if memory
 * is short. */
static bool
add_later(struct encode *e, struct template *t, struct follow *f)
{
	const struct settings *s = e->h->settings;
	struct budget_shares *sh = arena_zalloc(e->arena, sizeof *sh);
	struct budget_wants *again = arena_zalloc(e->arena, sizeof *again);
	bool ok = sh != NULL && again != NULL;

	if (!ok)
		return false;
	budget_shares(s, t, sh);
	if (!budget_again(s, t, sh, !e->later, again))
		return true;
	for (size_t i = 0; ok && i < sh->n; i++)
		if (transcode_target(again->bytes[i], s->nclass) > 0) {
			const struct encode_share share = { .template = t,
				.medium = i,
				.bytes = again->bytes[i] };

			ok = encode_job(e->arena, s, &share, &f->job[f->n++]);
			budget_medium(t, i)->state = MEDIUM_WAITING;
		}
	return ok;
}

/* Continues when the last medium of a round is done: with another round, or, if the template is
 * in its final form, with the postback, if the account wants one. Returns false if memory is short.
 */
static bool
last_done(struct encode *e, struct template *t, const struct account *ac, struct follow *f)
{
	if (template_state(t) == TEMPLATE_READY && !add_later(e, t, f))
		return false;
	if (f->n > 0)
		return true;
	budget_settle(e->h->settings, t);
	if (account_wants_postbacks(ac))
		f->job[f->n++] = (struct job){ .kind = JOB_POSTBACK };
	return true;
}

/* Tries once. Returns ST_CONFLICT if the template has changed or the lease is lost. */
static enum store_rc
commit(struct encode *e)
{
	struct store *st = e->h->store;
	struct follow f = { .job = arena_array(e->arena, BUDGET_MEDIA, sizeof *f.job) };
	struct account ac = { .postback_url = "" };
	struct template *t;
	struct medium *m;
	enum store_rc rc = store_template_get(st, 0, e->job->mmsid, e->arena, &t);

	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	if (rc == ST_NOTFOUND || (m = encode_medium(e, t)) == NULL)
		return store_job_done(st, e->job, NULL, NULL, 0);
	e->later = m->nrendition > 0;
	rc = store_account_by_id(st, t->account, &ac);
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	if (f.job == NULL || !apply(e, m))
		return ST_NOMEM;
	if (template_state(t) != TEMPLATE_ENCODING && !last_done(e, t, &ac, &f))
		return ST_NOMEM;
	return store_job_done(st, e->job, t, f.job, f.n);
}

enum store_rc
encode_commit(struct encode *e)
{
	struct arena *whole = e->arena;
	const uint64_t lease_ms = e->h->settings->lease_seconds * 1000;
	enum store_rc rc = ST_AGAIN;

	for (int i = 0; i < CONFLICTS_MAX; i++) {
		e->arena = arena_new(TRY_MEMORY);
		rc = e->arena != NULL ? commit(e) : ST_NOMEM;
		arena_free(&e->arena);
		/* the renewal tells why: if the lease is lost, the outcome is lost with it */
		if (rc != ST_CONFLICT ||
		    (rc = store_job_renew(e->h->store, e->job, lease_ms, 1000, 0)) != ST_OK)
			break;
		rc = ST_AGAIN; /* the template has changed */
	}
	e->arena = whole;
	e->unwanted = rc == ST_NOTFOUND;
	return rc;
}
