/* plant: pairs of the store's engine changed behind its back. */
#ifndef SM_PLANT_H
#define SM_PLANT_H

#include "store/kv/store_key.h"
#include "store/store_private.h"

/* Puts a pair, or removes it where value is NULL; the test fails when that fails. */
void plant(struct store *st, const struct key *k, const void *value, size_t n);

#endif
