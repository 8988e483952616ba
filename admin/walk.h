/*
 * walk: a walk through the records of a kind. It goes on behind records that cannot be read, so
 * that one that is damaged does not hide the others.
 */
#ifndef SM_WALK_H
#define SM_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct walk {
	uint64_t unreadable; /* how many records were passed by; 0 to begin */
};

/* Decides after a record could not be had because of rc. moved: the walk stands behind that record.
 * If it can go on, names the record, as fmt says, on stderr, counts it and returns true. */
bool walk_past(struct walk *w, enum store_rc rc, bool moved, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Finds the next account as store_account_next() does. One that cannot be read is passed by, and
 * out->id is 0. */
enum store_rc walk_account(struct walk *w, struct store *st, char after[ACCOUNT_NAME],
    struct account *out);

/* Ends the command. rc is ST_OK or ST_NOTFOUND after the last record, else what stopped the walk.
 * Returns DONE, or NOT_DONE with a message: the walk was stopped (what says which), the output
 * could not be written, or records were passed by. */
int walk_end(const struct walk *w, enum store_rc rc, const char *what);

#endif
