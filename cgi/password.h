/*
 * password: is it the account's password? Asked by the API's USER and PASS and by the
 * console, which share what keeps a flood of wrong ones from taking all threads.
 */
#ifndef SM_PASSWORD_H
#define SM_PASSWORD_H

struct account;
struct settings;

enum { PASSWORD_MAX = 256 }; /* bytes; a longer one is wrong, at once */

enum password_rc { PASSWORD_OK, PASSWORD_WRONG, PASSWORD_BUSY };

/* ac NULL: an account that nobody has; that takes as long as any wrong password.
 * PASSWORD_BUSY: too many are waiting for an answer already. */
enum password_rc password_check(const struct settings *s, const struct account *ac,
    const char *pass);

#endif
