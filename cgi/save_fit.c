/*
 * save_fit: the sum of a template's media made to fit each class, and what came
 * of it stored. See save.h.
 *
 * Every image was first made with the whole budget of each class: mostly the sum
 * fits then. Where it does not, the budget is shared out (fit.h) and the images
 * that are above their share are made once more, for those classes alone. Audio
 * and video, whose sizes are not known yet, count with their weight.
 */
#include <string.h>

#include "blob.h"
#include "file.h"
#include "fit.h"
#include "log.h"
#include "save.h"

/* Marks class k as one this MMS does not fit. */
static void
mark_link(struct save *sv, unsigned k)
{
	const struct settings *s = &sv->call->app->settings;

	memcpy(sv->t->link_class[sv->t->nlink++], s->class[k].name, CLASS_NAME);
	for (size_t i = 0; i < sv->nitem; i++)
		sv->item[i].allowed &= ~(1U << k);
}

static enum api_error
judge(const struct transcode_result *r, const struct save_item *it)
{
	if (r->status != TS_OK)
		log_info("slide %lu image: %.200s: %s", it->slide, it->fetch->path, r->why);
	switch (r->status) {
	case TS_OK:
		return E_NONE;
	case TS_TOO_BIG:
		return E331;
	case TS_BROKEN:
		return E503;
	default:
		return E341;	/* corrupt, or too much for any decoder we let it have */
	}
}

static void
collect(struct save *sv)
{
	for (size_t i = 0; i < sv->nitem; i++) {
		struct save_item *it = &sv->item[i];

		it->allowed = ~0U;
		if (it->job == NULL)
			continue;
		transcode_wait(it->job, -1, NULL, NULL, &it->result);
		it->error = judge(&it->result, it);
		it->m->width = it->result.width;
		it->m->height = it->result.height;
	}
}

/* Shares class k out. True when every image is within its share; else the shares
 * are in share[], 0 for an item that takes no part. */
static bool
share_class(const struct save *sv, unsigned k, uint64_t *share)
{
	struct fit_item fi[REQUEST_SLIDES * KIND_COUNT];
	size_t of[REQUEST_SLIDES * KIND_COUNT], n = 0;
	bool fits = true;

	for (size_t i = 0; i < sv->nitem; i++) {
		const struct save_item *it = &sv->item[i];
		bool waits = it->m->state == MEDIUM_WAITING;

		share[i] = 0;
		if (it->job == NULL && !waits)
			continue;
		fi[n] = (struct fit_item){ .need = waits ? fit_estimate(it->m) : it->result.out[k].bytes,
			.weight = fit_weight(it->m->kind, waits ? FORMAT_NONE : (enum format)it->result.out[k].format) };
		of[n++] = i;
	}
	fit_share(fi, n, sv->budget[k]);
	for (size_t j = 0; j < n; j++) {
		share[of[j]] = fi[j].share;
		fits = fits && (sv->item[of[j]].job == NULL || fi[j].need <= fi[j].share);
	}
	return fits;
}

/* Where class k is among the targets of a second try. */
static unsigned
target_of(const struct save_item *it, unsigned k)
{
	unsigned n = 0;

	for (unsigned j = 0; j < k; j++)
		n += (it->again_want >> j) & 1;
	return n;
}

/* Starts the second try of an image for the classes in want, with its shares. */
static void
start_again(struct save *sv, struct save_item *it, uint32_t want, const uint64_t *share)
{
	const struct settings *s = &sv->call->app->settings;
	struct transcode_request req;
	char temp[INSTANCE_PATH];

	transcode_request_init(&req, s, it->m->format);
	it->again_want = want;
	for (unsigned k = 0; k < s->nclass; k++)
		if (want & 1U << k)
			req.target[req.ntargets++] = transcode_target_of(&s->class[k], share[k]);
	blob_temp_dir(s, temp, sizeof temp);
	it->again = transcode_start(sv->call->app->transcoder, &req, it->fetch->fd, temp);
	if (it->again == NULL)
		it->error = E503;
}

/* Takes over what a second try gave: out[k] then speaks of the file in again. */
static void
collect_again(struct save *sv, struct save_item *it)
{
	const struct settings *s = &sv->call->app->settings;

	if (it->again == NULL)
		return;
	transcode_wait(it->again, -1, NULL, NULL, &it->again_result);
	it->error = judge(&it->again_result, it);
	for (unsigned k = 0; it->error == E_NONE && k < s->nclass; k++)
		if (it->again_want & 1U << k)
			it->result.out[k] = it->again_result.out[target_of(it, k)];
}

void
save_fit(struct save *sv)
{
	const struct settings *s = &sv->call->app->settings;
	uint64_t (*share)[CLASS_MAX] = arena_array(sv->call->arena, sv->nitem, sizeof *share);
	uint64_t *one = arena_array(sv->call->arena, sv->nitem, sizeof *one);
	uint32_t *want = arena_array(sv->call->arena, sv->nitem, sizeof *want);

	collect(sv);
	for (size_t i = 0; i < sv->nitem; i++)
		if (sv->item[i].error != E_NONE)
			return;
	if (share == NULL || one == NULL || want == NULL) {
		sv->item[0].error = E503;
		return;
	}
	for (unsigned k = 0; k < s->nclass; k++) {
		if (share_class(sv, k, one))
			continue;
		for (size_t i = 0; i < sv->nitem; i++) {
			share[i][k] = one[i];
			if (sv->item[i].job != NULL && sv->item[i].result.out[k].bytes > one[i])
				want[i] |= 1U << k;
		}
	}
	for (size_t i = 0; i < sv->nitem; i++)
		if (want[i] != 0)
			start_again(sv, &sv->item[i], want[i], share[i]);
	for (size_t i = 0; i < sv->nitem; i++)
		collect_again(sv, &sv->item[i]);
	for (unsigned k = 0; k < s->nclass && sv->t->transcoding; k++) {
		bool fits = sv->budget[k] > 0;

		for (size_t i = 0; i < sv->nitem; i++)
			fits = fits && (sv->item[i].job == NULL || sv->item[i].result.out[k].fits);
		if (!fits)
			mark_link(sv, k);
	}
}

/* What is known of a rendition without its bytes. */
static void
note_rendition(const struct save *sv, const struct save_item *it, unsigned k, struct rendition *r)
{
	const struct transcode_output *o = &it->result.out[k];

	memcpy(r->class, sv->call->app->settings.class[k].name, CLASS_NAME);
	r->format = (enum format)o->format;
	r->bytes = o->bytes;
	r->width = o->width;
	r->height = o->height;
	r->ms = o->ms;
	r->quality = o->quality;
}

/* Stores the bytes of one rendition, wherever they lie. */
static bool
put_rendition(struct save *sv, struct save_item *it, unsigned k, struct rendition *r)
{
	const struct settings *s = &sv->call->app->settings;
	const struct transcode_output *o = &it->result.out[k];
	/* same_as counts in the try that made it */
	int fd = transcode_output_fd(it->again_want & 1U << k ? it->again : it->job, o->same_as);

	note_rendition(sv, it, k, r);
	return blob_hash(fd, r->sha, &r->bytes) == 0 && blob_put(s, fd, r->sha) == 0;
}

bool
save_note(struct save *sv)
{
	const struct settings *s = &sv->call->app->settings;

	for (size_t i = 0; i < sv->nitem; i++) {
		struct save_item *it = &sv->item[i];

		if (it->job == NULL)
			continue;
		it->m->rendition = arena_array(sv->call->arena, s->nclass, sizeof *it->m->rendition);
		if (it->m->rendition == NULL)
			return false;
		for (unsigned k = 0; k < s->nclass; k++)
			if (it->allowed & 1U << k)
				note_rendition(sv, it, k, &it->m->rendition[it->m->nrendition++]);
	}
	return true;
}

static bool
put_item(struct save *sv, struct save_item *it)
{
	const struct settings *s = &sv->call->app->settings;

	if (blob_put(s, it->fetch->fd, it->m->sha) != 0)
		return false;
	if (it->job == NULL)
		return true;
	it->m->rendition = arena_array(sv->call->arena, s->nclass, sizeof *it->m->rendition);
	if (it->m->rendition == NULL)
		return false;
	for (unsigned k = 0; k < s->nclass; k++)
		if (it->allowed & 1U << k && !put_rendition(sv, it, k, &it->m->rendition[it->m->nrendition++]))
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
