/* reply: makes answers other than the requested page: a redirect, or a page that says what is
 * wrong. See console.h. */
#include "cgi/console/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

void
console_go(struct console *c, const char *fmt, ...)
{
	const char *url;
	va_list ap;

	va_start(ap, fmt);
	url = console_vurl(c, fmt, ap);
	va_end(ap);
	if (url == NULL || strpbrk(url, "\r\n") != NULL)
		url = c->root;
	c->answer->status = 303;
	c->answer->type = "text/plain; charset=utf-8";
	buf_reset(c->out);
	buf_printf(&c->answer->headers, "Location: %s\r\n", url);
}

void
console_refuse(struct console *c, int status, const char *title, const char *text)
{
	c->answer->status = status;
	if (status == 503)
		buf_adds(&c->answer->headers, "Retry-After: 5\r\n");
	buf_reset(c->out);
	console_open(c, title);
	console_say(c, "wrong", text);
	console_close(c);
}

void
console_store_fail(struct console *c, enum store_rc rc, const char *what)
{
	if (rc == ST_NOTFOUND) {
		console_refuse(c, 404, "Not found", "This does not exist, or was deleted.");
		return;
	}
	log_error("console: %s: %s", what, store_rc_text(rc));
	if (rc == ST_CONFLICT)
		console_refuse(c, 409, "Changed in the meantime",
		    "Someone else has changed this. Reload the page and try again.");
	else if (rc == ST_FULL)
		console_refuse(c, 503, "Disk space is low",
		    "Nothing new can be stored at the moment. Contact the operator.");
	else
		console_refuse(c, 503, "Temporarily unavailable",
		    "The service cannot do this at the moment. Try again soon.");
}

bool
console_pass_by(enum store_rc rc, bool moved, const char *fmt, ...)
{
	char name[128];
	va_list ap;

	if (rc != ST_CORRUPT || !moved)
		return false;
	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof name, fmt, ap);
	va_end(ap);
	log_error("%s: %s", name, store_rc_text(rc));
	return true;
}
