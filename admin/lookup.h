/*
 * lookup: finds things in the store for a command.
 */
#ifndef SM_LOOKUP_H
#define SM_LOOKUP_H

#include "admin/admin.h"

/* Returns the name of an account, or "#" and its id if the account cannot be read. The text is
 * valid until the next call. */
const char *account_name(struct store *st, uint64_t id);

/* Reads the account with this name. Returns DONE; on failure prints why and returns NOT_DONE. */
int find_account(struct admin *ad, const char *name, struct account *ac);

/* Returns the template whose MMSID is the word, in memory of ad->a. On failure prints why and
 * returns NULL. */
const struct template *find_template(struct admin *ad, const char *word);

#endif
