/*
 * once: the templates that sendMMS made, within a transaction.
 *
 * Such a template belongs to one message. It is in no list, but in the table TAB_ONCE, which says
 * when it goes, which message it is for, and whether that waits until its media are encoded. Only
 * stores of layout 2 have that table.
 */
#ifndef SM_ONCE_H
#define SM_ONCE_H

#include "store/queue/give_up.h"

struct once {
	int64_t expires; /* microseconds */
	uint64_t message;
	bool waits; /* for the template */
};

enum { ONCE_VALUE = 17 };

/* Why a message fails whose template has failed. */
#define ONCE_FAILED "its audio or video could not be encoded"

/* Returns the key of a template in TAB_ONCE. */
struct key once_key(uint64_t account, uint64_t id);
/* Returns that of a template in TAB_GOES, which has them in the order in which they expire. */
struct key once_goes_key(int64_t expires, uint64_t account, uint64_t id);
/* Reads its value. Returns ST_NOTFOUND if the template is not of sendMMS. */
enum store_rc once_get(struct txn *txn, uint64_t account, uint64_t id, struct once *out);
/* Adds the entries of a new template. */
enum store_rc once_insert(struct txn *txn, const struct template *t, const struct once *o);

/* Tells whether the message is still to be sent, so that its template must stay. */
enum store_rc once_needed(struct txn *txn, const struct once *o, bool *needed);

/* In all that follow, an entry that cannot be read counts as one for which no message waits; it is
 * logged, and holds nothing up. */

/* Decides to which message the encoding postback of a template belongs. That of sendMMS belongs to
 * the message that waits, and so comes before those of its delivery: *message is that message. Any
 * other belongs to the template: *message is 0. *told is false if no message waits any more, for
 * what ended the wait has told its customer how the message ended; and for a template that is
 * ready, but too late for its message (message_overdue()), which is not sent. */
enum store_rc once_postback(struct txn *txn, const struct template *t, uint64_t *message,
    bool *told);

/* Ends the wait of the message for the template, if it waits and the template is ready or has
 * failed: queues the delivery, or ends the message as failed. Returns ST_OK for any template. */
enum store_rc once_settle(struct txn *txn, const struct template *t);
/* Ends it, and sets *message to the message that waited (0: none); what becomes of that is the
 * caller's business. */
enum store_rc once_end_wait(struct txn *txn, uint64_t account, uint64_t id, uint64_t *message);
/* Ends it for a template that will never be ready: the message fails, as end says. */
enum store_rc once_give_up(struct txn *txn, uint64_t account, uint64_t id,
    const struct give_up *end);
/* Removes the entries of a template that is removed. A message that waits for it is delivered now,
 * and so fails like any other whose template is gone; *queued says so. Returns ST_NOTFOUND if it
 * had none. */
enum store_rc once_remove(struct txn *txn, const struct template *t, bool *queued);

/* Finds out whether the account has such templates. */
enum store_rc once_any(struct txn *txn, uint64_t account, bool *any);

#endif
