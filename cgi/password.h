/*
 * password: checks the password of an account. USER and PASS of the API and the console both
 * use it, so they share the limit that keeps a flood of wrong passwords from taking all
 * threads.
 */
#ifndef SM_PASSWORD_H
#define SM_PASSWORD_H

#include "base/net.h"
#include "model/account.h"
#include "store/store.h"

struct app;
struct http;

enum {
	PASSWORD_MAX = 256,           /* bytes; a longer one is wrong without a check */
	PASSWORD_GUESS_SECONDS = 900, /* the time that limits of wrong passwords are for */
	PASSWORD_COUNTS = 2,
};

enum password_rc { PASSWORD_OK, PASSWORD_WRONG, PASSWORD_BUSY, PASSWORD_LIMIT };

/* One attempt. */
struct password_try {
	struct app *app;
	const struct http *http; /* where it comes from */
	const char *way,
	    *name; /* for the log: "api" or "console"; the account's name as it was sent */
	const struct account *ac; /* NULL: nobody has that name */
	const char *pass;
	/* Under which names a wrong password counts, and how many may be wrong: password_limit() */
	struct password_count {
		char name[ACCOUNT_NAME + NET_TEXT + 32];
		struct rate rate;
	} count[PASSWORD_COUNTS];
	uint64_t wait_s; /* set with PASSWORD_LIMIT: seconds until the next attempt is checked */
};

/* Sets t->count from way, name and caller. Wrong passwords count by address and account together,
 * which may be wrong so many times, and by address, for all accounts five times as often; but never
 * by the account alone: an outsider must not lock a customer out. */
void password_limit(struct password_try *t, uint64_t tries);

/* Checks the password. An unknown name, and an attempt beyond a limit, which is not checked, take
 * as long as a wrong password. Logs a wrong one with the caller's address. Returns PASSWORD_BUSY
 * when too many checks are already waiting, PASSWORD_LIMIT when too many were wrong. */
enum password_rc password_check(struct password_try *t);

#endif
