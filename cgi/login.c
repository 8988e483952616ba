/*
 * login: finds out who is calling and whether they may (savemms-api(7), Who is calling). All
 * wrong credentials take the same path: an unknown user also costs a password check.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cgi/app.h"
#include "cgi/call.h"
#include "cgi/concurrency_limit.h"
#include "cgi/login.h"
#include "cgi/password.h"
#include "request/authorise.h"
#include "store/store_count.h"

static enum password_rc
check_password(struct call *c, const char *user, const struct account *ac, const char *pass)
{
	struct password_try t = { .app = c->app,
		.http = c->http,
		.way = "api",
		.name = user,
		.ac = ac,
		.pass = pass };

	password_limit(&t, c->app->settings.api_tries);
	return password_check(&t);
}

/* Refuses a password that is too long before it looks anything up, so that the time this takes
 * tells nothing. */
static bool
find_by_password(struct call *c, const char *user, const char *pass)
{
	enum store_rc rc;

	if (strlen(pass) > PASSWORD_MAX)
		return call_fail(c, E104);
	rc = store_account_by_name(c->app->store, user, &c->account);
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return call_store_fail(c, rc, "reading the account");
	switch (check_password(c, user, rc == ST_OK ? &c->account : NULL, pass)) {
	case PASSWORD_OK:
		return true;
	case PASSWORD_BUSY:
		rc = ST_AGAIN;
		break;
	case PASSWORD_WRONG:
	case PASSWORD_LIMIT: /* an attempt too many must not look different from a wrong one */
		break;
	}
	/* nor may the answer's type tell that the name is there */
	c->account.answer_type[0] = '\0';
	return call_fail(c, rc == ST_AGAIN ? E503 : E104);
}

/* Sets *key to the caller's key, NULL for none: in B and C a header may give it instead. Returns
 * false when header and body give different ones. */
static bool
key_of(const struct call *c, const char **key)
{
	const struct request *r = c->request;
	const char *header = r->dialect != DIALECT_A ?
	    c->http->param(c->http->ctx, "HTTP_X_API_KEY") :
	    NULL;

	*key = r->api_key;
	if (header == NULL || header[0] == '\0')
		return true;
	*key = header;
	return r->api_key == NULL || strcmp(r->api_key, header) == 0;
}

bool
login_find(struct call *c, const char *key)
{
	enum store_rc rc = store_account_by_key(c->app->store, key, &c->account);

	if (rc != ST_OK && rc != ST_NOTFOUND)
		return call_store_fail(c, rc, "reading the account");
	return (rc == ST_OK && crypt_equal(c->account.key, key)) || call_fail(c, E104);
}

static bool
find_caller(struct call *c)
{
	const struct request *r = c->request;
	const char *key;

	if (request_wrong(r->api_key))
		return call_fail(c, E100);
	if (!key_of(c, &key) || (key == NULL && r->dialect != DIALECT_A))
		return call_fail(c, E104);
	if (key == NULL)
		return r->user != NULL && r->pass != NULL ? find_by_password(c, r->user, r->pass) :
							    call_fail(c, E104);
	return login_find(c, key);
}

static bool
address_of(struct call *c, struct ip *caller)
{
	if (http_caller(c->http, c->app->settings.trusted_proxies, caller))
		return true;
	log_error("the web server gave no address of the caller (REMOTE_ADDR '%s')",
	    c->http->remote);
	return call_fail(c, E503);
}

/* Admits a caller to whom e says nothing, before the request is counted as a call. */
static bool
admit(struct call *c, enum api_error e)
{
	unsigned max = (unsigned)c->app->settings.account_requests;

	if (e != E_NONE)
		return call_fail(c, e);
	return concurrency_admit(c->http, c->account.id, max) || call_fail(c, E503);
}

bool
login_early(struct call *c)
{
	struct ip caller;

	return address_of(c, &caller) && admit(c, authorise_caller(&c->account, &caller));
}

bool
login_uncounted(struct call *c)
{
	struct ip caller;

	return address_of(c, &caller) && admit(c, authorise(&c->account, &caller, c->action));
}

bool
login_count(struct call *c, unsigned action)
{
	static const enum api_error refused[] = {
		[TAKE_OK] = E_NONE,
		[TAKE_INTERVAL] = E106,
		[TAKE_THROUGHPUT] = E113,
		[TAKE_DAILY] = E120,
		[TAKE_NO_ACTION] = E503, /* our fault: a caller can name none that is unknown */
	};
	const struct account *ac = &c->account;
	const struct take_limits limits = { ac->min_interval, ac->throughput, ac->daily_limit };
	enum api_error e;

	e = refused[store_take(c->app->store, ac->id, action, &limits)];
	if (e == E_NONE)
		return true;
	c->failure.x = ac->min_interval;
	return call_fail(c, e);
}

bool
login_known(struct call *c, unsigned action)
{
	return login_uncounted(c) && login_count(c, action);
}

bool
login(struct call *c)
{
	return find_caller(c) && login_uncounted(c);
}
