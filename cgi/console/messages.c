/*
 * messages: lists what the account has sent, newest first, and shows one message: how it was
 * sent, what was reported, how often its page was viewed, and which postbacks were sent.
 *
 * A search by number reads at most SEARCH_MOST messages per request and then offers to
 * continue.
 */
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "cgi/console/list_html.h"
#include "cgi/console/template_page.h"
#include "model/job.h"
#include "model/message.h"
#include "store/store_held.h"

enum { ITEMS = 20, SEARCH_MOST = 1000, MEMORY = 16 << 20, JOBS = 100 };

/* Writes "as MMS, class M, carrier x, handset y, page opened 2 times". */
static void
write_how(struct console *c, const struct message *m)
{
	html_open(c->out, "p", NULL);
	html_text(c->out,
	    m->leg != LEG_NONE ? arena_printf(c->arena, "as %s", message_leg_name(m->leg)) :
				 "not sent yet");
	if (m->class[0] != '\0')
		html_text(c->out, arena_printf(c->arena, ", class %s", m->class));
	if (m->carrier[0] != '\0')
		html_text(c->out, arena_printf(c->arena, ", carrier %s", m->carrier));
	if (m->outcome[0] != '\0')
		html_text(c->out,
		    arena_printf(c->arena, m->state == MESSAGE_FAILED ? ", %s" : ", report %s",
			m->outcome));
	if (m->handset[0] != '\0')
		html_text(c->out, arena_printf(c->arena, ", handset %s", m->handset));
	if (m->opened > 0)
		html_text(c->out,
		    arena_printf(c->arena, ", page opened %" PRIu64 " time%s", m->opened,
			m->opened == 1 ? "" : "s"));
	html_close(c->out, "p");
}

/* Returns the name of the message's state. */
static const char *
state_of(struct console *c, const struct message *m)
{
	struct job *j;

	return m->state == MESSAGE_QUEUED &&
		store_held_get(c->app->store, m->id, c->arena, &j) == ST_OK ?
	    "held" :
	    message_state_name(m->state);
}

static void
write_item(struct console *c, const struct message *m)
{
	char date[CONSOLE_DATE];

	console_date(m->created, date);
	buf_adds(c->out, "<li class=\"item\">");
	list_title(c, console_url(c, "messages/%" PRIu64, m->id),
	    arena_printf(c->arena, "To %s", m->to));
	console_mark(c, state_of(c, m));
	html_elem(c->out, "p",
	    arena_printf(c->arena, "From %s · template %" PRIu64 " · %s", m->from, m->mmsid, date));
	write_how(c, m);
	buf_adds(c->out, "</div></li>\n");
}

/* --- the list -------------------------------------------------------------------------- */

struct list {
	const char *word; /* "": all */
	uint64_t before;  /* smaller ids are still to be read */
	unsigned shown, read;
	bool more;
};

/* Reads the next message and shows it if it matches. */
static enum store_rc
next_item(struct console *c, struct list *l)
{
	struct arena *a = arena_new(MEMORY);
	uint64_t before = l->before;
	struct message *m;
	enum store_rc rc = a != NULL ?
	    store_message_prev(c->app->store, c->account.id, &before, a, &m) :
	    ST_NOMEM;

	if (rc == ST_OK &&
	    (strstr(m->to, l->word) != NULL || strcmp(m->tracking, l->word) == 0 ||
		strcmp(m->reference, l->word) == 0)) {
		if (l->shown == ITEMS) {
			l->more = true;
			arena_free(&a);
			return ST_OK;
		}
		if (l->shown++ == 0)
			buf_adds(c->out, "<ul class=\"items\">\n");
		write_item(c, m);
	}
	arena_free(&a);
	if (console_pass_by(rc, before != l->before, "message %" PRIu64, before))
		rc = ST_OK;
	if (rc == ST_OK)
		l->before = before;
	return rc;
}

static void
write_rest(struct console *c, const struct list *l, bool first)
{
	if (l->shown == 0)
		console_say(c, "hint",
		    l->more                ? "No matches so far. There are older messages." :
			l->word[0] != '\0' ? "No matches." :
					     "No messages yet.");
	list_pages(c,
	    &(struct list_pages){ .page = "messages",
		.word = l->word,
		.field = "before",
		.older = l->more ? l->before : 0,
		.newest = first });
}

void
console_messages(struct console *c)
{
	struct list l = { .word = console_query(c, "q"), .before = UINT64_MAX };
	bool first = !num_u64(console_query(c, "before"), 1, UINT64_MAX, &l.before);
	enum store_rc rc = ST_OK;

	console_open(c, "Messages");
	list_search(c, "messages", "Number, TRACKINGID or client reference", l.word);
	while (rc == ST_OK && !l.more && l.read++ < SEARCH_MOST)
		rc = next_item(c, &l);
	if (rc == ST_OK)
		l.more = true;
	if (l.shown > 0)
		buf_adds(c->out, "</ul>\n");
	if (rc != ST_OK && rc != ST_NOTFOUND) {
		console_store_fail(c, rc, "listing messages");
		return;
	}
	write_rest(c, &l, first);
	console_close(c);
}

/* --- one message ------------------------------------------------------------------------ */

static const char *
date_or(struct console *c, int64_t us, const char *none)
{
	char date[CONSOLE_DATE];

	console_date(us, date);
	return us > 0 ? arena_strdup(c->arena, date) : none;
}

static const char *
or_null(const char *s)
{
	return s[0] != '\0' ? s : NULL;
}

static void
write_facts(struct console *c, const struct message *m)
{
	buf_adds(c->out, "<div class=\"paper\">");
	console_mark(c, state_of(c, m));
	write_how(c, m);
	if (m->why[0] != '\0')
		console_say(c,
		    m->state == MESSAGE_FAILED || m->state == MESSAGE_UNDELIVERED ? "wrong" :
										    "hint",
		    m->why);
	buf_adds(c->out, "<dl class=\"facts\">\n");
	console_fact(c, "TRACKINGID", m->tracking);
	console_fact(c, "From", m->from);
	console_fact(c, "Sender shown", or_null(m->from_mask));
	console_fact(c, "Client reference", or_null(m->reference));
	console_fact(c, "Operator ID", or_null(m->operator_id));
	console_fact(c, "Accepted", date_or(c, m->created, NULL));
	console_fact(c, "Sent", date_or(c, m->sent, "not yet"));
	console_fact(c, "Reported", date_or(c, m->reported, "not yet"));
	console_fact(c, "Transport", or_null(m->transport));
	console_fact(c, "Transport message ID", or_null(m->transport_id));
	console_fact(c, "Page opened",
	    arena_printf(c->arena, "%" PRIu64 " time%s", m->opened, m->opened == 1 ? "" : "s"));
	console_fact(c, "Page available until", date_or(c, m->expires, NULL));
	for (size_t i = 0; i < m->nvar; i++)
		console_fact(c, arena_printf(c->arena, "{$%s}", m->var[i].name), m->var[i].value);
	buf_adds(c->out, "</dl>\n<p class=\"buttons\">");
	console_link(c, console_url(c, "templates/%" PRIu64, m->mmsid), "View template",
	    "button second");
	console_link(c, console_url(c, "../m/%s/", m->token), "View hosted page", "button second");
	buf_adds(c->out, "</p></div>\n");
}

/* Offers to send a postback that still waits. Postbacks that were accepted are gone, with their
 * text. */
static enum store_rc
write_again(struct console *c, const struct message *m)
{
	struct job_list jobs;
	size_t waiting = 0;
	enum store_rc rc = store_message_jobs(c->app->store, m->id, JOBS, c->arena, &jobs);

	for (size_t i = 0; i < jobs.n; i++)
		waiting += jobs.job[i]->kind == JOB_POSTBACK;
	if (waiting == 0)
		return rc;
	console_form(c, arena_printf(c->arena, "messages/%" PRIu64 "/again", m->id), "plain");
	console_button(c, "Send the postback now", "second");
	console_form_end(c);
	return rc;
}

void
console_message(struct console *c)
{
	struct message *m;
	enum store_rc rc = store_message_get(c->app->store, c->id, c->arena, &m);

	if (rc == ST_OK && m->account != c->account.id)
		rc = ST_NOTFOUND;
	if (rc != ST_OK) {
		console_store_fail(c, rc, "reading a message");
		return;
	}
	console_open(c, arena_printf(c->arena, "Message to %s", m->to));
	write_facts(c, m);
	if ((rc = console_jobs(c, m->mmsid, m->id)) == ST_OK &&
	    (rc = console_posted(c, m->mmsid, m->id)) == ST_OK)
		rc = write_again(c, m);
	if (rc != ST_OK)
		console_store_fail(c, rc, "reading what a message still has to do");
	else
		console_close(c);
}
