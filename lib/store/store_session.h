/*
 * store_session: sessions of the console, within a transaction.
 */
#ifndef SM_STORE_SESSION_H
#define SM_STORE_SESSION_H

#include "store/store_txn.h"

/* Returns true if the pair is a session. */
bool session_readable(struct arena *a, struct slice key, struct slice v);
/* Removes all sessions of the account. */
enum store_rc session_end_all(struct txn *txn, uint64_t account);

#endif
