/*
 * login: finds out who is calling and whether they may (savemms-api(7), Who is calling).
 */
#ifndef SM_LOGIN_H
#define SM_LOGIN_H

#include "cgi/app.h"

/* Each returns false with c->failure set. */

/* Finds the account of a key and sets c->account: E104 if there is none. */
bool login_find(struct call *c, const char *key) __attribute__((warn_unused_result));

/* Finds the caller's account by key, or by user and password, and does what login_uncounted()
 * does. */
bool login(struct call *c) __attribute__((warn_unused_result));

/* Makes those checks of savemms-api(7), Who is calling, of a caller who is known (c->account is
 * set) that are the same for every action, and admits the request (concurrency_limit.h): for one
 * whose action its body tells. */
bool login_early(struct call *c) __attribute__((warn_unused_result));

/* Makes the checks of savemms-api(7), Who is calling, of a caller who is known (c->account is set),
 * but for the rate limits, and admits the request (concurrency_limit.h). */
bool login_uncounted(struct call *c) __attribute__((warn_unused_result));

/* Counts the call of such a caller against the rate limits (E106, E113, E120). */
bool login_count(struct call *c, unsigned action) __attribute__((warn_unused_result));

/* Does both. */
bool login_known(struct call *c, unsigned action) __attribute__((warn_unused_result));

#endif
