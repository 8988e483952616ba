/* html: writes URLs, links and lines for all pages of the console. See console.h. */
#include "cgi/console/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
console_vurl(struct console *c, const char *fmt, va_list ap)
{
	char path[1024];
	int n = vsnprintf(path, sizeof path, fmt, ap);

	return n >= 0 && (size_t)n < sizeof path ? arena_printf(c->arena, "%s%s", c->root, path) :
						   NULL;
}

const char *
console_url(struct console *c, const char *fmt, ...)
{
	const char *url;
	va_list ap;

	va_start(ap, fmt);
	url = console_vurl(c, fmt, ap);
	va_end(ap);
	return url != NULL ? url : "#";
}

const char *
console_media(struct console *c, const char *sha, enum format f)
{
	const char *url = arena_printf(c->arena, "%s../media/%s.%s", c->root, sha, format_ext(f));

	return url != NULL ? url : "#";
}

void
console_link(struct console *c, const char *url, const char *text, const char *class)
{
	html_open(c->out, "a", "href", url, "class", class, NULL);
	html_text(c->out, text);
	html_close(c->out, "a");
}

void
console_say(struct console *c, const char *class, const char *text)
{
	html_open(c->out, "p", "class", class, "role", strcmp(class, "wrong") == 0 ? "alert" : NULL,
	    NULL);
	html_text(c->out, text);
	html_close(c->out, "p");
	buf_addc(c->out, '\n');
}

void
console_fact(struct console *c, const char *name, const char *value)
{
	if (value == NULL)
		return;
	html_open(c->out, "div", NULL);
	html_elem(c->out, "dt", name);
	html_elem(c->out, "dd", value);
	html_close(c->out, "div");
	buf_addc(c->out, '\n');
}

void
console_mark(struct console *c, const char *state)
{
	html_open(c->out, "span", "class", arena_printf(c->arena, "mark %s", state), NULL);
	html_text(c->out, state);
	html_close(c->out, "span");
}

void
console_table_open(struct console *c, const char *label, const char *class, const char *const *head)
{
	html_open(c->out, "div", "class", "wide", "tabindex", "0", "role", "region", "aria-label",
	    label, NULL);
	html_open(c->out, "table", "class", class, NULL);
	buf_adds(c->out, "<thead><tr>");
	for (; *head != NULL; head++)
		html_elem(c->out, "th", *head);
	buf_adds(c->out, "</tr></thead><tbody>\n");
}

void
console_table_close(struct console *c)
{
	buf_adds(c->out, "</tbody></table></div>\n");
}

void
console_script(struct console *c, const char *file)
{
	html_open(c->out, "script", "src", console_url(c, "%s?v=" PACKAGE_VERSION, file), "defer",
	    "", NULL);
	html_close(c->out, "script");
	buf_addc(c->out, '\n');
}
