/*
 * login: who is calling and may they (SPEC 2). Every wrong credential takes the
 * same path: an unknown user costs a password check too.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "admit.h"
#include "app.h"
#include "authorise.h"
#include "log.h"

/* A password check costs tens of milliseconds and 19 MiB on purpose. A client
 * that calls with USER and PASS would pay that at every call, so the digests of
 * the last good pairs are remembered, under a key that this process made up. */
enum { REMEMBERED = 64 };

static struct {
	pthread_mutex_t lock;
	bool keyed;
	unsigned char key[SHA256_BYTES];
	unsigned char good[REMEMBERED][SHA256_BYTES];
	unsigned next;
} memory = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
digest_of(const struct account *ac, const char *pass, unsigned char out[SHA256_BYTES])
{
	char text[PWHASH_MAX + 512];

	(void)snprintf(text, sizeof text, "%s\n%.300s", ac->password, pass);
	(void)pthread_mutex_lock(&memory.lock);
	if (!memory.keyed)
		crypt_random(memory.key, sizeof memory.key);
	memory.keyed = true;
	crypt_hmac_sha256(memory.key, sizeof memory.key, text, strlen(text), out);
	(void)pthread_mutex_unlock(&memory.lock);
}

static bool
remembered(const unsigned char digest[SHA256_BYTES])
{
	bool found = false;

	(void)pthread_mutex_lock(&memory.lock);
	for (int i = 0; i < REMEMBERED; i++)
		found |= memcmp(memory.good[i], digest, SHA256_BYTES) == 0;
	(void)pthread_mutex_unlock(&memory.lock);
	return found;
}

static void
remember(const unsigned char digest[SHA256_BYTES])
{
	(void)pthread_mutex_lock(&memory.lock);
	memcpy(memory.good[memory.next++ % REMEMBERED], digest, SHA256_BYTES);
	(void)pthread_mutex_unlock(&memory.lock);
}

/* Checks that are under way, and calls that wait for one. A flood of wrong passwords
 * must take neither the memory and cores of all threads nor the threads. */
enum { CHECKS = 2, PASS_MAX = 256 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t over;
	unsigned inside, running;
} checks = { .lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER };

/* Waits for its turn; false when half of the threads are here already. */
static bool
check_begin(const struct settings *s)
{
	bool ok;

	(void)pthread_mutex_lock(&checks.lock);
	if ((ok = checks.inside < (s->threads + 1) / 2) == true) {
		checks.inside++;
		while (checks.running == CHECKS)
			(void)pthread_cond_wait(&checks.over, &checks.lock);
		checks.running++;
	}
	(void)pthread_mutex_unlock(&checks.lock);
	return ok;
}

static void
check_end(void)
{
	(void)pthread_mutex_lock(&checks.lock);
	checks.inside--;
	checks.running--;
	(void)pthread_cond_signal(&checks.over);
	(void)pthread_mutex_unlock(&checks.lock);
}

/* An account nobody has, whose password check takes as long as any. */
static void
spend_time(const char *pass)
{
	static const char hash[] = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
	    "aVmkGWXZ0Qn0M0m0TQ4vq8kY3rB8vGvHjJQ0V1o2p3A";
	struct account nobody = { 0 };

	(void)snprintf(nobody.password, sizeof nobody.password, "%s", hash);
	(void)account_password_ok(&nobody, pass);
}

/* A password too long is refused before anything is looked up: so the time that
 * takes tells nothing. */
static bool
known_by_password(struct call *c, const char *user, const char *pass)
{
	unsigned char digest[SHA256_BYTES];
	enum store_rc rc;
	bool has, ok;

	if (strlen(pass) > PASS_MAX)
		return call_fail(c, E104);
	rc = store_account_by_name(c->app->store, user, &c->account);
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return call_store_fail(c, rc, "reading the account");
	has = rc == ST_OK && c->account.password[0] != '\0';
	digest_of(&c->account, pass, digest);
	if (has && remembered(digest))
		return true;
	if (!check_begin(&c->app->settings)) {
		log_warn("too many passwords to check at once");
		c->answer->status = 503;
		return call_fail(c, E503);
	}
	if ((ok = has && account_password_ok(&c->account, pass)) == true)
		remember(digest);
	else if (!has)
		spend_time(pass);
	check_end();
	return ok || call_fail(c, E104);
}

static bool
known(struct call *c)
{
	const struct request *r = c->request;
	enum store_rc rc;

	if (r->api_key == NULL)
		return r->user != NULL && r->pass != NULL ? known_by_password(c, r->user, r->pass) : call_fail(c, E104);
	rc = store_account_by_key(c->app->store, r->api_key, &c->account);
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return call_store_fail(c, rc, "reading the account");
	return (rc == ST_OK && crypt_equal(c->account.key, r->api_key)) || call_fail(c, E104);
}

bool
login(struct call *c, unsigned action)
{
	static const enum api_error refused[] = {
		[TAKE_OK] = E_NONE, [TAKE_INTERVAL] = E106, [TAKE_THROUGHPUT] = E113, [TAKE_DAILY] = E120,
	};
	const struct settings *s = &c->app->settings;
	struct account *ac = &c->account;
	struct take_limits limits;
	enum api_error e;
	struct ip caller;

	if (!known(c))
		return false;
	if (!caller_address(c->http->remote, c->http->forwarded, s->trusted_proxies, &caller)) {
		log_error("the web server gave no address of the caller (REMOTE_ADDR '%s')", c->http->remote);
		return call_fail(c, E503);
	}
	if ((e = authorise(ac, &caller, c->action)) != E_NONE)
		return call_fail(c, e);
	c->admitted = admit_account(ac->id, (unsigned)s->account_requests);
	if (!c->admitted) {
		c->answer->status = 503;	/* before it is counted as a call */
		return call_fail(c, E503);
	}
	limits = (struct take_limits){ ac->min_interval, ac->throughput, ac->daily_limit };
	e = refused[store_take(c->app->store, ac->id, action, &limits)];
	c->failure.x = ac->min_interval;
	return e == E_NONE || call_fail(c, e);
}
