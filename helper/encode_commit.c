/*
 * encode_commit: the outcome of an encode put into its template. See encode.h.
 *
 * The template may have changed while the encoder ran (another of its media is done,
 * it is deleted): the outcome is applied to what is stored now, compared by version,
 * and all of it is tried again when that has changed in between.
 */
#include <string.h>

#include "encode.h"

enum { CONFLICTS_MAX = 100 };

/* Notes that the template does not fit the class of this name. */
static void
mark_link(struct template *t, const char *class)
{
	for (size_t i = 0; i < t->nlink; i++)
		if (strcmp(t->link_class[i], class) == 0)
			return;
	if (t->nlink < CLASS_MAX)
		memcpy(t->link_class[t->nlink++], class, CLASS_NAME);
}

/* Writes the outcome into a template just read. */
static bool
apply(struct encode *e, struct template *t, struct medium *m)
{
	const struct settings *s = &e->h->settings;

	if (e->failed) {
		m->state = MEDIUM_FAILED;
		m->why = e->why;
		return true;
	}
	m->state = MEDIUM_READY;
	m->width = e->made.width;
	m->height = e->made.height;
	m->ms = e->made.ms;
	m->nrendition = 0;
	if ((m->rendition = arena_array(e->arena, s->nclass, sizeof *m->rendition)) == NULL)
		return false;
	for (unsigned k = 0; k < s->nclass; k++) {
		if (!e->made.fits[k]) {
			mark_link(t, s->class[k].name);
			continue;
		}
		m->rendition[m->nrendition] = e->made.r[k];
		memcpy(m->rendition[m->nrendition++].class, s->class[k].name, CLASS_NAME);
	}
	return true;
}

/* One try. ST_CONFLICT: the template has changed, or the lease is lost. */
static enum store_rc
commit(struct encode *e)
{
	struct store *st = e->h->store;
	struct job next = { .kind = JOB_POSTBACK, .account = e->job->account, .mmsid = e->job->mmsid };
	struct account ac;
	struct template *t;
	struct medium *m;
	enum store_rc rc = store_template_get(st, 0, e->job->mmsid, e->arena, &t);
	bool tell;

	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	if (rc == ST_NOTFOUND || (m = encode_medium(e, t)) == NULL)
		return store_job_done(st, e->job, NULL, NULL);
	if (!apply(e, t, m))
		return ST_NOMEM;
	rc = store_account_by_id(st, t->account, &ac);
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	tell = rc == ST_OK && ac.postback_url[0] != '\0' && template_state(t) != TEMPLATE_ENCODING;
	return store_job_done(st, e->job, t, tell ? &next : NULL);
}

enum store_rc
encode_commit(struct encode *e)
{
	enum store_rc rc = ST_CONFLICT;

	for (int i = 0; rc == ST_CONFLICT && i < CONFLICTS_MAX; i++) {
		rc = commit(e);
		/* if it is the lease that is lost, so is the outcome */
		if (rc == ST_CONFLICT && store_job_renew(e->h->store, e->job, e->h->settings.lease_seconds * 1000, 1000, 0) != ST_OK)
			break;
	}
	return rc;
}
