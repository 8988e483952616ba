/*
 * settings_page: shows the API settings of an account: those it may change itself (the setting
 * console-keys lists them), those that the operator has set, and how much of its limits is
 * used.
 *
 * account_set() decides which values are valid, so the error texts are those of the operator's
 * command. The signing secret is never put into a form; an empty field leaves it unchanged.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "cgi/console/console.h"
#include "cgi/console/settings_page.h"
#include "store/store_count.h"

enum { ERR = 256 };

#define SECRET "postback-secret"

/* Names of the settings for people; the others are shown by their keys. */
static const char *const labels[][2] = {
	{ "api", "API access" },
	{ "rights", "API rights" },
	{ "actions", "Allowed actions" },
	{ "ip-whitelist", "IP allowlist" },
	{ "min-interval", "Minimum interval (seconds)" },
	{ "throughput", "Calls per second and action" },
	{ "daily-limit", "Calls per day" },
	{ "transcoding", "Transcoding" },
	{ "max-image-kb", "Image" },
	{ "max-gif-kb", "GIF" },
	{ "max-audio-kb", "Audio" },
	{ "max-video-kb", "Video" },
	{ "max-vcard-kb", "Contact" },
	{ "max-ical-kb", "Calendar" },
	{ "max-pdf-kb", "PDF" },
	{ "max-untranscoded-kb", "Image, audio or video without transcoding" },
	{ "postback-url", "Postback URL" },
	{ SECRET, "Signing secret" },
	{ SECRET "-old", "Former signing secret" },
	{ "postback-dialect", "Postback dialect" },
	{ "domain", "Fallback link host" },
	{ "senders", "Senders" },
	{ "blacklist", "Blocked numbers" },
	{ "operator", "Operator" },
};

static const char *
label_of(const char *key)
{
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		if (strcmp(labels[i][0], key) == 0)
			return labels[i][1];
	return key;
}

static bool
is_secret(const char *key)
{
	return strcmp(key, SECRET) == 0 || strcmp(key, SECRET "-old") == 0;
}

static bool
may_change(const struct console *c, const char *key)
{
	return list_has(c->app->settings.console_keys, key);
}

/* Tells whether the setting limits the size of a source. */
static bool
is_size(const char *key)
{
	size_t n = strlen(key);

	return n > 3 && strcmp(key + n - 3, "-kb") == 0;
}

static bool
is_flag(const char *def)
{
	return strcmp(def, "on") == 0 || strcmp(def, "off") == 0;
}

/* --- what the account may change ----------------------------------------------------- */

struct write {
	struct console *c;
	const char *wrong_key, *wrong; /* the setting that could not be saved, and why; or NULL */
	bool any;
};

static void
write_own(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	static const struct console_option flags[] = { { "on", "on" }, { "off", "off" } };
	struct write *w = ctx;
	struct console *c = w->c;
	bool secret = is_secret(key);
	const char *hint = secret ?
	    arena_printf(c->arena, "%s %s Leave the field empty to keep it unchanged.", doc,
		value[0] != '\0' ? "A secret is set." : "No secret is set.") :
	    doc;
	const struct console_input in = { .name = key,
		.label = label_of(key),
		.value = secret ? "" : value,
		.hint = hint,
		.type = secret ? "password" : NULL,
		.autocomplete = secret ? "new-password" : "off",
		.inputmode = strcmp(key, "postback-url") == 0 ? "url" : NULL };

	if (!may_change(c, key))
		return;
	w->any = true;
	if (w->wrong_key != NULL && strcmp(w->wrong_key, key) == 0)
		console_say(c, "wrong", w->wrong);
	if (is_flag(def))
		console_select(c, &in, flags, sizeof flags / sizeof flags[0]);
	else
		console_input(c, &in);
}

static void
write_form(struct console *c, const char *wrong_key, const char *wrong)
{
	struct write w = { c, wrong_key, wrong, false };
	const struct console_input password = { .name = "password",
		.id = "secret-password",
		.label = "Your password",
		.type = "password",
		.autocomplete = "current-password",
		.hint = "Needed only to change, create or remove the signing secret." };

	buf_adds(c->out, "<h2 id=\"yours\">Your settings</h2>\n");
	if (c->account.postback_gone != 0)
		console_say(c, "wrong",
		    "Postbacks are off: your server answered 410 Gone. Save the postback URL again to "
		    "switch them on.");
	console_form(c, "settings", NULL);
	account_each(&c->account, write_own, &w);
	if (!w.any)
		console_say(c, "hint", "The operator manages all settings.");
	buf_adds(c->out, "<p class=\"buttons\">");
	if (w.any)
		console_button(c, "Save", NULL);
	if (may_change(c, SECRET)) {
		buf_adds(c->out, "</p>");
		console_input(c, &password);
		buf_adds(c->out, "<p class=\"buttons\">");
		console_do(c,
		    &(struct console_do){ .name = "make",
			.value = "secret",
			.text = "Create a new secret",
			.class = "second" });
		if (c->account.postback_secret[0] != '\0')
			console_do(c,
			    &(struct console_do){ .name = "make",
				.value = "none",
				.text = "Remove secret",
				.class = "second" });
		if (c->account.postback_secret_old[0] != '\0')
			console_do(c,
			    &(struct console_do){ .name = "make",
				.value = "over",
				.text = "Forget the former secret",
				.class = "second" });
	}
	buf_adds(c->out, "</p>");
	console_form_end(c);
	if (!account_wants_postbacks(&c->account))
		return;
	console_form(c, "settings/test", "plain");
	console_button(c, "Send test postback", "second");
	console_form_end(c);
}

/* --- the key -------------------------------------------------------------------------- */

static void
write_key_form(struct console *c)
{
	const struct console_input password = { .name = "password",
		.label = "Your password",
		.type = "password",
		.autocomplete = "current-password",
		.required = true,
		.hint = "Asked again, so that nobody can take the key from a "
			"browser that you left open." };

	buf_adds(c->out, "<h2 id=\"key\">API key</h2>\n");
	console_form(c, "settings/key", NULL);
	console_input(c, &password);
	buf_adds(c->out, "<p class=\"buttons\">");
	console_do(c, &(struct console_do){ .value = "show", .text = "Show key" });
	console_do(c,
	    &(struct console_do){ .value = "new",
		.text = "Create a new key",
		.class = "second danger" });
	buf_adds(c->out, "</p>");
	console_say(c, "hint", "A new key replaces the old one at once.");
	console_form_end(c);
}

/* --- what the operator has set -------------------------------------------------------- */

static void
write_fixed(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	struct console *c = ctx;

	(void)def;
	if (is_size(key) || may_change(c, key) || strcmp(key, "operator") == 0)
		return;
	html_open(c->out, "div", NULL);
	html_elem(c->out, "dt", label_of(key));
	html_open(c->out, "dd", NULL);
	html_text(c->out,
	    is_secret(key) ? (value[0] != '\0' ? "set" : "not set") :
		value[0] == '\0' || strcmp(value, "0") == 0 ? "none" :
							      value);
	html_elem(c->out, "small", doc);
	buf_adds(c->out, "</dd></div>\n");
}

static void
write_size(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	struct console *c = ctx;

	(void)def;
	(void)doc;
	if (is_size(key))
		console_fact(c, label_of(key), arena_printf(c->arena, "%s KB", value));
}

static void
write_use(struct console *c)
{
	const struct account *ac = &c->account;
	char date[CONSOLE_DATE] = "never";
	struct use use;

	store_use(c->app->store, ac->id, &use);
	if (use.last > 0)
		console_date(use.last, date);
	buf_adds(c->out, "<h2 id=\"use\">Usage</h2>\n<dl class=\"facts paper\">\n");
	console_fact(c, "Calls today (UTC)",
	    ac->daily_limit != 0 ?
		arena_printf(c->arena, "%" PRIu64 " of %" PRIu64, use.today, ac->daily_limit) :
		arena_printf(c->arena, "%" PRIu64 ", no limit", use.today));
	console_fact(c, "Calls this minute",
	    arena_printf(c->arena, "%" PRIu64 "%s", use.minute,
		ac->throughput != 0 ?
		    arena_printf(c->arena, "; at most %" PRIu64 " per second and action",
			ac->throughput) :
		    ", no limit"));
	console_fact(c, "Last call", date);
	buf_adds(c->out, "</dl>\n");
}

void
console_settings_page(struct console *c, const char *wrong_key, const char *wrong)
{
	c->answer->status = wrong != NULL ? 400 : 200;
	console_open(c, "API settings");
	write_use(c);
	write_form(c, wrong_key, wrong);
	write_key_form(c);
	buf_adds(c->out,
	    "<h2 id=\"fixed\">Set by the operator</h2>\n<dl class=\"facts paper fixed\">\n");
	account_each(&c->account, write_fixed, c);
	buf_adds(c->out, "</dl>\n<h2 id=\"sizes\">Upload limits</h2>\n");
	console_say(c, "hint", "Larger media are rejected (E331 to E337). Set by the operator.");
	buf_adds(c->out, "<dl class=\"facts paper\">\n");
	account_each(&c->account, write_size, c);
	buf_adds(c->out, "</dl>\n<h2>Sessions</h2>\n");
	console_form(c, "sign-out-everywhere", "plain");
	console_button(c, "Sign out everywhere", "second");
	console_form_end(c);
	console_close(c);
}

void
console_settings(struct console *c)
{
	console_settings_page(c, NULL, NULL);
}

/* --- saving --------------------------------------------------------------------------- */

struct save {
	struct console *c;
	struct account *ac;
	const char *wrong_key;
	char wrong[ERR];
};

/* Sets the setting to its field of the form, if the account may change it. */
static void
save_key(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	struct save *s = ctx;
	const char *given = console_field(s->c, key);
	bool secret = is_secret(key);

	(void)value;
	(void)def;
	(void)doc;
	if (s->wrong_key != NULL || !may_change(s->c, key) || pairs_find(&s->c->form, key) == NULL)
		return;
	if (secret && given[0] == '\0')
		return;
	if (account_set(s->ac, key, given, s->wrong, sizeof s->wrong) != 0)
		s->wrong_key = key;
}

/* Makes a secret of 24 random bytes, as the Standard Webhooks specification requires. */
static void
new_secret(char out[ACCOUNT_TEXT])
{
	unsigned char key[24];
	char text[64];

	crypt_random(key, sizeof key);
	(void)crypt_base64(key, sizeof key, text, sizeof text);
	(void)snprintf(out, ACCOUNT_TEXT, "whsec_%s", text);
}

/* Makes a new secret or removes one, as a button says. The one before a new secret signs as well,
 * until the account says that its receiver knows the new one; not in a store that cannot keep it.
 */
static void
change_secrets(struct console *c, const char *make, struct account *ac)
{
	const char *newer;

	if (strcmp(make, "secret") == 0) {
		(void)snprintf(ac->postback_secret_old, ACCOUNT_TEXT, "%s", ac->postback_secret);
		new_secret(ac->postback_secret);
		if (store_account_fits(c->app->store, ac, &newer) != ST_OK || newer != NULL)
			ac->postback_secret_old[0] = '\0';
	} else if (strcmp(make, "none") == 0) {
		ac->postback_secret[0] = ac->postback_secret_old[0] = '\0';
	} else if (strcmp(make, "over") == 0) {
		ac->postback_secret_old[0] = '\0';
	}
}

void
console_settings_save(struct console *c)
{
	struct account *ac = arena_zalloc(c->arena, sizeof *ac);
	struct save s = { .c = c, .ac = ac };
	const char *make = console_field(c, "make"), *newer;
	enum store_rc rc;

	if (ac == NULL) {
		console_store_fail(c, ST_NOMEM, "saving settings");
		return;
	}
	*ac = c->account;
	account_each(&c->account, save_key, &s);
	if (s.wrong_key != NULL) {
		console_settings_page(c, s.wrong_key, s.wrong);
		return;
	}
	if (may_change(c, SECRET))
		change_secrets(c, make, ac);
	if ((strcmp(ac->postback_secret, c->account.postback_secret) != 0 ||
		strcmp(ac->postback_secret_old, c->account.postback_secret_old) != 0) &&
	    !console_ask_password(c))
		return;
	if (store_account_fits(c->app->store, ac, &newer) == ST_OK && newer != NULL) {
		console_settings_page(c, newer, "The operator has to migrate the store first.");
		return;
	}
	if ((rc = store_account_put(c->app->store, ac)) != ST_OK) {
		console_store_fail(c, rc, "saving settings");
		return;
	}
	log_info("console: account=%s changed its settings", ac->name);
	console_go(c, "settings?said=saved");
}
