/*
 * template: the commands about what is stored: list, show, delete.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/jobtext.h"
#include "admin/lookup.h"
#include "admin/say.h"
#include "admin/table.h"
#include "admin/walk.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "blob/blob.h"
#include "model/mergetag.h"
#include "ops/helpers.h"
#include "store/store_list.h"

enum { PAGE_CAP = 256 << 20, JOBS_SHOWN = 100 };

struct listing {
	struct admin *ad;
	struct table *t;
	struct walk w;
};

static bool
list_row(struct listing *l, const struct template *m)
{
	char id[24], slides[24], bytes[24], created[CLOCK_TEXT];
	const char *const row[] = { id, account_name(l->ad->st, m->account),
		template_state_name(template_state(m)), created, slides, bytes, m->name };

	(void)snprintf(id, sizeof id, "%" PRIu64, m->id);
	(void)snprintf(slides, sizeof slides, "%zu", m->nslide);
	(void)snprintf(bytes, sizeof bytes, "%" PRIu64, template_size(m));
	clock_iso(m->created, created);
	return table_row(l->t, row);
}

static enum store_rc
list_rows(struct listing *l, struct template *const *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (m[i] != NULL && !list_row(l, m[i]))
			return ST_NOMEM;
	return ST_OK;
}

/* Adds n templates. If one of them cannot be read, or they are too large together, adds each by
 * itself. */
static enum store_rc
list_some(struct listing *l, const uint64_t *id, size_t n)
{
	struct template *m[TEMPLATES_READ] = { NULL };
	struct arena *a = arena_new(PAGE_CAP);
	enum store_rc rc = a != NULL ? store_template_read(l->ad->st, id, n, a, m) : ST_NOMEM;

	if (rc == ST_OK) {
		rc = list_rows(l, m, n);
	} else if (n > 1 && (rc == ST_CORRUPT || rc == ST_NOMEM)) {
		arena_free(&a);
		rc = ST_OK;
		for (size_t i = 0; rc == ST_OK && i < n; i++)
			rc = list_some(l, &id[i], 1);
	} else if (walk_past(&l->w, rc, true, "template %" PRIu64, id[0])) {
		rc = ST_OK;
	}
	arena_free(&a);
	return rc;
}

/* Adds all templates that are there now. A template that is deleted while the list is being written
 * may be missing; no other that can be read is missing, and none comes twice. */
static enum store_rc
list_all(struct listing *l, uint64_t account)
{
	const struct template_query q = { .account = account, .max = SIZE_MAX };
	struct template_found f;
	enum store_rc rc = store_template_find(l->ad->st, &q, l->ad->a, &f);

	for (size_t i = 0; rc == ST_OK && i < f.n; i += TEMPLATES_READ)
		rc = list_some(l, &f.id[i], f.n - i < TEMPLATES_READ ? f.n - i : TEMPLATES_READ);
	return rc;
}

int
cmd_template_list(struct admin *ad)
{
	static const char *const head[] = { "MMSID", "ACCOUNT", "STATE", "CREATED", "SLIDES",
		"BYTES", "NAME" };
	static struct account ac;
	static struct table t;
	struct listing l = { .ad = ad, .t = &t };
	enum store_rc rc;
	uint64_t account = 0;

	if (ad->opt[OPT_ACCOUNT] != NULL) {
		if (find_account(ad, ad->opt[OPT_ACCOUNT], &ac) != DONE)
			return NOT_DONE;
		account = ac.id;
	}
	table_start(&t, stdout, isatty(STDOUT_FILENO) != 0, head, sizeof head / sizeof head[0]);
	rc = list_all(&l, account);
	table_end(&t);
	return walk_end(&l.w, rc, "the templates cannot be listed");
}

static void
show_line(const char *what, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	(void)printf("%s: ", what);
	text_print(stdout, text);
	(void)putchar('\n');
}

/* Prints " 640x480 4.2 s", each part only if it is known. */
static void
show_size(uint32_t width, uint32_t height, uint32_t ms)
{
	if (width > 0 && height > 0)
		(void)printf(" %" PRIu32 "x%" PRIu32, width, height);
	if (ms > 0)
		(void)printf(" %" PRIu32 ".%03" PRIu32 " s", ms / 1000, ms % 1000);
}

static void
show_rendition(const struct admin *ad, const struct rendition *r)
{
	char path[INSTANCE_PATH + 128];

	blob_path(&ad->s, r->sha, path, sizeof path);
	(void)printf("    %s: %s %" PRIu64 " bytes", r->class, format_mime(r->format), r->bytes);
	show_size(r->width, r->height, r->ms);
	if (r->quality > 0)
		(void)printf(" quality %" PRIu32, r->quality);
	(void)printf("\n      file: %s\n", path);
}

static const char *
medium_state_name(enum medium_state s)
{
	switch (s) {
	case MEDIUM_READY:
		return "ready";
	case MEDIUM_WAITING:
		return "waiting to be encoded";
	case MEDIUM_FAILED:
		return "failed";
	}
	return "?";
}

static void
show_medium(const struct admin *ad, const struct medium *m)
{
	char path[INSTANCE_PATH + 128];

	blob_path(&ad->s, m->sha, path, sizeof path);
	(void)printf("  %s: %s %" PRIu64 " bytes",
	    medium_is_personal_image(m) ? "personal image with the default values" :
					  kind_pair(m->kind),
	    m->format != FORMAT_NONE ? format_mime(m->format) : "unknown format", m->bytes);
	show_size(m->width, m->height, m->ms);
	(void)printf(", %s\n", medium_state_name(m->state));
	show_line("    url", m->url[0] != '\0' ? m->url : NULL);
	show_line("    content-type", m->mime);
	show_line("    why", m->why);
	(void)printf("    file: %s\n", path);
	for (size_t i = 0; i < m->nrendition; i++)
		show_rendition(ad, &m->rendition[i]);
}

static void
show_slide(const struct admin *ad, const struct slide *s, size_t number)
{
	(void)printf("slide %zu\n", number);
	show_line("  text", s->text);
	show_line("  personalized image", s->image_template);
	show_line("  duration", s->duration);
	for (size_t i = 0; i < s->nmedium; i++)
		show_medium(ad, &s->medium[i]);
}

/* Prints the merge tags of one text as they are written. */
static void
show_tags(const char *text)
{
	struct mergetag_reader r;
	struct mergetag_piece p;

	mergetag_start(&r, text != NULL ? text : "");
	while (mergetag_next(&r, &p))
		if (p.tag)
			(void)printf("merge tag: %.*s\n", (int)p.n, p.p);
}

/* Prints the template's jobs and their progress. */
static int
show_jobs(struct admin *ad, uint64_t mmsid)
{
	char state[JOB_STATE], progress[JOB_STATE];
	struct job_list jobs;
	enum store_rc rc = store_job_list(ad->st, mmsid, JOBS_SHOWN, ad->a, &jobs);

	if (rc != ST_OK)
		return fail_store(rc, "reading the template's jobs");
	for (size_t i = 0; i < jobs.n; i++) {
		const struct job *j = jobs.job[i];

		job_state_text(j, clock_now(), state);
		job_progress_text(j, progress);
		(void)printf("job %" PRIu64 ": %s", j->id, job_kind_name(j->kind));
		if (j->kind == JOB_ENCODE)
			(void)printf(" of slide %" PRIu32, j->slide + 1);
		(void)printf(", %s, attempt %" PRIu32 ", progress %s\n", state, j->attempt,
		    progress);
		show_line("  why", j->why[0] != '\0' ? j->why : NULL);
	}
	return DONE;
}

int
cmd_template_show(struct admin *ad)
{
	const struct template *t;
	char created[CLOCK_TEXT];
	uint64_t id;

	if (!word_id("an MMSID", ad->argv[0], &id))
		return WRONG_USAGE;
	if ((t = find_template(ad, ad->argv[0])) == NULL)
		return NOT_DONE;
	clock_iso(t->created, created);
	(void)printf("mmsid: %" PRIu64 "\naccount: %s\nstate: %s\ncreated: %s\nbytes: %" PRIu64 "\n"
		     "transcoding: %s\n",
	    t->id, account_name(ad->st, t->account), template_state_name(template_state(t)),
	    created, template_size(t), t->transcoding ? "on" : "off");
	show_line("name", t->name);
	show_line("subject", t->subject);
	show_line("fallback text", t->fallback);
	show_line("client reference", t->reference);
	(void)printf("fallback: %s\n",
	    t->no_fallback          ? "off" :
		t->no_fallback_link ? "text only" :
				      "text and link");
	for (size_t i = 0; i < t->nlink; i++)
		(void)printf("sent as a link in class: %s\n", t->link_class[i]);
	show_tags(t->subject);
	show_tags(t->fallback);
	for (size_t i = 0; i < t->nslide; i++)
		show_tags(t->slide[i].text);
	for (size_t i = 0; i < t->nslide; i++)
		show_slide(ad, &t->slide[i], i + 1);
	return show_jobs(ad, t->id) == DONE ? finish() : NOT_DONE;
}

/* Removes a template. The caller holds blob_exclusive(). */
static int
delete_locked(struct admin *ad, uint64_t id)
{
	struct orphans orphans;
	enum store_rc rc = store_template_remove(ad->st, 0, id, ad->a, &orphans);

	if (rc == ST_NOTFOUND)
		return fail("there is no template %" PRIu64 "; 'savemms template list' shows them",
		    id);
	if (rc != ST_OK)
		return fail_store(rc, ad->argv[0]);
	if (orphans.queued)
		helpers_wake(&ad->s);
	for (size_t i = 0; i < orphans.n; i++)
		if (blob_remove(&ad->s, orphans.sha[i]) != 0)
			return fail("template %" PRIu64
				    " is deleted, but its file %s is still there: %s; "
				    "the helper will remove it in a day",
			    id, orphans.sha[i], strerror(errno));
	return DONE;
}

int
cmd_template_delete(struct admin *ad)
{
	uint64_t id;
	int lock, st;

	if (!word_id("an MMSID", ad->argv[0], &id))
		return WRONG_USAGE;
	if ((lock = blob_exclusive(&ad->s)) < 0)
		return fail("the media of %s cannot be locked: %s", ad->s.dir, strerror(errno));
	st = delete_locked(ad, id);
	file_close(&lock);
	return st;
}
