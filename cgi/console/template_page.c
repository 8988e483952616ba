/*
 * template_page: writes the page of one template: what it is, how phones show it, its media,
 * its remaining jobs, and its postbacks.
 */
#include "cgi/console/template_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgi/console/media_table.h"
#include "cgi/console/phone.h"
#include "model/job.h"
#include "send/compose.h"

enum { JOBS = 100 };

struct template *
console_template_of(struct console *c)
{
	struct template *t;
	enum store_rc rc = store_template_get(c->app->store, c->account.id, c->id, c->arena, &t);

	if (rc == ST_OK)
		return t;
	console_store_fail(c, rc, "reading a template");
	return NULL;
}

void
console_state(struct console *c, const struct template *t)
{
	console_mark(c, template_state_name(template_state(t)));
}

/* Returns the bytes of the MMS in a class, as a handset counts them, or 0 when memory is short. */
static uint64_t
bytes_of(struct console *c, const struct template *t, const char *class)
{
	const struct compose_in in = { .t = t,
		.m = &message_to_nobody,
		.class = class,
		.attach = ~0U,
		.page = "",
		.subject_chars = c->app->settings.max_subject_chars };
	const struct composed *mms = compose(c->arena, &in);

	return mms != NULL ? mms->air : 0;
}

void
console_sizes(struct console *c, const struct template *t)
{
	const struct settings *s = &c->app->settings;
	bool waits = template_state(t) == TEMPLATE_ENCODING;
	char size[CONSOLE_SIZE];

	buf_adds(c->out, "<ul class=\"sizes\" aria-label=\"Size in each class\">");
	for (unsigned i = 0; i < s->nclass; i++) {
		bool link = template_is_link(t, s->class[i].name);

		console_size(bytes_of(c, t, s->class[i].name), size);
		html_open(c->out, "li", "class", link ? "link" : NULL, NULL);
		html_elem(c->out, "b", s->class[i].name);
		buf_addc(c->out, ' ');
		html_text(c->out, link ? "as a link" : waits ? "…" : size);
		html_close(c->out, "li");
	}
	buf_adds(c->out, "</ul>\n");
}

/* --- parts of the page ------------------------------------------------------------- */

static void
write_facts(struct console *c, const struct template *t)
{
	char date[CONSOLE_DATE], size[CONSOLE_SIZE], id[24];

	console_date(t->created, date);
	console_size(template_size(t), size);
	(void)snprintf(id, sizeof id, "%" PRIu64, t->id);
	buf_adds(c->out, "<div class=\"paper\">");
	console_state(c, t);
	console_sizes(c, t);
	buf_adds(c->out, "<dl class=\"facts\">\n");
	console_fact(c, "MMSID", id);
	console_fact(c, "Saved", date);
	console_fact(c, "Subject", t->subject[0] != '\0' ? t->subject : "none");
	console_fact(c, "Client reference", t->reference[0] != '\0' ? t->reference : NULL);
	console_fact(c, "Fallback SMS text", t->fallback[0] != '\0' ? t->fallback : NULL);
	console_fact(c, "Fallback SMS",
	    t->no_fallback          ? "off" :
		t->no_fallback_link ? "on, without a link" :
				      "on");
	console_fact(c, "Original size", size);
	console_fact(c, "Transcoding", t->transcoding ? "on" : "off");
	buf_adds(c->out, "</dl>\n<p class=\"buttons\">");
	console_link(c, console_url(c, "templates/%" PRIu64 "/request", t->id), "View API request",
	    "button second");
	console_link(c, console_url(c, "templates/%" PRIu64 "/delete", t->id), "Delete …",
	    "button second danger");
	buf_adds(c->out, "</p></div>\n");
}

static const char *
job_text(struct console *c, const struct job *j)
{
	char due[CONSOLE_DATE];

	console_date(j->due, due);
	if (j->dead)
		return j->kind == JOB_DELIVER ? "held for the operator" : "failed";
	if (j->owner[0] != '\0' && j->kind == JOB_ENCODE && j->permille > 0)
		return arena_printf(c->arena, "in progress, %u %% done, about %u s left",
		    (unsigned)j->permille / 10, (unsigned)(j->left_ms / 1000));
	if (j->owner[0] != '\0')
		return "in progress";
	return j->attempt > 0 ? arena_printf(c->arena, "retry at %s", due) : "pending";
}

enum store_rc
console_jobs(struct console *c, uint64_t mmsid, uint64_t message)
{
	struct job_list jobs;
	enum store_rc rc = message != 0 ?
	    store_message_jobs(c->app->store, message, JOBS, c->arena, &jobs) :
	    store_job_list(c->app->store, mmsid, JOBS, c->arena, &jobs);

	if (rc != ST_OK || jobs.n == 0)
		return rc;
	buf_adds(c->out, "<h2>Pending</h2>\n<ul class=\"paper lines\">\n");
	for (size_t i = 0; i < jobs.n; i++) {
		const struct job *j = jobs.job[i];

		html_open(c->out, "li", NULL);
		html_elem(c->out, "b", job_kind_name(j->kind));
		if (j->kind == JOB_ENCODE)
			buf_printf(c->out, " slide %u", (unsigned)j->slide + 1);
		buf_adds(c->out, ": ");
		html_text(c->out, job_text(c, j));
		/* the reasons of the others are about servers (NOT_REACHED) */
		if (j->why[0] != '\0' && j->kind == JOB_ENCODE) {
			buf_adds(c->out, " – ");
			html_text(c->out, j->why);
		}
		html_close(c->out, "li");
	}
	buf_adds(c->out, "</ul>\n");
	return ST_OK;
}

static void
write_post(struct console *c, const struct posted *p)
{
	char date[CONSOLE_DATE];
	const char *answer = p->status != 0 ?
	    arena_printf(c->arena, "HTTP %u", (unsigned)p->status) :
	    "no response";

	console_date(p->at, date);
	html_open(c->out, "tr", NULL);
	html_elem(c->out, "td", date);
	html_elem(c->out, "td", p->code);
	html_open(c->out, "td", "class", p->status == 200 ? "good" : "bad", NULL);
	html_text(c->out, answer);
	if (p->status == 0)
		buf_adds(c->out, " – " NOT_REACHED);
	buf_printf(c->out, "</td><td class=\"number\">%u</td><td class=\"number\">",
	    (unsigned)p->attempt);
	if (p->status != 0)
		buf_printf(c->out, "%u ms", (unsigned)p->ms);
	buf_adds(c->out, "</td></tr>\n");
}

enum store_rc
console_posted(struct console *c, uint64_t mmsid, uint64_t message)
{
	static const char *const head[] = { "Sent", "Code", "Response", "Attempt", "Duration",
		NULL };
	struct posted_list posted;
	enum store_rc rc = store_posted(c->app->store, mmsid, message, c->arena, &posted);

	if (rc != ST_OK)
		return rc;
	buf_adds(c->out, "<h2>Postbacks</h2>\n");
	if (posted.n == 0) {
		console_say(c, "hint",
		    account_wants_postbacks(&c->account) ?
			"No postbacks yet." :
			"None. The account has no postback URL, or its server said 410 Gone.");
		return ST_OK;
	}
	console_table_open(c, "Postbacks", NULL, head);
	for (size_t i = posted.n; i > 0; i--)
		write_post(c, &posted.post[i - 1]);
	console_table_close(c);
	return ST_OK;
}

static void
write_again(struct console *c, const struct template *t)
{
	if (!account_wants_postbacks(&c->account) || template_state(t) == TEMPLATE_ENCODING)
		return;
	console_form(c, arena_printf(c->arena, "templates/%" PRIu64 "/again", t->id), "plain");
	console_button(c, "Send the postback again", "second");
	console_form_end(c);
}

void
console_template(struct console *c)
{
	struct template *t = console_template_of(c);
	enum store_rc rc;

	if (t == NULL)
		return;
	console_open(c, t->name);
	write_facts(c, t);
	console_phone(c, t, console_query(c, "as"));
	buf_adds(c->out, "<h2 id=\"media\">Original and renditions</h2>\n");
	console_media_table(c, t);
	if ((rc = console_jobs(c, t->id, 0)) == ST_OK)
		rc = console_posted(c, t->id, 0);
	if (rc != ST_OK) {
		console_store_fail(c, rc, "reading what a template still has to do");
		return;
	}
	write_again(c, t);
	console_close(c);
}
