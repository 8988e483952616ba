/*
 * templates: lists the account's templates, newest first, a page at a time. They can be
 * searched by words of the name, subject or reference, or by number.
 *
 * A search reads at most SEARCH_MOST templates per request and then offers to continue.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cgi/console/list_html.h"
#include "cgi/console/template_page.h"
#include "store/store_list.h"

enum { ITEMS = 20, SEARCH_MOST = 2000 };

struct list {
	struct console *c;
	const char *word;    /* "": all */
	uint64_t skip, seen; /* start of this page; templates looked at so far */
	uint64_t total;
	uint64_t next; /* start of the next page; 0: this is the last */
	unsigned shown;
};

static bool
matches(const struct list *l, const struct template *t)
{
	char id[24];

	(void)snprintf(id, sizeof id, "%" PRIu64, t->id);
	return strcmp(id, l->word) == 0 || console_holds(t->name, l->word) ||
	    console_holds(t->subject, l->word) || console_holds(t->reference, l->word);
}

static void
write_item(struct list *l, const struct template *t)
{
	struct console *c = l->c;
	char date[CONSOLE_DATE], id[64];
	enum format f = FORMAT_NONE;
	const char *poster = template_poster(t, &f),
		   *url = console_url(c, "templates/%" PRIu64, t->id);

	console_date(t->created, date);
	(void)snprintf(id, sizeof id, "%" PRIu64 " · %zu slide%s · %s", t->id, t->nslide,
	    t->nslide == 1 ? "" : "s", date);
	buf_adds(c->out, "<li class=\"item\">");
	list_poster(c, poster, f);
	list_title(c, url, t->name);
	console_state(c, t);
	html_elem(c->out, "p", id);
	console_sizes(c, t);
	buf_adds(c->out, "</div></li>\n");
}

static void
begin(void *ctx, uint64_t total)
{
	struct list *l = ctx;

	l->total = total;
	l->seen = l->next = 0;
	l->shown = 0;
	buf_reset(l->c->out);
	console_open(l->c, "Templates");
	list_search(l->c, "templates", "Name, subject, client reference or MMSID", l->word);
}

/* Shows the template if it matches. Returns false when the page is full. */
static bool
take(void *ctx, const struct template *t)
{
	struct list *l = ctx;

	if (matches(l, t)) {
		if (l->shown == ITEMS) {
			l->next = l->skip + l->seen;
			return false;
		}
		if (l->shown++ == 0)
			buf_adds(l->c->out, "<ul class=\"items\">\n");
		write_item(l, t);
	}
	l->seen++;
	return true;
}

static enum store_rc
write_items(struct list *l)
{
	const struct template_reader reader = { begin, take, l };
	const struct template_query q = { .account = l->c->account.id,
		.skip = l->skip,
		.max = l->word[0] == '\0' ? ITEMS + 1 : SEARCH_MOST };
	enum store_rc rc = store_template_each(l->c->app->store, &q, &reader);

	if (l->shown > 0)
		buf_adds(l->c->out, "</ul>\n");
	if (rc == ST_OK && l->next == 0 && l->skip + l->seen < l->total)
		l->next = l->skip + l->seen;
	return rc;
}

static void
write_rest(struct list *l)
{
	struct console *c = l->c;
	const char *text;

	if (l->total == 0)
		text = "No templates yet. Compose your first MMS.";
	else if (l->shown == 0 && l->next == 0)
		text = "No matches.";
	else if (l->shown == 0)
		text = "No matches so far. There are older templates.";
	else
		text = arena_printf(c->arena, "%" PRIu64 " template%s in all.", l->total,
		    l->total == 1 ? "" : "s");
	console_say(c, "hint", text);
	list_pages(c,
	    &(struct list_pages){ .page = "templates",
		.word = l->word,
		.field = "from",
		.older = l->next,
		.newest = l->skip == 0 });
}

void
console_templates(struct console *c)
{
	struct list l = { .c = c, .word = console_query(c, "q") };
	enum store_rc rc;

	if (!num_u64(console_query(c, "from"), 0, INT32_MAX, &l.skip))
		l.skip = 0;
	if ((rc = write_items(&l)) != ST_OK) {
		console_store_fail(c, rc, "listing templates");
		return;
	}
	write_rest(&l);
	console_close(c);
}
