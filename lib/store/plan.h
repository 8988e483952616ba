/*
 * plan: results of encoding a source, kept for reuse; a part of store.h of its own.
 */
#ifndef SM_PLAN_H
#define SM_PLAN_H

#include "store/store.h"

struct plan_claim {
	const char *plan;  /* its name: a SHA-256 in hex of all that decides its result */
	const char *owner; /* wants to make it */
	uint64_t hold_ms;  /* how long the owner holds it */
};
/* Looks a plan up. ST_OK: *text is what store_plan_put() was given. ST_NOTFOUND: nobody has made
 * it; the owner now holds it and makes it. ST_AGAIN: another owner is making it. */
enum store_rc store_plan_take(struct store *st, const struct plan_claim *c, struct arena *a,
    const char **text);
/* Holds it for hold_ms from now. Returns ST_CONFLICT if this owner does not hold it any more. */
enum store_rc store_plan_hold(struct store *st, const struct plan_claim *c);
/* Records the result of a plan, for all who ask later. Returns ST_CONFLICT if this owner does not
 * hold it any more; whoever holds it records the same. */
enum store_rc store_plan_put(struct store *st, const struct plan_claim *c, const char *text);
/* Gives up a plan that its owner could not make. Returns ST_CONFLICT likewise. */
enum store_rc store_plan_drop(struct store *st, const struct plan_claim *c);
/* Forgets a result whose blobs are gone. Returns ST_CONFLICT unless the plan still has this text,
 * that of store_plan_take() or store_plan_next(): it may have been made anew since. */
enum store_rc store_plan_forget(struct store *st, const char *plan, const char *text);
/* Finds the first finished plan above after ("" to begin). *text is "" if it cannot be read. */
enum store_rc store_plan_next(struct store *st, const char *after, struct arena *a,
    char plan[SHA256_HEX], const char **text);

#endif
