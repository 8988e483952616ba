/*
 * message_rules: what becomes of a message. Pure: nothing here knows how a message is stored.
 */
#ifndef SM_MESSAGE_RULES_H
#define SM_MESSAGE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "model/delivery_report.h"
#include "model/message.h"
#include "store/kv/kv.h"

/* Returns given, as the holder of its job leaves it, made the next version of what is stored. */
struct message message_ended(const struct message *stored, const struct message *given);

/* Records a report in the message. Returns ST_AGAIN while its delivery is not recorded yet, and
 * ST_EXISTS if it has reached its end already; then it changes nothing. */
enum store_rc message_reported(struct message *m, const struct report *r, int64_t now);

/* Ends a message as failed; why, which must outlive it, is the reason. */
void message_failed(struct message *m, const char *why, int64_t now);

/* Ends a queued message likewise. Returns false for any other. */
bool message_given_up(struct message *m, const char *why, int64_t now)
    __attribute__((warn_unused_result));

/* Ends a message whose time is over (message_overdue()). */
void message_expired(struct message *m, int64_t now);

/* Decides what a walk over the messages, oldest first, that forgets those created earlier than
 * before does at m. */
enum expire { EXPIRE_REMOVE, EXPIRE_KEEP, EXPIRE_STOP };
enum expire message_expires(const struct message *m, int64_t before);

#endif
