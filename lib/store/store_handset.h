/*
 * store_handset: the handsets last seen for numbers, within a transaction.
 */
#ifndef SM_STORE_HANDSET_H
#define SM_STORE_HANDSET_H

#include "store/store_txn.h"

/* Finds the handset last seen for a number. The arena owns *name. */
enum store_rc handset_load(struct txn *txn, const char *number, struct arena *a, const char **name);
/* Records that a report of the number names this handset now; "": none. */
enum store_rc handset_remember(struct txn *txn, const char *number, const char *name);
/* Returns true if the value is that of a handset. */
bool handset_readable(struct slice v);

#endif
