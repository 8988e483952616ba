/*
 * save_fit: makes the images of a template fit, together with its other media. See save.h and,
 * for the two rounds, media/budget.h.
 *
 * The first round makes every image with the whole budget of each class. Usually the sum then
 * fits, and the size of each image at its best is known. If no audio or video has to be
 * encoded, the other rounds follow at once; else the helper runs them when all media are made.
 */
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "cgi/api/save.h"
#include "media/budget.h"
#include "media/transcode_made.h"
#include "media/transcode_rendition.h"

enum { AT_LEAST_US = 3000000 };

static enum api_error
judge(const struct transcode_result *r, const struct save_item *it)
{
	if (r->status != TS_OK)
		log_info("slide %lu %s: %.200s: %s", it->slide, kind_element(it->m->kind),
		    it->fetch->path, r->why);
	return transcode_error((enum transcode_status)r->status, it->m->kind);
}

/* Records the renditions of the last run, each named by the hash of its bytes. */
static bool
take_all(struct save *sv, struct save_item *it, const struct transcode_result *res)
{
	const struct save_run *run = it->run;
	const struct settings *s = &sv->call->app->settings;

	for (unsigned k = 0; k < s->nclass; k++) {
		const struct transcode_output *o = &res->out[transcode_target(run->want, k)];
		struct rendition r;
		int made = run->want[k] != 0 ? transcode_rendition(run->job, o, &r) : 0;

		if (made == 0)
			continue;
		memcpy(r.class, s->class[k].name, CLASS_NAME);
		if (made < 0 || !budget_take(sv->call->arena, it->m, &r, run->want[k]))
			return false;
	}
	return true;
}

/* Returns how long the next item may wait to be begun. All items share the time there is; but what
 * was handed over a moment ago, after others took long, has AT_LEAST_US. */
static int64_t
patience(const struct save *sv)
{
	int64_t least = clock_mono() + AT_LEAST_US;

	return least > sv->until.begun ? least : sv->until.begun;
}

/* Waits for the item's last run and records its results. */
static void
collect(struct save *sv, struct save_item *it)
{
	const struct transcode_until until = { patience(sv), sv->until.ended };
	struct transcode_result res;

	transcode_wait(it->run->job, &until, NULL, NULL, &res);
	it->error = judge(&res, it);
	if (res.status != TS_OK)
		return;
	it->m->width = res.width;
	it->m->height = res.height;
	if (kind_is_av(it->m->kind))
		it->m->ms = res.ms;
	else if (!take_all(sv, it, &res))
		it->error = E503;
}

static bool
all_well(const struct save *sv)
{
	for (size_t i = 0; i < sv->nitem; i++)
		if (sv->item[i].error != E_NONE)
			return false;
	return true;
}

static struct save_item *
item_of(struct save *sv, const struct medium *m)
{
	size_t i = 0;

	while (sv->item[i].m != m)
		i++;
	return &sv->item[i];
}

/* Makes the images that budget_again() names once more, in parallel. */
static void
make_again(struct save *sv, const struct budget_shares *sh, const struct budget_wants *again)
{
	struct save_item *started[BUDGET_MEDIA];
	size_t n = 0;

	for (size_t i = 0; i < sh->n; i++) {
		struct save_item *it = item_of(sv, budget_medium(sv->t, i));

		if (transcode_target(again->bytes[i], sv->call->app->settings.nclass) == 0)
			continue;
		it->error = save_start(sv, it, again->bytes[i]);
		if (it->error == E_NONE)
			started[n++] = it;
	}
	for (size_t i = 0; i < n && all_well(sv); i++)
		collect(sv, started[i]);
}

static void
later_rounds(struct save *sv)
{
	const struct settings *s = &sv->call->app->settings;
	struct budget_shares *sh = arena_zalloc(sv->call->arena, sizeof *sh);
	struct budget_wants *again = arena_zalloc(sv->call->arena, sizeof *again);
	bool upwards = true;

	if (sh == NULL || again == NULL) {
		sv->item[0].error = E503;
		return;
	}
	for (budget_shares(s, sv->t, sh);
	     all_well(sv) && budget_again(s, sv->t, sh, upwards, again);
	     budget_shares(s, sv->t, sh)) {
		make_again(sv, sh, again);
		upwards = false;
	}
}

void
save_fit(struct save *sv)
{
	bool first_failed = false;

	for (size_t i = 0; i < sv->nitem && !first_failed; i++) {
		if (sv->item[i].run != NULL)
			collect(sv, &sv->item[i]);
		first_failed = sv->item[i].error != E_NONE; /* which is the answer */
	}
	if (!sv->t->transcoding || !all_well(sv) || template_state(sv->t) != TEMPLATE_READY)
		return;
	later_rounds(sv);
	if (all_well(sv))
		budget_settle(&sv->call->app->settings, sv->t);
}

/* Returns the descriptor of the run's output that holds the bytes of r, or -1. */
static int
output_of(const struct save_run *run, const struct rendition *r)
{
	char sha[SHA256_HEX];
	uint64_t size;
	int fd;

	for (unsigned i = 0; (fd = transcode_output_fd(run->job, i)) >= 0; i++)
		if ((uint64_t)file_size(fd) == r->bytes && crypt_sha256_file(fd, sha, &size) == 0 &&
		    strcmp(sha, r->sha) == 0)
			return fd;
	return -1;
}

static bool
put_rendition(struct save *sv, const struct save_item *it, const struct rendition *r)
{
	int fd = -1;

	for (const struct save_run *run = it->run; run != NULL && fd < 0; run = run->before)
		fd = output_of(run, r);
	return fd >= 0 && blob_put(&sv->call->app->settings, fd, r->sha) == 0;
}

static bool
put_item(struct save *sv, const struct save_item *it)
{
	if (blob_put(&sv->call->app->settings, it->fetch->fd, it->m->sha) != 0)
		return false;
	for (size_t i = 0; i < it->m->nrendition; i++)
		if (!put_rendition(sv, it, &it->m->rendition[i]))
			return false;
	return true;
}

bool
save_blobs(struct save *sv)
{
	for (size_t i = 0; i < sv->nitem; i++)
		if (!put_item(sv, &sv->item[i])) {
			log_error("storing media of slide %lu: %m", sv->item[i].slide);
			return false;
		}
	return true;
}
