/*
 * store_plan: reads plans, for the check of the store.
 */
#ifndef SM_STORE_PLAN_H
#define SM_STORE_PLAN_H

#include "base/arena.h"
#include "store/kv/kv.h"

/* Returns true if v is the record of a plan. */
bool plan_readable(struct arena *a, struct slice v);

#endif
