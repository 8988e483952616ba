/*
 * save_media: fetches the media of a saveMMS, checks them and passes them to the transcoder.
 * See save.h.
 */
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "cgi/api/save.h"
#include "media/budget.h"
#include "media/classify.h"
#include "media/transcode_made.h"
#include "media/type_rules.h"
#include "ops/meter.h"

/* Returns how many bytes a medium of this kind may have (savemms-api(7), Size limits). */
static uint64_t
limit_of(const struct account *ac, enum kind k)
{
	static const size_t limit[KIND_COUNT] = {
#define KIND(name, element, pair, limit, ...) [KIND_##name] = offsetof(struct account, limit),
#include "model/media.def"
#undef KIND
	};
	uint64_t kb;

	memcpy(&kb, (const char *)ac + limit[k], sizeof kb);
	if (!ac->transcoding && !kind_is_object(k))
		kb = ac->max_untranscoded_kb;
	return kb * 1024;
}

/* Returns how many bytes a GIF may have, which has a limit of its own; where nothing is transcoded,
 * the smaller of both. */
static uint64_t
gif_limit_of(const struct account *ac)
{
	uint64_t gif = ac->max_gif_kb * 1024, any = ac->max_untranscoded_kb * 1024;

	return ac->transcoding || gif < any ? gif : any;
}

/* Returns the medium that came with the request in place of the item's URL, or NULL. */
static const struct fetch_given *
given_for(const struct call *c, const struct save_item *it)
{
	for (size_t i = 0; i < c->nupload; i++)
		if (c->upload[i].slide == it->slide && c->upload[i].kind == it->m->kind)
			return &c->upload[i].given;
	return NULL;
}

static void
add_item(struct save *sv, size_t slide, size_t medium)
{
	const struct account *ac = &sv->call->account;
	struct save_item *it = &sv->item[sv->nitem];

	it->m = &sv->t->slide[slide].medium[medium];
	it->slide = slide + 1;
	it->fetch = &sv->fetch[sv->nitem++];
	it->fetch->fd = -1;
	it->fetch->url = it->m->url;
	it->fetch->given = given_for(sv->call, it);
	it->fetch->limit = limit_of(ac, it->m->kind);
	it->fetch->gif_limit = it->m->kind == KIND_IMAGE ? gif_limit_of(ac) : it->fetch->limit;
}

bool
save_items(struct save *sv)
{
	const struct settings *s = &sv->call->app->settings;
	struct template *t = sv->t;
	size_t n = 0;

	for (size_t i = 0; i < t->nslide; i++)
		n += t->slide[i].nmedium;
	sv->item = arena_array(sv->call->arena, n, sizeof *sv->item);
	sv->fetch = arena_array(sv->call->arena, n, sizeof *sv->fetch);
	if (sv->item == NULL || sv->fetch == NULL)
		return false;
	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++)
			if (!medium_is_personal_image(&t->slide[i].medium[k]))
				add_item(sv, i, k);
	sv->nfetch = sv->nitem;
	for (size_t i = 0; i < t->nslide; i++)
		if (t->slide[i].nmedium > 0 && medium_is_personal_image(&t->slide[i].medium[0]))
			add_item(sv, i, 0);
	for (unsigned i = 0; i < s->nclass; i++)
		sv->budget[i] = budget_of(&s->class[i], t);
	return true;
}

/* Returns the error that follows from the fetch alone. */
static enum api_error
fetch_error(const struct save_item *it)
{
	switch (it->fetch->rc) {
	case FETCH_FAILED:
		return kind_copy_error(it->m->kind);
	case FETCH_TOO_BIG:
		return kind_size_error(it->m->kind);
	case FETCH_BROKEN:
		return E503;
	default:
		return E_NONE;
	}
}

/* Decides what happens to a medium that "fails at transcoding" (savemms-api(7), Media types). */
static enum api_error
wrong_bytes(const struct save *sv, struct save_item *it)
{
	if (it->m->kind == KIND_IMAGE)
		return E341;
	if (!kind_is_av(it->m->kind) || !sv->t->transcoding)
		return E229;
	it->m->state = MEDIUM_FAILED; /* a postback reports it, as for any failed encode */
	it->m->why = "the bytes do not match the type and the name";
	return E_NONE;
}

/* Returns the sentence that tells a person why the item failed, where the error's own text says too
 * little; NULL: none. Of a fetch it tells the status alone, because other reasons would describe
 * the network (savemms-api(7), Outgoing connections). */
static const char *
note_of(const struct save *sv, const struct save_item *it)
{
	unsigned char head[32];
	ssize_t n;

	if (it->error == kind_copy_error(it->m->kind) && it->fetch->status != 0)
		return arena_printf(sv->call->arena, "The server answered with HTTP status %ld%s.",
		    it->fetch->status,
		    it->fetch->status == 200 ? ", but not with a whole file" : "");
	if (it->error != E229 || it->fetch->fd < 0)
		return NULL;
	n = file_pread(it->fetch->fd, head, sizeof head, 0);
	return n > 0 && type_rule_utf16(head, (size_t)n) ?
	    "The file is in UTF-16, but must be in UTF-8." :
	    NULL;
}

/* Checks what the headers promise, records the medium's type, and begins to find its format. */
static enum api_error
check_headers(const struct save *sv, struct save_item *it)
{
	const struct app *app = sv->call->app;
	const struct classify_by by = { app->transcoder, &app->settings, sv->call->account.id };
	struct medium *m = it->m;
	char ext[TYPERULE_EXT], mime[TYPERULE_MIME];
	enum api_error e;

	type_rule_ext(it->fetch->path, ext);
	if ((e = type_rule_headers(m->kind, it->fetch->type[0] != '\0' ? it->fetch->type : NULL,
		 ext)) != E_NONE)
		return e;
	type_rule_mime(it->fetch->type, mime);
	if ((m->mime = arena_strdup(sv->call->arena, mime)) == NULL)
		return E503;
	return classify_start(&by, it->fetch->fd, &m->format, &it->ask) ? E_NONE : E503;
}

/* Checks, when the format is known, whether the bytes are what was promised. */
static enum api_error
check_bytes(const struct save *sv, struct save_item *it)
{
	struct medium *m = it->m;
	char ext[TYPERULE_EXT];

	type_rule_ext(it->fetch->path, ext);
	if (!type_rule_bytes(m->kind, it->fetch->type, ext, m->format))
		return wrong_bytes(sv, it);
	if (kind_is_av(m->kind) && sv->t->transcoding)
		m->state = MEDIUM_WAITING;
	return E_NONE;
}

enum api_error
save_start(struct save *sv, struct save_item *it, const uint64_t want[CLASS_MAX])
{
	const struct settings *s = &sv->call->app->settings;
	struct save_run *run = arena_zalloc(sv->call->arena, sizeof *run);
	struct transcode_request req;
	char temp[INSTANCE_PATH];

	if (run == NULL)
		return E503;
	memcpy(run->want, want, sizeof run->want);
	if (kind_is_av(it->m->kind)) {
		transcode_request_probe(&req, s, it->m->format);
	} else {
		transcode_request_init(&req, s, it->m->format);
		transcode_want(&req, s, run->want);
	}
	req.account = sv->call->account.id;
	blob_temp_dir(s, temp, sizeof temp);
	run->job = transcode_start(sv->call->app->transcoder, &req, it->fetch->fd, temp);
	if (run->job == NULL)
		return E503;
	run->before = it->run;
	it->run = run;
	return E_NONE;
}

/* Says what has become of an item with an error. */
static void
tell(const struct save *sv, struct save_item *it)
{
	if (it->error == E_NONE)
		return;
	it->note = note_of(sv, it);
	/* log the canonical URL: the one that the customer wrote may contain credentials or a
	 * token */
	log_info("slide %lu %s: %s: %.200s: %s (type '%.60s', found %s)", it->slide,
	    kind_element(it->m->kind), error_code(it->error), it->fetch->path,
	    it->fetch->why[0] != '\0' || it->note == NULL ? it->fetch->why : it->note,
	    it->fetch->type, format_name(it->m->format));
}

/* Goes on with an item whose format is known. */
static void
identified(struct save *sv, struct save_item *it)
{
	it->error = check_bytes(sv, it);
	if (it->error == E_NONE && sv->t->transcoding &&
	    (it->m->kind == KIND_IMAGE || it->m->state == MEDIUM_WAITING))
		it->error = save_start(sv, it, sv->budget); /* an image: all of each class */
	tell(sv, it);
}

static void
arrived(void *ctx, size_t i)
{
	struct save *sv = ctx;
	struct save_item *it = &sv->item[i];

	if (it->fetch->given == NULL)
		meter_duration(sv->call->app->meter, METER_FETCH, (int64_t)it->fetch->ms * 1000);
	it->error = fetch_error(it);
	if (it->error == E_NONE) {
		it->m->bytes = it->fetch->bytes;
		memcpy(it->m->sha, it->fetch->sha, SHA256_HEX);
		it->error = check_headers(sv, it);
	}
	if (it->error != E_NONE)
		tell(sv, it);
	else if (it->ask == NULL)
		identified(sv, it);
}

void
save_fetch(struct save *sv)
{
	if (sv->nfetch > 0)
		fetch_all(&sv->call->app->settings, sv->fetch, sv->nfetch, arrived, sv);
	sv->until.begun = transcode_queue_until();
	for (size_t i = 0; i < sv->nfetch; i++) {
		struct save_item *it = &sv->item[i];

		if (it->ask == NULL)
			continue;
		if (classify_wait(&it->ask, &sv->until, &it->m->format)) {
			identified(sv, it);
		} else {
			it->error = E503;
			tell(sv, it);
		}
	}
}

void
save_end(struct save *sv)
{
	for (size_t i = 0; i < sv->nitem; i++) {
		transcode_end(&sv->item[i].ask);
		for (struct save_run *r = sv->item[i].run; r != NULL; r = r->before)
			transcode_end(&r->job);
		file_close(&sv->fetch[i].fd);
	}
}
