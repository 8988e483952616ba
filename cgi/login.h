/*
 * login: finds out who is calling and whether they may (savemms-api(7), Who is calling).
 */
#ifndef SM_LOGIN_H
#define SM_LOGIN_H

#include "cgi/app.h"

/* Finds the caller's account by key, or by user and password, makes the checks of
 * savemms-api(7), Who is calling, and admits the request (concurrency_limit.h). Returns false with
 * c->failure set. */
bool login(struct call *c, unsigned action) __attribute__((warn_unused_result));

/* Finds the account of a key and sets c->account. Returns false with c->failure set: E104 if it has
 * none. */
bool login_find(struct call *c, const char *key) __attribute__((warn_unused_result));

/* These do the same for a caller who is already known: c->account is set. login_uncounted() does
 * not count the call against the rate limits (E106, E113, E120). */
bool login_known(struct call *c, unsigned action) __attribute__((warn_unused_result));
bool login_uncounted(struct call *c) __attribute__((warn_unused_result));

#endif
