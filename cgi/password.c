/*
 * password: checks a password at a bounded cost. See password.h.
 */
#include "cgi/password.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/crypt.h"
#include "base/log.h"
#include "cgi/app.h"

enum {
	V6_SITE_BYTES = 8,
	ACCOUNTS_TRIES = 5 /* the tries of so many accounts from one address */
};

/* A password check deliberately costs tens of milliseconds and 19 MiB. A client that calls with
 * USER and PASS would pay that at every call, so the digests of the last good pairs are
 * remembered. Their key is random and known to this process only. */
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

/* The checks that run, and the calls that wait for one. A flood of wrong passwords must not take
 * the memory and the cores of all threads, nor all the threads. */
enum { CHECKS = 2 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t over;
	unsigned inside, running;
} checks = { .lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER };

/* Waits for its turn. Returns false when half of the threads are already here. */
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

/* Checks the password of an account that nobody has. This takes as long as any other check. */
static void
spend_time(const char *pass)
{
	static const char hash[] = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
				   "aVmkGWXZ0Qn0M0m0TQ4vq8kY3rB8vGvHjJQ0V1o2p3A";
	struct account nobody = { 0 };

	(void)snprintf(nobody.password, sizeof nobody.password, "%s", hash);
	(void)account_password_ok(&nobody, pass);
}

/* --- counting wrong passwords ------------------------------------------------------- */

/* Writes the address under which the caller's attempts count: of IPv6, the /64. "?" stands for all
 * callers whose address is unknown. */
static void
caller_of(const struct password_try *t, char out[NET_TEXT])
{
	struct ip ip;

	(void)snprintf(out, NET_TEXT, "?");
	if (!http_caller(t->http, t->app->settings.trusted_proxies, &ip))
		return;
	if (!ip.v4)
		memset(ip.b + V6_SITE_BYTES, 0, sizeof ip.b - V6_SITE_BYTES);
	ip_text(&ip, out);
}

void
password_limit(struct password_try *t, uint64_t tries)
{
	char caller[NET_TEXT];

	caller_of(t, caller);
	t->count[0].rate = (struct rate){ tries * ACCOUNTS_TRIES, PASSWORD_GUESS_SECONDS };
	(void)snprintf(t->count[0].name, sizeof t->count[0].name, "%s from %s", t->way, caller);
	t->count[1].rate = (struct rate){ tries, PASSWORD_GUESS_SECONDS };
	(void)snprintf(t->count[1].name, sizeof t->count[1].name, "%s from %s for %.*s", t->way,
	    caller, ACCOUNT_NAME, t->name);
}

/* Tells whether another wrong password would be within the limits. */
static bool
within(struct password_try *t)
{
	for (unsigned i = 0; i < PASSWORD_COUNTS; i++)
		if (!store_rate_free(t->app->store, t->count[i].name, &t->count[i].rate,
			&t->wait_s))
			return false;
	return true;
}

/* Counts a wrong password, under each name as far as others have not used up its limit while it was
 * checked. */
static void
count(struct password_try *t)
{
	uint64_t wait_s;

	for (unsigned i = 0; i < PASSWORD_COUNTS; i++)
		if (!store_rate_take(t->app->store, t->count[i].name, &t->count[i].rate, &wait_s))
			continue; /* the next attempt is refused anyway */
}

/* The line has the address before anything that the caller chose, and of the name only letters,
 * digits and . _ - as they are, so that a program that bans addresses cannot be misled
 * (savemms-api(7), Who is calling). */
static void
log_wrong(const struct password_try *t, bool checked)
{
	char name[4 * ACCOUNT_NAME + 1], address[NET_TEXT] = "?";
	struct ip ip;
	size_t n = 0;

	if (http_caller(t->http, t->app->settings.trusted_proxies, &ip))
		ip_text(&ip, address);
	for (const char *s = t->name; *s != '\0' && n + 5 < sizeof name; s++)
		if (strchr(ASCII_ALNUM "._-", *s) != NULL)
			name[n++] = *s;
		else
			n += (size_t)snprintf(name + n, 5, "\\x%02x", (unsigned char)*s);
	name[n] = '\0';
	log_warn("%s: wrong password from %s for '%s'%s", t->way, address, name,
	    checked ? "" : ", one of too many: not checked");
}

/* Checks the password, with the place of a check in hand. It is counted when it has proved wrong:
 * counted before, good passwords that are checked at the same moment, in any number of processes,
 * would use up the limit. So the checks that run when the limit is reached, CHECKS in each process,
 * are all that may go beyond it. */
static enum password_rc
check_now(struct password_try *t, const unsigned char digest[SHA256_BYTES], bool limited)
{
	bool has = t->ac != NULL && t->ac->password[0] != '\0';

	if (!limited && has && remembered(digest))
		return PASSWORD_OK; /* another call has checked it meanwhile */
	if (limited || !within(t)) {
		spend_time(t->pass);
		return PASSWORD_LIMIT;
	}
	if (!has)
		spend_time(t->pass);
	else if (account_password_ok(t->ac, t->pass)) {
		remember(digest);
		return PASSWORD_OK;
	}
	count(t);
	return PASSWORD_WRONG;
}

enum password_rc
password_check(struct password_try *t)
{
	static const struct account nobody = { 0 };
	unsigned char digest[SHA256_BYTES];
	bool has = t->ac != NULL && t->ac->password[0] != '\0', limited;
	enum password_rc rc;

	if (strlen(t->pass) > PASSWORD_MAX)
		return PASSWORD_WRONG;
	digest_of(t->ac != NULL ? t->ac : &nobody, t->pass, digest);
	/* A remembered password is a guess, too: the limit comes first. */
	limited = !within(t);
	if (!limited && has && remembered(digest))
		return PASSWORD_OK;
	if (!check_begin(&t->app->settings)) {
		log_warn("too many passwords to check at once");
		return PASSWORD_BUSY;
	}
	rc = check_now(t, digest, limited);
	check_end();
	if (rc != PASSWORD_OK)
		log_wrong(t, rc == PASSWORD_WRONG);
	return rc;
}
