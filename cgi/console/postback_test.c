/*
 * postback_test: serves what requires the password again, and the test postback.
 *
 * The test postback is sent as real ones are (net/http_client.h, with its address policy and
 * its time limit), but it is stored nowhere: the page shows all of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cgi/console/console.h"
#include "cgi/console/settings_page.h"
#include "cgi/password.h"
#include "model/text.h"
#include "net/http_client.h"
#include "send/postback.h"

enum { TESTS = 10, TESTS_SECONDS = 60, ANSWER_MAX = 64 << 10, BODY_MAX = 4096 };

/* --- the key -------------------------------------------------------------------------- */

static void
show_secret(struct console *c, const char *id, const char *label, const char *value)
{
	console_copy(c, &(struct console_input){ .name = id, .label = label, .value = value });
	buf_adds(c->out, "<p class=\"buttons\">");
	console_copy_button(c, id);
	buf_adds(c->out, "</p>\n");
}

static void
write_back(struct console *c)
{
	buf_adds(c->out, "<p class=\"buttons\">");
	console_link(c, console_url(c, "settings"), "Back", "button second");
	buf_adds(c->out, "</p>\n");
}

static void
key_page(struct console *c, const struct account *ac, bool new)
{
	console_open(c, "API key");
	if (new)
		console_say(c, "done", "This is the new key. The old key no longer works.");
	buf_adds(c->out, "<div class=\"paper\">\n");
	show_secret(c, "api-key", "API key", ac->key);
	if (ac->postback_secret[0] != '\0')
		show_secret(c, "secret", "Postback signing secret", ac->postback_secret);
	buf_adds(c->out, "</div>\n");
	write_back(c);
	console_close(c);
}

/* Gives the account a new key and stores it. */
static enum store_rc
new_key(struct console *c, struct account *ac)
{
	crypt_random_text(ac->key, API_KEY - 1);
	return store_account_put(c->app->store, ac);
}

bool
console_ask_password(struct console *c)
{
	const char *given = console_field(c, "password");
	uint64_t wait_s = 0;

	if (given[0] == '\0') {
		console_refuse(c, 403, "Password missing",
		    "Enter your password, too. Nothing was shown or changed.");
		return false;
	}
	switch (console_password(c, &c->account, c->account.name, given, &wait_s)) {
	case PASSWORD_OK:
		return true;
	case PASSWORD_BUSY:
	case PASSWORD_LIMIT:
		console_refuse(c, wait_s > 0 ? 429 : 503, "Try again later",
		    wait_s > 0 ? "Too many wrong passwords for this account or from your address. "
				 "Try again in a few minutes." :
				 "Too many passwords are being checked. Try again in a moment.");
		return false;
	default:
		console_refuse(c, 403, "Wrong password",
		    "That is not this account's password. Nothing was shown or changed.");
		return false;
	}
}

void
console_key(struct console *c)
{
	bool new = strcmp(console_field(c, "do"), "new") == 0;
	struct account *ac = arena_zalloc(c->arena, sizeof *ac);
	enum store_rc rc = ac != NULL ? ST_OK : ST_NOMEM;

	if (!console_ask_password(c))
		return;
	if (ac != NULL)
		*ac = c->account;
	if (new &&rc == ST_OK)
		rc = new_key(c, ac);
	if (rc != ST_OK) {
		console_store_fail(c, rc, "making a new key");
		return;
	}
	log_info("console: account=%s: %s", ac->name,
	    new ? "a new key was made" : "the key was shown");
	key_page(c, ac, new);
}

/* --- the test ------------------------------------------------------------------------- */

/* An MMS that no template has: MMSID 0. */
static const struct template no_template = { .reference = "test" };

static void
show_exchange(struct console *c, const struct http_client_call *p, const struct postback_head *head)
{
	bool good = p->rc == HTTP_CLIENT_OK && p->status == 200;

	console_open(c, "Test postback");
	if (good)
		console_say(c, "done", "Your server accepted the postback.");
	else
		console_say(c, "wrong",
		    "Your server did not accept the postback. A real one would be retried.");
	buf_adds(c->out, "<h2>Sent</h2>\n");
	html_open(c->out, "pre", "tabindex", "0", NULL);
	html_text(c->out, arena_printf(c->arena, "POST %s\n", p->url));
	for (size_t i = 0; head->header[i] != NULL; i++) {
		html_text(c->out, head->header[i]);
		buf_addc(c->out, '\n');
	}
	html_text(c->out,
	    arena_printf(c->arena,
		"User-Agent: savemms/" PACKAGE_VERSION "\nContent-Length: %zu\n\n%s", p->len,
		p->body));
	html_close(c->out, "pre");
	buf_adds(c->out, "<h2>Response</h2>\n<dl class=\"facts paper\">\n");
	console_fact(c, "Status",
	    p->rc == HTTP_CLIENT_OK ?
		arena_printf(c->arena, "%ld%s", p->status, good ? "" : " (200 is expected)") :
		"no response");
	/* Why there is none, and after how long, would tell what addresses and ports names have
	 * inside. The log says it. */
	if (p->rc == HTTP_CLIENT_OK)
		console_fact(c, "Duration", arena_printf(c->arena, "%" PRIu64 " ms", p->took_ms));
	else
		console_fact(c, "Reason", NOT_REACHED);
	buf_adds(c->out, "</dl>\n");
	if (p->answer->len > 0 && text_valid(buf_str(p->answer), p->answer->len)) {
		html_open(c->out, "pre", "tabindex", "0", NULL);
		html_text(c->out, buf_str(p->answer));
		html_close(c->out, "pre");
	}
	write_back(c);
	console_close(c);
}

/* Posts body, and shows what was posted and what came back. */
static void
post_test(struct console *c, const char *id, const struct buf *body)
{
	struct buf answer;
	struct http_client_call p = { .url = c->account.postback_url,
		.body = buf_str(body),
		.len = body->len,
		.ms = c->app->settings.postback_ms,
		.answer = &answer };
	struct postback_head head;

	if (!postback_head(&c->account, id, clock_now(), p.body, &head)) {
		console_refuse(c, 400, "Invalid signing secret",
		    "The signing secret cannot be used. Save a different one.");
		return;
	}
	buf_init(&answer, ANSWER_MAX);
	p.header = head.header;
	http_client_call(&c->app->settings, &p);
	log_info("console: account=%s test postback: %s status %ld", c->account.name,
	    p.rc == HTTP_CLIENT_OK ? "answered" : p.why, p.status);
	show_exchange(c, &p, &head);
	buf_free(&answer);
}

void
console_test_postback(struct console *c)
{
	const struct rate rate = { TESTS, TESTS_SECONDS };
	const char *who = arena_printf(c->arena, "test postback of %" PRIu64, c->account.id);
	char id[64], random[17];
	uint64_t wait_s;
	struct buf body;

	if (!account_wants_postbacks(&c->account)) {
		console_refuse(c, 400, "No postback URL",
		    "The account has no postback URL. Save one first.");
		return;
	}
	if (who == NULL || !store_rate_take(c->app->store, who, &rate, &wait_s)) {
		console_refuse(c, 429, "Try again later",
		    "Too many tests in one minute. Wait a little.");
		return;
	}
	crypt_random_text(random, sizeof random - 1);
	(void)snprintf(id, sizeof id, "msg_test_%s", random);
	buf_init(&body, BODY_MAX);
	postback_body(&no_template, account_postback_dialect(&c->account, DIALECT_A), &body);
	if (buf_ok(&body))
		post_test(c, id, &body);
	else
		console_store_fail(c, ST_NOMEM, "writing a test postback");
	buf_free(&body);
}
