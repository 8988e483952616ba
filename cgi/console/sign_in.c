/*
 * sign_in: signs people in and out.
 *
 * A name that nobody has, an account without a password and a wrong password give the same
 * answer and take equally long. Each sign-in makes a new session id.
 */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "cgi/console/console.h"
#include "cgi/password.h"

static void
sign_in_page(struct console *c, int status, const char *wrong)
{
	const char *next = c->http->method == METHOD_POST ? console_field(c, "next") :
							    console_query(c, "next");
	const struct console_input name = { .name = "name",
		.label = "Account name",
		.value = console_field(c, "name"),
		.autocomplete = "username",
		.required = true };
	const struct console_input password = { .name = "password",
		.label = "Password",
		.type = "password",
		.autocomplete = "current-password",
		.required = true };

	c->answer->status = status;
	console_open(c, "Sign in");
	if (wrong != NULL)
		console_say(c, "wrong", wrong);
	if (!c->secure)
		console_say(c, "hint",
		    "This connection is not encrypted. Sign in this way only on your own machine.");
	html_open(c->out, "form", "method", "post", "action", console_url(c, "sign-in"), "class",
	    "narrow", NULL);
	console_hidden(c, "token", console_form_cookie(c));
	if (console_next_ok(next))
		console_hidden(c, "next", next);
	console_input(c, &name);
	console_input(c, &password);
	html_open(c->out, "p", "class", "buttons", NULL);
	console_button(c, "Sign in", NULL);
	html_close(c->out, "p");
	console_form_end(c);
	console_say(c, "hint",
	    "The operator sets an account's password: savemms account set NAME --password-stdin");
	console_close(c);
}

void
console_sign_in(struct console *c)
{
	if (c->signed_in)
		console_go(c, "%s", "");
	else
		sign_in_page(c, 200, NULL);
}

static void
too_many(struct console *c, uint64_t wait_s)
{
	const char *text = "Too many passwords are being checked. Try again in a moment.";

	if (wait_s > 0) {
		buf_printf(&c->answer->headers, "Retry-After: %" PRIu64 "\r\n", wait_s);
		text = arena_printf(c->arena,
		    "Too many wrong passwords from your address. Try again in %" PRIu64
		    " minute%s.",
		    wait_s / 60 + 1, wait_s < 60 ? "" : "s");
	} else {
		buf_adds(&c->answer->headers, "Retry-After: 5\r\n");
	}
	sign_in_page(c, wait_s > 0 ? 429 : 503, text);
}

void
console_sign_in_do(struct console *c)
{
	const char *name = console_field(c, "name"), *next = console_field(c, "next");
	struct account *ac = arena_zalloc(c->arena, sizeof *ac);
	uint64_t wait_s = 0;
	enum store_rc rc;

	if (!console_form_cookie_ok(c)) {
		sign_in_page(c, 403,
		    "The form has expired, or your browser blocks cookies. Try again.");
		return;
	}
	rc = ac != NULL ? store_account_by_name(c->app->store, name, ac) : ST_NOMEM;
	if (rc != ST_OK && rc != ST_NOTFOUND) {
		console_store_fail(c, rc, "reading the account");
		return;
	}
	switch (console_password(c, rc == ST_OK ? ac : NULL, name, console_field(c, "password"),
	    &wait_s)) {
	case PASSWORD_OK:
		break;
	case PASSWORD_BUSY:
	case PASSWORD_LIMIT:
		too_many(c, wait_s);
		return;
	default:
		sign_in_page(c, 403, "Wrong account name or password.");
		return;
	}
	if (c->signed_in && (rc = store_session_end(c->app->store, c->session)) != ST_OK)
		log_warn("console: ending the former session: %s", store_rc_text(rc));
	if ((rc = console_start_session(c, ac)) != ST_OK) {
		console_store_fail(c, rc, "starting a session");
		return;
	}
	log_info("console: account=%s signed in", ac->name);
	console_go(c, "%s", console_next_ok(next) ? next : "");
}

static void
signed_out(struct console *c, enum store_rc rc)
{
	if (rc != ST_OK) {
		console_store_fail(c, rc, "ending a session");
		return;
	}
	log_info("console: account=%s signed out", c->account.name);
	console_drop_cookie(c);
	console_go(c, "sign-in?said=out");
}

void
console_sign_out(struct console *c)
{
	signed_out(c, store_session_end(c->app->store, c->session));
}

void
console_sign_out_all(struct console *c)
{
	signed_out(c, store_session_end_all(c->app->store, c->account.id));
}

void
console_home(struct console *c)
{
	console_go(c, c->signed_in ? "templates" : "sign-in");
}
