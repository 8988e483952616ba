/*
 * store_template: reads and writes templates within a transaction.
 */
#ifndef SM_STORE_TEMPLATE_H
#define SM_STORE_TEMPLATE_H

#include "store/store_txn.h"

/* Reads a template. *out lives as long as the transaction. */
enum store_rc template_load(struct txn *txn, uint64_t id, struct template **out);
enum store_rc template_write(struct txn *txn, const struct template *t);
/* Stores a new template and its jobs; sets its id, created and version, and what
 * store_template_create() sets of the jobs. It is in no list yet. */
enum store_rc template_insert(struct txn *txn, struct template *t, struct job *jobs, size_t njobs);
/* Reads the value of a template's record into the arena. Returns NULL if it cannot be read, or if
 * memory is short (arena_failed()). */
struct template *template_decode_value(struct arena *a, uint64_t id, struct slice v);
/* Returns the key of a template in the list of account (0: all). */
struct key template_list_key(uint64_t account, const struct template *t);

#endif
