/*
 * composer: lets people compose an MMS by hand. Every button of the form is a POST whose
 * answer is the form again, so it works without script; a script only replaces the form by the
 * answer. Nothing is stored until the MMS is saved, by saveMMS itself.
 */
#include "cgi/console/composer.h"

#include <inttypes.h>
#include <string.h>

enum { CHECK_SECONDS = 600 };

static void
no_memory(struct console *c)
{
	console_store_fail(c, ST_NOMEM, "composing");
}

static void
write_page(struct console *c, const struct composer_form *f, const struct composer_report *r)
{
	if (r->saving && r->failure.code != E_NONE)
		c->answer->status = r->failure.code == E503 ? 503 : 400;
	console_open(c, "Compose an MMS");
	buf_adds(c->out, "<div id=\"compose\" class=\"beside\">\n");
	composer_write_form(c, f, r);
	composer_write_report(c, f, r);
	buf_adds(c->out, "</div>\n");
	console_script(c, "compose.js");
	console_close(c);
}

void
console_composer(struct console *c)
{
	struct composer_form *f = composer_new(c);
	struct composer_report r = { .t = NULL };

	if (f == NULL || !composer_check(c, f, &r))
		no_memory(c);
	else
		write_page(c, f, &r);
}

bool
console_check_allowed(struct console *c, const char **why)
{
	const struct rate rate = { c->app->settings.console_checks, CHECK_SECONDS };
	const char *name = arena_printf(c->arena, "console check %s", c->account.name);
	uint64_t wait_s = 0;

	if (name != NULL && store_rate_take(c->app->store, name, &rate, &wait_s))
		return true;
	*why = arena_printf(c->arena, "Too many checks. Try again in %" PRIu64 " seconds.",
	    wait_s > 0 ? wait_s : 1);
	return false;
}

void
console_composer_do(struct console *c)
{
	const char *button = console_field(c, "do");
	struct composer_form *f = composer_read(c);
	struct composer_report r = { .t = NULL };
	uint64_t id;

	if (f != NULL)
		composer_do(f, button);
	if (f == NULL || !composer_check(c, f, &r)) {
		no_memory(c);
		return;
	}
	if (strcmp(button, "save") == 0 && f->trouble == NULL) {
		if ((id = composer_save(c, f, &r)) != 0) {
			console_go(c, "templates/%" PRIu64 "?said=composed", id);
			return;
		}
	} else if (strcmp(button, "check") == 0 && r.t != NULL &&
	    console_check_allowed(c, &f->trouble)) {
		composer_try(c, f, &r);
	}
	write_page(c, f, &r);
}

/* Answers the script with the report alone. */
void
console_composer_check(struct console *c)
{
	struct composer_form *f = composer_read(c);
	struct composer_report r = { .t = NULL };

	if (f == NULL || !composer_check(c, f, &r))
		no_memory(c);
	else
		composer_write_report(c, f, &r);
}
