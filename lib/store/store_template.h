/*
 * store_template: reads and writes templates within a transaction.
 */
#ifndef SM_STORE_TEMPLATE_H
#define SM_STORE_TEMPLATE_H

#include "store/store_txn.h"

/* Reads a template. *out lives as long as the transaction. */
enum store_rc template_load(struct txn *txn, uint64_t id, struct template **out);
enum store_rc template_write(struct txn *txn, const struct template *t);
/* Returns the key of a template in the list of account (0: all). */
struct key template_list_key(uint64_t account, const struct template *t);

#endif
