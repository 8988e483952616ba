/*
 * held: what ends messages that wait, and tells their customers: the operator, of those that are
 * held (store_held.h) and of jobs, or the time.
 */
#ifndef SM_HELD_H
#define SM_HELD_H

#include "model/settings.h"
#include "store/store.h"

/* Ends a held message as failed and queues the postback E101 that says so, if its account has a
 * postback-url. Returns ST_NOTFOUND, and changes nothing, if the message is not held. */
enum store_rc held_fail(struct store *st, const struct settings *s, uint64_t message)
    __attribute__((warn_unused_result));

/* Discards a job. The message that its end ends, if any, has failed, and a postback E101 says so as
 * with held_fail(). Returns what store_job_discard() does. */
enum store_rc held_discard(struct store *st, const struct settings *s, uint64_t job)
    __attribute__((warn_unused_result));

/* Ends the message that waits for the template of sendMMS, if its time is over
 * (store_sending_overdue()); a postback E101 says so as with held_fail(). */
enum store_rc held_overdue(struct store *st, const struct settings *s, uint64_t account,
    uint64_t mmsid, bool *ended) __attribute__((warn_unused_result));

#endif
