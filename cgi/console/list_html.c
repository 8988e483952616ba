/* list_html: see list_html.h */
#include "cgi/console/list_html.h"

#include <inttypes.h>

void
list_search(struct console *c, const char *page, const char *what, const char *word)
{
	html_open(c->out, "form", "class", "search", "role", "search", "action",
	    console_url(c, "%s", page), NULL);
	html_open(c->out, "input", "type", "search", "name", "q", "value", word, "aria-label", what,
	    "placeholder", what, NULL);
	console_button(c, "Search", NULL);
	console_form_end(c);
}

void
list_pages(struct console *c, const struct list_pages *p)
{
	if (p->newest && p->older == 0)
		return;
	html_open(c->out, "form", "class", "pages", "action", console_url(c, "%s", p->page), NULL);
	if (p->word[0] != '\0')
		console_hidden(c, "q", p->word);
	if (!p->newest)
		console_link(c, console_url(c, "%s", p->page), "Newest", "button second");
	if (p->older != 0)
		console_do(c,
		    &(struct console_do){ .name = p->field,
			.value = arena_printf(c->arena, "%" PRIu64, p->older),
			.text = "Older",
			.class = "second" });
	console_form_end(c);
}

void
list_poster(struct console *c, const char *sha, enum format f)
{
	if (sha != NULL)
		html_open(c->out, "img", "class", "poster", "src", console_media(c, sha, f), "alt",
		    "", "loading", "lazy", NULL);
	else
		buf_adds(c->out, "<span class=\"poster none\" aria-hidden=\"true\">Aa</span>");
}

void
list_title(struct console *c, const char *url, const char *title)
{
	buf_adds(c->out, "<div><h2>");
	console_link(c, url, title, NULL);
	buf_adds(c->out, "</h2>");
}

void
list_ask_delete(struct console *c, const struct list_delete *d)
{
	console_open(c, d->title);
	console_say(c, "lead", d->text);
	console_form(c, d->action, "plain buttons");
	console_button(c, "Delete", "danger");
	console_link(c, console_url(c, "%s", d->keep), "Cancel", "button second");
	console_form_end(c);
	console_close(c);
}
