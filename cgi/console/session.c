/*
 * session: handles cookies, the tokens of forms, and guesses of passwords.
 *
 * The session's cookie contains its id; the store has only the hash of the id. A form's token
 * is derived from the id, so it need not be stored. A session also ends when the account's
 * password changes, because the session holds a digest of the old one.
 */
#include "cgi/console/console.h"

#include <stdio.h>
#include <string.h>

#include "base/crypt.h"
#include "cgi/password.h"

enum { NAME = 64, FORM_COOKIE = 33 };

/* Writes the name of a cookie. By TLS, browsers refuse a cookie of such a name from anything but
 * this host by TLS. Each instance on a host has its own names, because ports do not separate
 * cookies. */
static const char *
cookie_name(struct console *c, const char *what, char out[NAME])
{
	char hex[SHA256_HEX];

	crypt_sha256_hex(c->app->settings.file, strlen(c->app->settings.file), hex);
	(void)snprintf(out, NAME, "%ssavemms-%s-%.6s", c->secure ? "__Host-" : "", what, hex);
	return out;
}

static void
set_cookie(struct console *c, const char *what, const char *value)
{
	char name[NAME];

	buf_printf(&c->answer->headers,
	    "Set-Cookie: %s=%s; Path=/; HttpOnly; SameSite=Strict%s%s\r\n",
	    cookie_name(c, what, name), value, c->secure ? "; Secure" : "",
	    value[0] == '\0' ? "; Max-Age=0" : "");
}

static bool
get_cookie(struct console *c, const char *what, char *out, size_t size)
{
	char name[NAME];

	return console_cookie(c->http->param(c->http->ctx, "HTTP_COOKIE"),
	    cookie_name(c, what, name), out, size);
}

/* --- sessions ---------------------------------------------------------------------- */

static struct session_limits
limits(const struct console *c)
{
	return (struct session_limits){ c->app->settings.console_idle_seconds,
		c->app->settings.console_session_seconds };
}

static void
mark_of(const struct account *ac, char out[SHA256_HEX])
{
	crypt_sha256_hex(ac->password, strlen(ac->password), out);
}

static void
token_of(const char *id, char out[SHA256_HEX])
{
	static const char what[] = "form";
	unsigned char mac[SHA256_BYTES];

	crypt_hmac_sha256(id, strlen(id), what, sizeof what - 1, mac);
	crypt_digest_hex(mac, out);
}

enum store_rc
console_find_session(struct console *c)
{
	const struct session_limits l = limits(c);
	struct session se;
	char mark[SHA256_HEX];
	enum store_rc rc;

	if (!get_cookie(c, "session", c->session, sizeof c->session))
		return ST_OK;
	if ((rc = store_session_use(c->app->store, c->session, &l, &se)) == ST_OK)
		rc = store_account_by_id(c->app->store, se.account, &c->account);
	if (rc != ST_OK)
		return rc == ST_NOTFOUND ? ST_OK : rc;
	mark_of(&c->account, mark);
	c->signed_in = crypt_equal(mark, se.mark);
	if (c->signed_in)
		token_of(c->session, c->token);
	return ST_OK;
}

enum store_rc
console_start_session(struct console *c, const struct account *ac)
{
	const struct session_limits l = limits(c);
	char mark[SHA256_HEX];
	enum store_rc rc;

	mark_of(ac, mark);
	if ((rc = store_session_create(c->app->store, ac->id, &l, mark, c->session)) == ST_OK)
		set_cookie(c, "session", c->session);
	return rc;
}

void
console_drop_cookie(struct console *c)
{
	set_cookie(c, "session", "");
}

bool
console_token_ok(struct console *c)
{
	return crypt_equal(console_field(c, "token"), c->token);
}

/* --- the sign-in form ---------------------------------------------------------------- */

const char *
console_form_cookie(struct console *c)
{
	char value[FORM_COOKIE];

	if (!get_cookie(c, "form", value, sizeof value) || strlen(value) != FORM_COOKIE - 1) {
		crypt_random_text(value, FORM_COOKIE - 1);
		set_cookie(c, "form", value);
	}
	return arena_strdup(c->arena, value);
}

bool
console_form_cookie_ok(struct console *c)
{
	char value[FORM_COOKIE];

	return get_cookie(c, "form", value, sizeof value) && strlen(value) == FORM_COOKIE - 1 &&
	    crypt_equal(console_field(c, "token"), value);
}

/* --- passwords ------------------------------------------------------------------------ */

enum password_rc
console_password(struct console *c, const struct account *ac, const char *name,
    const char *password, uint64_t *wait_s)
{
	struct password_try t = { .app = c->app,
		.http = c->http,
		.way = "console",
		.name = name,
		.ac = ac,
		.pass = password };
	enum password_rc rc;

	password_limit(&t, c->app->settings.console_tries);
	rc = password_check(&t);
	*wait_s = t.wait_s;
	return rc;
}
