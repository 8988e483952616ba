/*
 * store_held: messages that are held for the operator. Of such a message nobody can tell whether
 * its transport took it, so its delivery job is a dead letter, with the reason, and the operator
 * decides what becomes of it. Until then it is queued, and never removed.
 */
#ifndef SM_STORE_HELD_H
#define SM_STORE_HELD_H

#include "store/store.h"

/* Finds the delivery job of a message that is held. Returns ST_NOTFOUND if it is not held. */
enum store_rc store_held_get(struct store *st, uint64_t message, struct arena *a, struct job **out);

/* Lets a held message be handed over again, now; its attempts are counted from zero. Returns
 * ST_NOTFOUND if it is not held. */
enum store_rc store_held_release(struct store *st, uint64_t message);

/* Ends a held message as failed, with why as its STATUSDETAILS, and queues the postback that the
 * writer makes from it, if its account has a postback-url; writer may be NULL. Returns ST_NOTFOUND,
 * and changes nothing, if it is not held, and ST_NOMEM if the writer fails. */
enum store_rc store_held_fail(struct store *st, uint64_t message, const char *why,
    const struct postback_writer *writer);

#endif
