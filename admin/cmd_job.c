/*
 * job: the commands about the queue, dead letters included.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/jobtext.h"
#include "admin/say.h"
#include "admin/table.h"
#include "admin/walk.h"
#include "base/arena.h"
#include "base/clock.h"
#include "ops/held.h"
#include "ops/helpers.h"

enum { JOB_CAP = 16 << 20 };

static bool
list_row(struct table *t, const struct job *j, int64_t now)
{
	char id[24], mmsid[24], attempt[24], state[JOB_STATE], progress[JOB_STATE];
	const char *const row[] = { id, job_kind_name(j->kind), mmsid, state, attempt, progress,
		j->why };

	(void)snprintf(id, sizeof id, "%" PRIu64, j->id);
	(void)snprintf(mmsid, sizeof mmsid, "%" PRIu64, j->mmsid);
	(void)snprintf(attempt, sizeof attempt, "%" PRIu32, j->attempt);
	job_state_text(j, now, state);
	job_progress_text(j, progress);
	return table_row(t, row);
}

/* Finds the next job as store_job_next() does. One that cannot be read is named, and *out is NULL.
 */
static enum store_rc
next_job(struct store *st, uint64_t *after, struct arena *a, struct job **out, struct walk *w)
{
	const uint64_t was = *after;
	enum store_rc rc = a != NULL ? store_job_next(st, after, a, out) : ST_NOMEM;

	if (rc == ST_OK || !walk_past(w, rc, *after != was, "job %" PRIu64, *after))
		return rc;
	*out = NULL;
	return ST_OK;
}

int
cmd_job_list(struct admin *ad)
{
	static const char *const head[] = { "ID", "KIND", "MMSID", "STATE", "ATTEMPT", "PROGRESS",
		"WHY" };
	static struct table t;
	enum store_rc rc = ST_OK;
	uint64_t after = 0;
	struct walk w = { 0 };

	table_start(&t, stdout, isatty(STDOUT_FILENO) != 0, head, sizeof head / sizeof head[0]);
	while (rc == ST_OK) {
		struct arena *a = arena_new(JOB_CAP);
		struct job *j = NULL;

		if ((rc = next_job(ad->st, &after, a, &j, &w)) == ST_OK && j != NULL)
			rc = list_row(&t, j, clock_now()) ? ST_OK : ST_NOMEM;
		arena_free(&a);
	}
	table_end(&t);
	return walk_end(&w, rc, "the jobs cannot be listed");
}

static int
no_job(enum store_rc rc, uint64_t id, const char *word)
{
	if (rc == ST_NOTFOUND)
		return fail("there is no job %" PRIu64 "; 'savemms job list' shows them", id);
	if (rc == ST_CONFLICT)
		return fail("job %" PRIu64 " is running; try again when it has ended", id);
	return fail_store(rc, word);
}

int
cmd_job_show(struct admin *ad)
{
	char state[JOB_STATE], progress[JOB_STATE], created[CLOCK_TEXT];
	struct job *j = NULL;
	enum store_rc rc;
	uint64_t id;

	if (!word_id("a job's number", ad->argv[0], &id))
		return WRONG_USAGE;
	if ((rc = store_job_get(ad->st, id, ad->a, &j)) != ST_OK)
		return no_job(rc, id, ad->argv[0]);
	job_state_text(j, clock_now(), state);
	job_progress_text(j, progress);
	clock_iso(j->created, created);
	(void)printf("job: %" PRIu64 "\nkind: %s\nmmsid: %" PRIu64 "\nstate: %s\nattempt: %" PRIu32
		     "\ncreated: %s\n",
	    j->id, job_kind_name(j->kind), j->mmsid, state, j->attempt, created);
	if (j->kind == JOB_ENCODE)
		(void)printf("slide: %" PRIu32 "\nprogress: %s\n", j->slide + 1, progress);
	(void)fputs("why: ", stdout);
	text_print(stdout, j->why);
	if (j->body[0] != '\0') {
		(void)fputs("\nbody: ", stdout);
		text_print(stdout, j->body);
	}
	(void)putchar('\n');
	return finish();
}

/* Requeues a dead job, unless it is that of a held message, which might go out twice. It ignores a
 * job that vanishes or is taken meanwhile. Counts in *n. */
static enum store_rc
retry_one(struct store *st, const struct job *j, uint64_t *n)
{
	enum store_rc rc;

	if (!j->dead || j->kind == JOB_DELIVER)
		return ST_OK;
	rc = store_job_requeue(st, j->id);
	*n += rc == ST_OK;
	return rc == ST_NOTFOUND || rc == ST_CONFLICT ? ST_OK : rc;
}

/* Requeues all dead jobs that can be read. */
static int
retry_dead(struct admin *ad)
{
	enum store_rc rc = ST_OK;
	uint64_t after = 0, n = 0;
	struct walk w = { 0 };

	while (rc == ST_OK) {
		struct arena *a = arena_new(JOB_CAP);
		struct job *j = NULL;

		rc = next_job(ad->st, &after, a, &j, &w);
		if (rc == ST_OK && j != NULL && (rc = retry_one(ad->st, j, &n)) != ST_OK &&
		    walk_past(&w, rc, true, "job %" PRIu64, after))
			rc = ST_OK;
		arena_free(&a);
	}
	if (n > 0)
		helpers_wake(&ad->s);
	(void)printf("queued again: %" PRIu64 "\n", n);
	return walk_end(&w, rc, "not all dead jobs were queued again");
}

int
cmd_job_retry(struct admin *ad)
{
	enum store_rc rc;
	uint64_t id;

	if ((ad->argc == 1) == (ad->opt[OPT_ALL_DEAD] != NULL))
		return wrong("give one job's number or --all-dead");
	if (ad->argc == 0)
		return retry_dead(ad);
	if (!word_id("a job's number", ad->argv[0], &id))
		return WRONG_USAGE;
	if ((rc = store_job_requeue(ad->st, id)) != ST_OK)
		return no_job(rc, id, ad->argv[0]);
	helpers_wake(&ad->s);
	return DONE;
}

int
cmd_job_discard(struct admin *ad)
{
	enum store_rc rc;
	uint64_t id;

	if (!word_id("a job's number", ad->argv[0], &id))
		return WRONG_USAGE;
	if ((rc = held_discard(ad->st, &ad->s, id)) != ST_OK)
		return no_job(rc, id, ad->argv[0]);
	helpers_wake(&ad->s); /* a postback that waited for this one, or tells of it, is due now */
	return DONE;
}
