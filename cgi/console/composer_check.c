/*
 * composer_check: checks and saves an MMS that is being composed, as the API would take it;
 * see composer.h.
 *
 * It writes the form as the XML that a program would send and reads that back with the API's
 * own reader, so that people see exactly what is checked and saved. A file has no URL: its
 * element says "upload:NAME", and the bytes are passed beside the request.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "blob/blob.h"
#include "blob/blob_upload.h"
#include "cgi/action.h"
#include "cgi/answer.h"
#include "cgi/api/save.h"
#include "cgi/console/composer.h"
#include "request/request_write.h"
#include "request/validate.h"

enum { XML_MOST = 8 << 20, KEEP = COMPOSER_SLIDES * COMPOSER_MEDIA };

/* --- the request ------------------------------------------------------------------- */

/* Adds a row's medium, unless the slide already has one of its kind: the API takes the first
 * (savemms-api(7), Media). */
static void
put_medium(struct console *c, struct request_slide *s, const struct composer_medium *m)
{
	enum kind k = composer_kind(m);

	if (!composer_has(m) || s->url[k] != NULL)
		return;
	s->url[k] = m->file.name != NULL ? arena_printf(c->arena, "upload:%s", m->file.name) :
					   m->url;
}

static bool
write_xml(struct console *c, const struct composer_form *f, struct composer_report *r)
{
	struct request_slide *slide = arena_array(c->arena, COMPOSER_SLIDES, sizeof *slide);
	const struct request q = { .name = f->name,
		.subject = f->subject,
		.fallback = f->fallback,
		.no_fallback = f->no_fallback,
		.no_fallback_link = f->no_fallback_link,
		.reference = f->reference,
		.slide = slide,
		.nslide = f->nslide };
	struct buf xml;

	if (slide == NULL)
		return false;
	for (size_t i = 0; i < f->nslide; i++) {
		slide[i] = (struct request_slide){ .text = f->slide[i].text,
			.duration = f->slide[i].duration,
			.image_template = f->slide[i].image_template };
		for (size_t m = 0; m < f->slide[i].nmedium; m++)
			put_medium(c, &slide[i], &f->slide[i].medium[m]);
	}
	buf_init(&xml, XML_MOST);
	request_write_save(&xml, &q, "YOUR-API-KEY");
	r->xml = buf_ok(&xml) ? arena_strdup(c->arena, buf_str(&xml)) : NULL;
	buf_free(&xml);
	return r->xml != NULL && !arena_failed(c->arena);
}

/* Tells whether the failure's X is the number of a slide. */
static bool
names_slide(enum api_error e)
{
	return e != E106 && e != E228 && e != E225;
}

static void
settle(struct composer_report *r, const struct failure *f)
{
	r->failure = *f;
	r->info[0] = '\0';
	if (f->code != E_NONE)
		error_info(DIALECT_A, f, r->info, sizeof r->info);
	r->slide = names_slide(f->code) && f->x <= r->request->nslide ? f->x : 0;
	if (f->code != E_NONE)
		r->t = NULL;
}

/* --- the rules that need no medium ---------------------------------------------------- */

struct known {
	struct console *c;
	struct image_template *image;
	enum store_rc rc;
};

static bool
image_known(void *ctx, const char *id)
{
	struct known *k = ctx;
	uint64_t n;

	k->rc = ST_NOTFOUND;
	if (num_u64(id, 1, INT64_MAX, &n))
		k->rc = store_image_get(k->c->app->store, k->c->account.id, n, k->c->arena,
		    &k->image);
	return k->rc == ST_OK;
}

/* Notes the sizes that are known before the media are fetched: those of files, and for the
 * personal image the size of its template's background, which is taken as its maximum. */
static bool
note_sizes(struct console *c, const struct composer_form *f, struct template *t,
    const struct image_template *image)
{
	for (size_t i = 0; i < t->nslide; i++) {
		struct slide *s = &t->slide[i];
		struct medium *with;

		for (size_t k = 0; k < s->nmedium; k++)
			for (size_t m = f->slide[i].nmedium; m-- > 0;)
				if (f->slide[i].medium[m].file.name != NULL &&
				    composer_kind(&f->slide[i].medium[m]) == s->medium[k].kind)
					s->medium[k].bytes = f->slide[i].medium[m].file.bytes;
		if (s->image_template == NULL || image == NULL)
			continue;
		if ((with = arena_array(c->arena, s->nmedium + 1, sizeof *with)) == NULL)
			return false;
		memcpy(with, s->medium, s->nmedium * sizeof *with);
		with[s->nmedium++] = (struct medium){ .kind = KIND_IMAGE,
			.url = "",
			.bytes = image->bytes };
		s->medium = with;
	}
	return true;
}

/* Opens the files that are passed beside the request. Returns false when memory is short. */
static bool
open_files(struct console *c, const struct composer_form *f, struct composer_report *r)
{
	struct upload *u = arena_array(c->arena, KEEP, sizeof *u);

	r->upload = u;
	for (size_t i = 0; u != NULL && i < f->nslide; i++)
		for (size_t m = 0; m < f->slide[i].nmedium; m++) {
			const struct composer_medium *row = &f->slide[i].medium[m];
			const char *name = arena_printf(c->arena, "upload:%s",
			    row->file.name != NULL ? row->file.name : "");
			bool first = composer_has(row);

			for (size_t k = 0; k < m; k++)
				first = first &&
				    !(composer_has(&f->slide[i].medium[k]) &&
					composer_kind(&f->slide[i].medium[k]) ==
					    composer_kind(row));
			if (first && row->file.name != NULL)
				u[r->nupload++] = (struct upload){ .slide = i + 1,
					.kind = composer_kind(row),
					.given = {
					    .fd = blob_open(&c->app->settings, row->file.sha),
					    .type = row->file.type,
					    .name = name } };
		}
	return u != NULL;
}

static void
close_files(struct composer_report *r)
{
	for (size_t i = 0; i < r->nupload; i++) {
		int fd = r->upload[i].given.fd;

		file_close(&fd);
	}
	r->nupload = 0;
}

bool
composer_check(struct console *c, const struct composer_form *f, struct composer_report *r)
{
	struct known known = { .c = c };
	const struct validate_env env = { .settings = &c->app->settings,
		.now = clock_now(),
		.image_known = image_known,
		.ctx = &known };
	struct failure fail = { 0 };
	struct template *t;

	if (!write_xml(c, f, r))
		return false;
	r->request = request_read(c->arena,
	    &(struct request_bytes){ .post = true,
		.query = "",
		.content_type = "text/xml",
		.body = r->xml,
		.len = strlen(r->xml) },
	    &fail);
	if (r->request == NULL)
		return false;
	t = validate_save(c->arena, r->request, &env, &fail);
	if (fail.code == E503 ||
	    (fail.code == E1130 && known.rc != ST_OK && known.rc != ST_NOTFOUND))
		return false;
	if (t != NULL) {
		t->transcoding = c->account.transcoding;
		if (!note_sizes(c, f, t, known.image))
			return false;
	}
	r->t = t;
	settle(r, &fail);
	return true;
}

/* --- checks with the media ------------------------------------------------------------- */

/* Makes a call of the account. It ignores ip-whitelist, which concerns calls from outside
 * (savemms-console(7)). */
static struct call
call_of(struct console *c, const struct composer_report *r, struct answer *scratch)
{
	struct call call;

	answer_init(scratch);
	call = (struct call){ .app = c->app,
		.http = c->http,
		.arena = c->arena,
		.request = r->request,
		.account = c->account,
		.answer = scratch,
		.action = "saveMMS",
		.upload = r->upload,
		.nupload = r->nupload };
	call.account.ip_whitelist[0] = '\0';
	return call;
}

void
composer_try(struct console *c, const struct composer_form *f, struct composer_report *r)
{
	struct answer scratch;
	struct call call;

	if (r->t == NULL || !open_files(c, f, r))
		return;
	call = call_of(c, r, &scratch);
	r->t = save_try(&call);
	r->tried = true;
	settle(r, &call.failure);
	answer_end(&scratch);
	close_files(r);
}

/* The template holds the files now; they no longer count as uploads. */
static void
forget_files(const struct console *c, const struct composer_form *f)
{
	for (size_t i = 0; i < f->nslide; i++)
		for (size_t k = 0; k < f->slide[i].nmedium; k++)
			blob_upload_forget(&c->app->settings, c->account.id,
			    f->slide[i].medium[k].file.sha);
}

uint64_t
composer_save(struct console *c, const struct composer_form *f, struct composer_report *r)
{
	struct answer scratch;
	struct call call;
	uint64_t id = 0;

	if (!open_files(c, f, r)) {
		settle(r, &(struct failure){ .code = E503 });
		return 0;
	}
	call = call_of(c, r, &scratch);
	if (action_for_account(&call, "saveMMS"))
		id = call.made;
	if (id != 0)
		forget_files(c, f);
	r->saving = true;
	settle(r, &call.failure);
	answer_end(&scratch);
	close_files(r);
	return id;
}
