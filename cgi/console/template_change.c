/*
 * template_change: deletes a template, sends its postback again, and shows the request that
 * would save it and the page to which its fallback SMS links.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cgi/api/delete_mmsid.h"
#include "cgi/app.h"
#include "cgi/console/list_html.h"
#include "cgi/console/template_page.h"
#include "cgi/public/media_file.h"
#include "cgi/start_helper.h"
#include "model/job.h"
#include "request/request_write.h"
#include "send/page.h"

#define DAY_US ((int64_t)86400 * 1000000)

enum { JOBS = 100, REQUEST_MAX = 4 << 20 };

/* --- deleting ---------------------------------------------------------------------- */

void
console_delete(struct console *c)
{
	struct template *t = console_template_of(c);

	if (t == NULL)
		return;
	list_ask_delete(c,
	    &(struct list_delete){ .title = "Delete this template?",
		.text = arena_printf(c->arena,
		    "“%s” (%" PRIu64 ") will be deleted with its media and renditions. "
		    "Links in messages already sent will stop working. This cannot be undone.",
		    t->name, t->id),
		.action = arena_printf(c->arena, "templates/%" PRIu64 "/delete", t->id),
		.keep = arena_printf(c->arena, "templates/%" PRIu64, t->id) });
}

void
console_delete_do(struct console *c)
{
	enum store_rc rc = remove_template(c->app, c->account.id, c->id, c->arena);

	if (rc != ST_OK) {
		console_store_fail(c, rc, "removing a template");
		return;
	}
	log_info("console: account=%s deleted template %" PRIu64, c->account.name, c->id);
	console_go(c, "templates?said=deleted");
}

/* --- sending the postback again ------------------------------------------------------ */

/* Makes the first postback that waits, or that is a dead letter, due now. Returns ST_NOTFOUND
 * when there is none. */
static enum store_rc
queue_one(struct console *c, struct job **j, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (j[i]->kind == JOB_POSTBACK && j[i]->account == c->account.id)
			return store_job_requeue(c->app->store, j[i]->id);
	return ST_NOTFOUND;
}

static void
queued(struct console *c, enum store_rc rc, const char *where)
{
	if (rc == ST_CONFLICT) {
		console_refuse(c, 409, "Try again later",
		    "The postback is being sent, or the template is still being encoded.");
		return;
	}
	if (rc != ST_OK) {
		console_store_fail(c, rc, "queueing a postback");
		return;
	}
	start_helper(&c->app->settings);
	console_go(c, "%s/%" PRIu64 "?said=again", where, c->id);
}

void
console_message_again(struct console *c)
{
	struct message *m;
	struct job_list jobs;
	enum store_rc rc = store_message_get(c->app->store, c->id, c->arena, &m);

	if (rc == ST_OK && m->account != c->account.id)
		rc = ST_NOTFOUND;
	if (rc == ST_OK)
		rc = store_message_jobs(c->app->store, c->id, JOBS, c->arena, &jobs);
	if (rc == ST_OK)
		rc = queue_one(c, jobs.job, jobs.n);
	queued(c, rc, "messages");
}

void
console_again(struct console *c)
{
	struct template *t = console_template_of(c);
	struct job_list jobs;
	enum store_rc rc;

	if (t == NULL)
		return;
	if (!account_wants_postbacks(&c->account)) {
		console_refuse(c, 400, "No postback URL",
		    "The account has no postback URL, or its server said 410 Gone. Set one in the API "
		    "settings.");
		return;
	}
	rc = store_job_list(c->app->store, c->id, JOBS, c->arena, &jobs);
	if (rc == ST_OK && (rc = queue_one(c, jobs.job, jobs.n)) == ST_NOTFOUND)
		rc = store_postback_add(c->app->store, c->account.id, c->id);
	queued(c, rc, "templates");
}

/* --- as a request ------------------------------------------------------------------- */

/* Returns the request that saves the template, or NULL when memory is short. */
static struct request *
request_of(struct arena *a, const struct template *t)
{
	struct request *r = arena_zalloc(a, sizeof *r);

	if (r == NULL || (r->slide = arena_array(a, t->nslide, sizeof *r->slide)) == NULL)
		return NULL;
	r->name = t->name;
	r->subject = t->subject;
	r->fallback = t->fallback;
	r->no_fallback = t->no_fallback ? "yes" : NULL;
	r->no_fallback_link = t->no_fallback_link ? "yes" : NULL;
	r->reference = t->reference;
	r->nslide = t->nslide;
	for (size_t i = 0; i < t->nslide; i++) {
		const struct slide *s = &t->slide[i];

		r->slide[i] = (struct request_slide){ .image_template = s->image_template,
			.text = s->text,
			.duration = s->duration };
		for (size_t k = 0; k < s->nmedium; k++)
			r->slide[i].url[s->medium[k].kind] = s->medium[k].url;
	}
	return r;
}

void
console_request(struct console *c)
{
	struct template *t = console_template_of(c);
	struct request *r;
	struct buf xml;

	if (t == NULL)
		return;
	buf_init(&xml, REQUEST_MAX);
	if ((r = request_of(c->arena, t)) != NULL)
		request_write_save(&xml, r, "YOUR-API-KEY");
	if (r == NULL || !buf_ok(&xml)) {
		buf_free(&xml);
		console_store_fail(c, ST_NOMEM, "writing a request");
		return;
	}
	console_open(c, "API request");
	console_say(c, "lead",
	    arena_printf(c->arena,
		"This request saves “%s” again, if its media are still available "
		"at their URLs. Insert your API key and send it to the API by POST.",
		t->name));
	console_copy(c,
	    &(struct console_input){ .name = "xml",
		.label = "Request",
		.value = buf_str(&xml),
		.type = "textarea" });
	buf_adds(c->out, "<p class=\"buttons\">");
	console_copy_button(c, "xml");
	console_link(c, console_url(c, "templates/%" PRIu64, t->id), "Back", "button second");
	buf_adds(c->out, "</p>\n");
	buf_free(&xml);
	console_close(c);
}

/* --- the page of its SMS -------------------------------------------------------------- */

void
console_page_preview(struct console *c)
{
	struct message nobody = message_to_nobody;
	struct template *t = console_template_of(c);
	const struct page_in in = { .a = c->arena,
		.subject_chars = c->app->settings.max_subject_chars,
		.t = t,
		.m = &nobody,
		.dir = "",
		.style = console_url(c, "../m/style.css") };

	if (t == NULL)
		return;
	if (template_state(t) == TEMPLATE_ENCODING) {
		console_refuse(c, 409, "Not ready yet", "Audio or video is still being encoded.");
		return;
	}
	nobody.expires = t->created + (int64_t)c->app->settings.link_days * DAY_US;
	page_html(c->out, &in);
}

void
console_page_medium(struct console *c)
{
	struct template *t = console_template_of(c);
	struct page_medium m;
	char file[PAGE_NAME];

	if (t == NULL)
		return;
	if (page_find(t, c->name, &m)) {
		page_save_name(m.format, file);
		buf_reset(&c->answer->headers); /* the medium has its own policy */
		if (answer_medium(c->answer, &c->app->settings, m.sha, m.format, file))
			return;
		if (errno != ENOENT) {
			console_store_fail(c, ST_IO, "opening a medium");
			return;
		}
	}
	console_store_fail(c, ST_NOTFOUND, "reading a medium");
}
