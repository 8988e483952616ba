/*
 * store_account_load: reads accounts within a transaction.
 */
#ifndef SM_STORE_ACCOUNT_LOAD_H
#define SM_STORE_ACCOUNT_LOAD_H

#include "store/store_txn.h"

/* Reads the account with that id into *out. */
enum store_rc account_load(struct txn *txn, uint64_t id, struct account *out);

#endif
