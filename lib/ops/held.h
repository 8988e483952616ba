/*
 * held: what the operator decides of messages that are held (store_held.h).
 */
#ifndef SM_HELD_H
#define SM_HELD_H

#include "model/settings.h"
#include "store/store.h"

/* Ends a held message as failed and queues the postback E101 that says so, if its account has a
 * postback-url. The arena gives the memory. Returns ST_NOTFOUND, and changes nothing, if the
 * message is not held. */
enum store_rc held_fail(struct store *st, const struct settings *s, uint64_t message,
    struct arena *a) __attribute__((warn_unused_result));

/* Discards a job; for the delivery of a message that is held it does what held_fail() does. Else it
 * returns what store_job_discard() does. */
enum store_rc held_discard(struct store *st, const struct settings *s, uint64_t job,
    struct arena *a) __attribute__((warn_unused_result));

#endif
