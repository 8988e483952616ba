/* getMMSTemplates: lists one page of the account's templates, newest first. */
#include "base/clock.h"
#include "base/num.h"
#include "base/xmlout.h"
#include "cgi/api/describe.h"
#include "cgi/app.h"
#include "cgi/call.h"

enum {
	ITEMS_DEFAULT = 100,
	ITEMS_MAX = 1000,
	AT_ONCE = 20, /* templates in memory at once */
	MEMORY = 256 << 20
};

static void
add_template(struct call *c, const struct template *t)
{
	struct buf *out = &c->answer->body;

	xml_open(out, "MMS_TEMPLATE");
	describe_head(c, t);
	describe_created(c, t);
	describe_tail(c, t);
	xml_close(out, "MMS_TEMPLATE");
}

/* Adds the templates a few at a time, because all templates of a page, with their texts, may
 * take hundreds of megabytes. */
static enum store_rc
add_templates(struct call *c, const struct template_found *f)
{
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && i < f->n; i += AT_ONCE) {
		size_t n = f->n - i < AT_ONCE ? f->n - i : AT_ONCE;
		struct template *t[AT_ONCE] = { NULL };
		struct arena *few = arena_new(MEMORY);

		rc = few != NULL ? store_template_read(c->app->store, &f->id[i], n, few, t) :
				   ST_NOMEM;
		for (size_t k = 0; rc == ST_OK && k < n; k++)
			if (t[k] != NULL)
				add_template(c, t[k]);
		arena_free(&few);
	}
	return rc;
}

bool
action_get_mms_templates(struct call *c)
{
	const struct request *r = c->request;
	struct buf *out = &c->answer->body;
	uint64_t page = 1, items = ITEMS_DEFAULT;
	struct template_query q = { .account = c->account.id };
	struct template_found found;
	enum store_rc rc;

	if (r->page_number != NULL && !num_u64(r->page_number, 1, INT32_MAX, &page))
		return call_fail(c, E212);
	if (r->items_per_page != NULL && !num_u64(r->items_per_page, 1, ITEMS_MAX, &items))
		return call_fail(c, E213);
	if (r->start_date != NULL && (q.since = clock_parse(r->start_date)) < 0)
		return call_fail(c, E214);
	q.skip = (page - 1) * items;
	q.max = items;
	rc = store_template_find(c->app->store, &q, c->arena, &found);
	if (rc != ST_OK)
		return call_store_fail(c, rc, "listing templates");
	answer_open(c->answer);
	xml_elem(out, "START_DATE", r->start_date);
	xml_elem_u64(out, "PAGE_NUMBER", page);
	xml_elem_u64(out, "ITEMS_PER_PAGE", items);
	xml_elem_u64(out, "TOTAL_RESULTS", found.total);
	if ((rc = add_templates(c, &found)) != ST_OK)
		return call_store_fail(c, rc, "reading templates");
	answer_close(c->answer);
	return true;
}
