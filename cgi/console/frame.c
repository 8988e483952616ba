/* frame: writes a page up to its heading, with the menu, and its end. See console.h. */
#include "cgi/console/console.h"

#include <string.h>

/* The pages of the menu. A path that begins with part belongs to that page. */
static const struct {
	const char *part, *text;
	enum console_needs needs;
} menu[] = {
	{ "templates", "Templates", NEEDS_SESSION },
	{ "compose", "Compose", NEEDS_SESSION },
	{ "pictures", "Image templates", NEEDS_SESSION },
	{ "messages", "Messages", NEEDS_SESSION },
	{ "settings", "API settings", NEEDS_SESSION },
	{ "try", "Try the API", NEEDS_SESSION },
	{ "operator", "Operator", NEEDS_OPERATOR },
};

/* The notices about what was done just before (?said=WORD). */
static const struct {
	const char *word, *text;
} notices[] = {
	{ "out", "You are signed out." },
	{ "saved", "Your changes are saved." },
	{ "key", "A new key was created. The old key no longer works." },
	{ "deleted", "The template was deleted with its media and renditions." },
	{ "again", "The postback is queued again." },
	{ "retried", "The job is queued again." },
	{ "discarded", "The job was discarded." },
	{ "composed", "The MMS is saved. This is its template." },
	{ "picture", "The image template is saved." },
	{ "picture-gone", "The image template was deleted." },
};

static bool
is_here(const struct console *c, const char *part)
{
	size_t n = strlen(part);

	return strncmp(c->path + 1, part, n) == 0 &&
	    (c->path[1 + n] == '\0' || c->path[1 + n] == '/');
}

static void
write_menu(struct console *c)
{
	html_open(c->out, "nav", "aria-label", "Pages", NULL);
	buf_adds(c->out, "<ul>\n");
	for (size_t i = 0; i < sizeof menu / sizeof menu[0]; i++) {
		if (menu[i].needs == NEEDS_OPERATOR && !c->account.operator)
			continue;
		html_open(c->out, "li", NULL);
		html_open(c->out, "a", "href", console_url(c, "%s", menu[i].part), "aria-current",
		    is_here(c, menu[i].part) ? "page" : NULL, NULL);
		html_text(c->out, menu[i].text);
		buf_adds(c->out, "</a></li>\n");
	}
	buf_adds(c->out, "</ul></nav>\n");
}

static void
write_who(struct console *c)
{
	html_open(c->out, "div", "class", "who", NULL);
	html_elem(c->out, "span", c->account.name);
	console_form(c, "sign-out", "plain");
	console_button(c, "Sign out", "link");
	console_form_end(c);
	html_close(c->out, "div");
}

void
console_open(struct console *c, const char *title)
{
	const char *word = console_query(c, "said"),
		   *whole = arena_printf(c->arena, "%s – savemms", title);

	html_doc_open(c->out, "en", whole, console_url(c, "console.css?v=" PACKAGE_VERSION));
	buf_adds(c->out,
	    "<a class=\"skip\" href=\"#main\">Skip to content</a>\n<header class=\"bar\">\n");
	console_link(c, c->root, "savemms", "brand");
	if (c->signed_in) {
		write_menu(c);
		write_who(c);
	}
	buf_adds(c->out, "</header>\n<main id=\"main\">\n");
	html_elem(c->out, "h1", title);
	buf_addc(c->out, '\n');
	for (size_t i = 0; c->answer->status == 200 && i < sizeof notices / sizeof notices[0]; i++)
		if (strcmp(word, notices[i].word) == 0)
			console_say(c, "done", notices[i].text);
}

void
console_close(struct console *c)
{
	buf_adds(c->out, "</main>\n<footer><p>savemms " PACKAGE_VERSION "</p></footer>\n");
	html_open(c->out, "script", "src", console_url(c, "console.js?v=" PACKAGE_VERSION), "defer",
	    "", NULL);
	html_close(c->out, "script");
	buf_addc(c->out, '\n');
	html_doc_close(c->out);
}
