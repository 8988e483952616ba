/* template_list: a page of /api/v2/templates. See savemms-api-rest(7), Templates. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/percent.h"
#include "cgi/action.h"
#include "cgi/answer_doc.h"
#include "cgi/api/describe.h"
#include "cgi/call.h"
#include "cgi/rest/page_cursor.h"
#include "cgi/rest/rest.h"
#include "cgi/url.h"
#include "store/store_list.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000, LINK_MAX = 2048, STATES = TEMPLATE_FAILED + 1 };

struct listing {
	struct rest *r;
	const char *limit_text, *since_text, *state_text; /* as in the URL; NULL: not given */
	uint64_t limit, n;
	int state; /* -1: any */
	struct template_query q;
	struct page_end end; /* of what was written */
	bool more;
};

/* Opens the document; called again when the list has changed. */
static void
begin(void *ctx, uint64_t total)
{
	struct listing *l = ctx;

	(void)total;
	l->n = 0;
	l->more = false;
	answer_open(l->r->call.answer);
	answer_array(l->r->call.answer, ANSWER_MMS_TEMPLATE);
}

static bool
add(void *ctx, const struct template *t)
{
	struct listing *l = ctx;
	struct call *c = &l->r->call;

	if (l->state >= 0 && (int)template_state(t) != l->state)
		return true;
	l->more = l->n == l->limit;
	if (l->more)
		return false;
	l->n++;
	l->end = (struct page_end){ t->created, t->id };
	answer_item(c->answer, ANSWER_MMS_TEMPLATE);
	describe_head(c, t, true);
	describe_created(c, t);
	answer_text(c->answer, ANSWER_STATE, template_state_name(template_state(t)));
	describe_tail(c, t);
	answer_group_end(c->answer, ANSWER_MMS_TEMPLATE);
	return true;
}

/* Reads the state that is asked for. Returns false if there is no such state. */
static bool
read_state(struct listing *l)
{
	l->state = -1;
	for (int s = 0; l->state_text != NULL && s < STATES; s++)
		if (strcmp(l->state_text, template_state_name((enum template_state)s)) == 0)
			l->state = s;
	return l->state_text == NULL || l->state >= 0;
}

static bool
read_parameters(struct listing *l, struct page_of *of)
{
	struct rest *r = l->r;
	const char *cursor = rest_parameter(r, "cursor");

	l->limit_text = rest_parameter(r, "limit");
	l->since_text = rest_parameter(r, "start-date");
	l->state_text = rest_parameter(r, "state");
	if (l->limit_text != NULL && !num_u64(l->limit_text, 1, LIMIT_MAX, &l->limit))
		return rest_fail(r, E213, 0, NULL);
	if (l->since_text != NULL && (l->q.since = clock_parse(l->since_text)) < 0)
		return rest_fail(r, E214, 0, NULL);
	if (!read_state(l))
		return rest_fail(r, E100, 400, "There is no such state.");
	of->key = r->call.account.key;
	of->now = clock_now();
	of->filters = arena_printf(r->call.arena, "%s\n%s",
	    l->since_text != NULL ? l->since_text : "", l->state_text != NULL ? l->state_text : "");
	if (of->filters == NULL)
		return rest_fail(r, E503, 0, NULL);
	if (cursor == NULL)
		return true;
	if (!page_cursor_read(of, cursor, &l->end))
		return rest_fail(r, E212, 0, NULL);
	l->q.before_created = l->end.created;
	l->q.before_id = l->end.id;
	return true;
}

/* Adds a parameter to a URL. */
static void
add_parameter(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(b, "&%s=", name);
	percent_add(b, value);
}

/* Says where the next page is, in the document and in a header (RFC 8288). */
static void
add_next(struct listing *l, const struct page_of *of)
{
	struct call *c = &l->r->call;
	const char *base = base_url(c->app, c->http, c->arena);
	char cursor[PAGE_CURSOR];
	struct buf link;

	page_cursor_write(of, &l->end, cursor);
	answer_text(c->answer, ANSWER_NEXT_CURSOR, cursor);
	buf_init(&link, LINK_MAX);
	buf_printf(&link, "%s/api/v2/templates?cursor=%s", base != NULL ? base : "", cursor);
	add_parameter(&link, "limit", l->limit_text);
	add_parameter(&link, "start-date", l->since_text);
	add_parameter(&link, "state", l->state_text);
	if (buf_ok(&link))
		buf_printf(&c->answer->headers, "Link: <%s>; rel=\"next\"\r\n", buf_str(&link));
	buf_free(&link);
}

bool
rest_list(struct rest *r)
{
	struct call *c = &r->call;
	struct listing l = { .r = r, .limit = LIMIT_DEFAULT };
	const struct template_reader reader = { begin, add, &l };
	struct page_of of;
	enum store_rc rc;

	if (!action_may(c, "getMMSTemplates") || !read_parameters(&l, &of))
		return false;
	l.q.account = c->account.id;
	l.q.max = l.state >= 0 ? SIZE_MAX : (size_t)l.limit + 1;
	if ((rc = store_template_each(c->app->store, &l.q, &reader)) != ST_OK)
		return call_store_fail(c, rc, "listing templates");
	answer_array_end(c->answer);
	if (l.more)
		add_next(&l, &of);
	answer_close(c->answer);
	rest_tag(c->answer);
	return true;
}
