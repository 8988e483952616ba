/*
 * password: checks a password at a bounded cost. See password.h.
 */
#include "cgi/password.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/crypt.h"
#include "base/log.h"
#include "model/account.h"
#include "model/settings.h"

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

enum password_rc
password_check(const struct settings *s, const struct account *ac, const char *pass)
{
	static const struct account nobody = { 0 };
	unsigned char digest[SHA256_BYTES];
	bool has = ac != NULL && ac->password[0] != '\0', ok;

	if (strlen(pass) > PASSWORD_MAX)
		return PASSWORD_WRONG;
	digest_of(ac != NULL ? ac : &nobody, pass, digest);
	if (has && remembered(digest))
		return PASSWORD_OK;
	if (!check_begin(s)) {
		log_warn("too many passwords to check at once");
		return PASSWORD_BUSY;
	}
	if ((ok = has && account_password_ok(ac, pass)) == true)
		remember(digest);
	else if (!has)
		spend_time(pass);
	check_end();
	return ok ? PASSWORD_OK : PASSWORD_WRONG;
}
