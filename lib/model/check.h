/*
 * check: checks the text of settings, of the instance and of accounts.
 */
#ifndef SM_CHECK_H
#define SM_CHECK_H

/* Returns NULL when the value is good, or else what it must be, for "... must be %s". */
typedef const char *check_fn(const char *value);

check_fn check_any;           /* no control characters */
check_fn check_nets;          /* networks, comma-separated */
check_fn check_url;           /* "" or an absolute http or https URL */
check_fn check_user_password; /* "" or USER:PASSWORD */
check_fn check_account_keys;  /* keys of account.def without operator: an account must not make
                                 itself an operator */

#endif
