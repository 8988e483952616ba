/* getMMSTemplates: lists one page of the account's templates, newest first. */
#include "base/clock.h"
#include "base/num.h"
#include "cgi/answer_doc.h"
#include "cgi/api/describe.h"
#include "cgi/app.h"
#include "cgi/call.h"
#include "store/store_list.h"

enum { ITEMS_DEFAULT = 100, ITEMS_MAX = 1000 };

struct listing {
	struct call *c;
	uint64_t page, items;
	int64_t since;
};

static void
begin(void *ctx, uint64_t total)
{
	struct listing *l = ctx;
	struct answer *a = l->c->answer;

	answer_open(a);
	if (a->dialect == DIALECT_C && l->since > 0)
		answer_time(a, ANSWER_START_DATE, l->since);
	else
		answer_text(a, ANSWER_START_DATE, l->c->request->start_date); /* as it came */
	answer_number(a, ANSWER_PAGE_NUMBER, l->page);
	answer_number(a, ANSWER_ITEMS_PER_PAGE, l->items);
	answer_number(a, ANSWER_TOTAL_RESULTS, total);
	answer_array(a, ANSWER_MMS_TEMPLATE);
}

static bool
add_template(void *ctx, const struct template *t)
{
	struct listing *l = ctx;

	answer_item(l->c->answer, ANSWER_MMS_TEMPLATE);
	describe_head(l->c, t, true);
	describe_created(l->c, t);
	describe_tail(l->c, t);
	answer_group_end(l->c->answer, ANSWER_MMS_TEMPLATE);
	return true;
}

bool
action_get_mms_templates(struct call *c)
{
	const struct request *r = c->request;
	struct listing l = { .c = c, .page = 1, .items = ITEMS_DEFAULT };
	const struct template_reader reader = { begin, add_template, &l };
	struct template_query q = { .account = c->account.id };
	enum store_rc rc;

	if (r->page_number != NULL && !num_u64(r->page_number, 1, INT32_MAX, &l.page))
		return call_fail(c, request_wrong(r->page_number) ? E100 : E212);
	if (r->items_per_page != NULL && !num_u64(r->items_per_page, 1, ITEMS_MAX, &l.items))
		return call_fail(c, request_wrong(r->items_per_page) ? E100 : E213);
	if (r->start_date != NULL && (q.since = clock_parse(r->start_date)) < 0)
		return call_fail(c, request_wrong(r->start_date) ? E100 : E214);
	l.since = q.since;
	q.skip = (l.page - 1) * l.items;
	q.max = l.items;
	if ((rc = store_template_each(c->app->store, &q, &reader)) != ST_OK)
		return call_store_fail(c, rc, "listing templates");
	answer_array_end(c->answer);
	answer_close(c->answer);
	return true;
}
