/*
 * store_image: image templates, within a transaction.
 */
#ifndef SM_STORE_IMAGE_H
#define SM_STORE_IMAGE_H

#include "store/store_txn.h"

/* The image template is the transaction's. */
enum store_rc image_load(struct txn *txn, uint64_t id, struct image_template **out);
/* Its key in the list of its account. */
struct key image_list_key(uint64_t account, uint64_t id);
/* Has the account any? */
enum store_rc image_any(struct txn *txn, uint64_t account, bool *any);

#endif
