/*
 * store_image: reads image templates within a transaction.
 */
#ifndef SM_STORE_IMAGE_H
#define SM_STORE_IMAGE_H

#include "store/store_txn.h"

/* Reads an image template. *out lives as long as the transaction. */
enum store_rc image_load(struct txn *txn, uint64_t id, struct image_template **out);
/* Returns the key of an image template in the list of its account. */
struct key image_list_key(uint64_t account, uint64_t id);
/* Finds out whether the account has any image template. */
enum store_rc image_any(struct txn *txn, uint64_t account, bool *any);

#endif
