/*
 * check: what is wrong with the text of a setting, shared by the instance's and
 * the accounts' settings.
 */
#ifndef SM_CHECK_H
#define SM_CHECK_H

/* NULL when the value is good, else what it must be, as "... must be %s". */
typedef const char *check_fn(const char *value);

check_fn check_any;           /* no control characters */
check_fn check_nets;          /* networks, comma-separated */
check_fn check_url;           /* "" or an absolute http or https URL */
check_fn check_user_password; /* "" or USER:PASSWORD */
check_fn check_account_keys;  /* keys of account.def, but not operator: an account must not make
                                 itself one */

#endif
