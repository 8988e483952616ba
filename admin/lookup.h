/*
 * lookup: things of the store found for a command.
 */
#ifndef SM_LOOKUP_H
#define SM_LOOKUP_H

#include "admin/admin.h"

/* The name of an account, or its number in # form when it cannot be had. Valid
 * until the next call. */
const char *account_name(struct store *st, uint64_t id);

/* The account of this name; DONE, or NOT_DONE after printing why. */
int find_account(struct admin *ad, const char *name, struct account *ac);

/* The template of a word that word_id() has accepted, in ad->a. NULL: why has been printed. */
const struct template *find_template(struct admin *ad, const char *word);

#endif
