/*
 * saveMMS and sendMMS run a table of steps in one loop, which measures them (savemms-api(7),
 * saveMMS and sendMMS). What only sendMMS does is in save_send.c.
 *
 * The steps validate, draw the personal image, fetch (types are checked and media transcoded
 * meanwhile), judge, fit, prepare the answer, and store. Storing is the commit point; then the
 * helper is woken. A step that returns false has set the call's failure, and nothing is
 * stored.
 */
#include "cgi/api/save.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "cgi/answer_doc.h"
#include "cgi/call.h"
#include "cgi/idempotency.h"
#include "cgi/login.h"
#include "cgi/start_helper.h"
#include "media/budget.h"
#include "media/encode_job.h"
#include "request/validate.h"

static bool
step_validate(struct save *sv)
{
	struct call *c = sv->call;
	const struct validate_env env = { .settings = &c->app->settings,
		.now = clock_now(),
		.image_known = save_image_known,
		.ctx = sv,
		.sends = sv->sends };

	if (sv->sends && !save_send_begin(sv))
		return false;
	sv->t = validate_save(c->arena, c->request, &env, &c->failure);
	if (sv->t == NULL && c->failure.code == E1130 && sv->image_rc != ST_OK &&
	    sv->image_rc != ST_NOTFOUND)
		return call_store_fail(c, sv->image_rc, "reading an image template");
	if (sv->t == NULL || (sv->sends && !save_send_rest(sv)))
		return false;
	sv->t->account = c->account.id;
	sv->t->transcoding = c->account.transcoding;
	return (save_personal_medium(sv) && save_items(sv)) || call_fail(c, E503);
}

static bool
step_fetch(struct save *sv)
{
	if (sv->nitem > 0)
		save_fetch(sv);
	return true;
}

static bool
step_personal_image(struct save *sv)
{
	if (sv->nitem > sv->nfetch)
		save_personal_image(sv);
	return true;
}

/* The first failure in the order of the slides becomes the answer (savemms-api(7), Checks). */
static bool
step_judge(struct save *sv)
{
	struct call *c = sv->call;

	for (size_t i = 0; i < sv->nitem; i++)
		if (sv->item[i].error != E_NONE) {
			c->failure.x = sv->item[i].slide;
			c->failure.note = sv->item[i].note;
			return call_fail(c, sv->item[i].error);
		}
	return true;
}

static bool
step_fit(struct save *sv)
{
	if (sv->nitem > 0)
		save_fit(sv);
	return step_judge(sv);
}

/* Appends an encode job for each medium of the template that waits for one. The job's limit is
 * the medium's share, as far as it is known now. Returns false when memory is short. */
static bool
add_encodes(const struct save *sv, struct job *jobs, size_t *n)
{
	const struct settings *s = &sv->call->app->settings;
	struct arena *a = sv->call->arena;
	struct budget_shares *sh = arena_zalloc(a, sizeof *sh);
	bool ok = sh != NULL;

	if (ok)
		budget_shares(s, sv->t, sh);
	for (size_t i = 0; ok && i < sh->n; i++)
		if (budget_medium(sv->t, i)->state == MEDIUM_WAITING) {
			const struct encode_share share = {
				.template = sv->t,
				.medium = i,
				.bytes = sh->share[i],
			};

			ok = encode_job(a, s, &share, &jobs[(*n)++]);
		}
	return ok;
}

/* Makes the jobs of a new template: its encodes, or its postback when no medium waits for an
 * encode; a sendMMS is told only of failure. Returns NULL when memory is short. */
static struct job *
make_jobs(const struct save *sv, size_t *n)
{
	const struct call *c = sv->call;
	struct job *jobs = arena_array(c->arena, sv->nitem + 1, sizeof *jobs);

	*n = 0;
	if (jobs == NULL)
		return NULL;
	if (template_state(sv->t) == TEMPLATE_ENCODING)
		return add_encodes(sv, jobs, n) ? jobs : NULL;
	if (account_wants_postbacks(&c->account) &&
	    (!sv->sends || template_state(sv->t) == TEMPLATE_FAILED))
		jobs[(*n)++] = (struct job){ .kind = JOB_POSTBACK };
	return jobs;
}

static void
write_answer(struct answer *a, uint64_t id, const struct message *m)
{
	(void)m;
	answer_open(a);
	answer_id(a, ANSWER_MMSID, id);
	answer_close(a);
}

static enum store_rc
store(struct save *sv, struct job *jobs, size_t njobs)
{
	struct call *c = sv->call;

	if (sv->sends)
		return save_send_store(sv, jobs, njobs);
	return store_template_create(c->app->store, sv->t, jobs, njobs,
	    idempotency_keep(c, write_answer));
}

static bool
step_store(struct save *sv)
{
	struct call *c = sv->call;
	enum store_rc rc;
	size_t njobs;
	struct job *jobs;
	int lock = -1;

	/* nothing may remove a blob between the moment it is found here and the commit */
	if (sv->nitem > 0 && (lock = blob_shared(&c->app->settings)) < 0) {
		log_error("locking the media folder: %m");
		return call_fail(c, E503);
	}
	if (!save_blobs(sv) || (jobs = make_jobs(sv, &njobs)) == NULL) {
		file_close(&lock);
		return call_fail(c, E503);
	}
	rc = store(sv, jobs, njobs);
	file_close(&lock);
	if (rc != ST_OK)
		return idempotency_store_fail(c, rc, "storing the template");
	if (njobs > 0 || sv->sends)
		start_helper(&c->app->settings);
	return true;
}

/* Allocates the answer's memory before the commit, for the longest possible id, so that the
 * caller learns of every template that is stored. */
static bool
step_answer(struct save *sv)
{
	if (!sv->sends)
		write_answer(sv->call->answer, UINT64_MAX, NULL);
	else if (!save_send_answer(sv))
		return false;
	return buf_ok(&sv->call->answer->body) || call_fail(sv->call, E503);
}

static const struct step {
	const char *name;
	bool (*run)(struct save *sv);
} steps[] = {
	/* save_try() leaves out the last two */
	{ "validate", step_validate },
	{ "picture", step_personal_image },
	{ "fetch", step_fetch },
	{ "judge", step_judge },
	{ "fit", step_fit },
	{ "answer", step_answer },
	{ "store", step_store },
};

enum { STEPS = sizeof steps / sizeof steps[0], TRIAL_STEPS = STEPS - 2 };

static bool
drive(struct save *sv, size_t nsteps)
{
	struct buf times;
	bool ok = true;

	sv->until.ended = clock_mono() +
	    (int64_t)settings_media_ms(&sv->call->app->settings) * 1000;
	buf_init(&times, 256);
	for (size_t i = 0; ok && i < nsteps; i++) {
		int64_t began = clock_mono();

		ok = steps[i].run(sv);
		buf_printf(&times, " %s=%" PRId64, steps[i].name, (clock_mono() - began) / 1000);
	}
	if (sv->nitem > 0)
		log_info("steps in ms:%s", buf_str(&times));
	buf_free(&times);
	return ok;
}

bool
action_save_mms(struct call *c)
{
	struct save sv = { .call = c };
	bool ok = drive(&sv, STEPS);

	save_end(&sv);
	if (!ok)
		return false;
	c->made = sv.t->id;
	write_answer(c->answer, sv.t->id, NULL);
	return true;
}

bool
action_send_mms(struct call *c)
{
	struct save sv = { .call = c, .sends = true };
	bool ok = drive(&sv, STEPS);

	save_end(&sv);
	if (!ok)
		return false;
	c->made = sv.t->id;
	c->tracking = sv.message->tracking;
	save_send_write_answer(c->answer, sv.t->id, sv.message);
	return true;
}

struct template *
save_try(struct call *c)
{
	struct save sv = { .call = c };
	bool ok;

	c->action = "saveMMS";
	ok = login_uncounted(c) && drive(&sv, TRIAL_STEPS);
	save_end(&sv);
	return ok ? sv.t : NULL;
}
