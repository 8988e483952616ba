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

	console_open(c, "Try the API");
	console_say(c, "lead",
	    "These forms contain a sample. They send requests to the API and show its answer. They "
	    "ask for your API key, which you find in the API settings.");
	buf_adds(c->out, "<ul class=\"paper lines\">\n<li>");
	console_link(c, console_url(c, "save.html"), "Save with form fields", NULL);
	buf_adds(c->out, ": each parameter has a field of its own</li>\n<li>");
	console_link(c, console_url(c, "save-xml.html"), "Save with XML", NULL);
	buf_adds(c->out, ": send the XML document that programs send</li>\n<li>");
	console_link(c, console_url(c, "templates.html"), "Templates", NULL);
	buf_adds(c->out, ": list, view and delete the saved templates</li>\n<li>");
	console_link(c, console_url(c, "send.html"), "Send", NULL);
	buf_adds(c->out,
	    ": send a saved MMS to a number, with form fields or XML</li>\n</ul>\n"
	    "<h2>From a program</h2>\n");
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
