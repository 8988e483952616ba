/*
 * password: checks the password of an account. USER and PASS of the API and the console both
 * use it, so they share the limit that keeps a flood of wrong passwords from taking all
 * threads.
 */
#ifndef SM_PASSWORD_H
#define SM_PASSWORD_H

struct account;
struct settings;

enum { PASSWORD_MAX = 256 }; /* bytes; a longer one is wrong without a check */

enum password_rc { PASSWORD_OK, PASSWORD_WRONG, PASSWORD_BUSY };

/* Checks pass against the account's password. With ac NULL, for a name that nobody has, the
 * check takes as long as for any wrong password. Returns PASSWORD_BUSY when too many checks are
 * already waiting. */
enum password_rc password_check(const struct settings *s, const struct account *ac,
    const char *pass);

#endif
