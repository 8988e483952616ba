/*
 * try_page: shows where the interface can be tried by hand. The forms need no script and no
 * session: they call the API directly.
 */
#include "cgi/console/console.h"
#include "cgi/url.h"

void
console_try(struct console *c)
{
	const char *base = base_url(c->app, c->http, c->arena),
		   *url = arena_printf(c->arena, "%s/API/wxml/1.3/", base != NULL ? base : "");

	console_open(c, "Try it");
	console_say(c, "lead",
	    "Plain forms that send requests to the API and show its answer, filled with a sample. They ask for your "
	    "API key, which the API settings show.");
	buf_adds(c->out, "<ul class=\"paper lines\">\n<li>");
	console_link(c, console_url(c, "save.html"), "Save by pairs", NULL);
	buf_adds(c->out, ": every parameter in a field of its own</li>\n<li>");
	console_link(c, console_url(c, "save-xml.html"), "Save by XML", NULL);
	buf_adds(c->out, ": the request as programs send it</li>\n<li>");
	console_link(c, console_url(c, "templates.html"), "What is stored", NULL);
	buf_adds(c->out, ": list templates, look at one, delete one</li>\n<li>");
	console_link(c, console_url(c, "send.html"), "Send", NULL);
	buf_adds(c->out,
	    ": a stored MMS to a number, by pairs or by XML</li>\n</ul>\n<h2>From a program</h2>\n");
	html_open(c->out, "pre", "tabindex", "0", NULL);
	html_text(c->out,
	    arena_printf(c->arena,
		"curl -d action=saveMMS -d api_key=YOUR-API-KEY \\\n  -d name=First -d subject=Hello \\\n"
		"  -d slide_1_text='Hello, world' \\\n  %s",
		url != NULL ? url : ""));
	html_close(c->out, "pre");
	console_close(c);
}

/* Serves the forms' link to their start page when they are viewed from the console. */
void
console_start(struct console *c)
{
	console_go(c, "try");
}
