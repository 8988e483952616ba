/*
 * store_message: messages, within a transaction.
 */
#ifndef SM_STORE_MESSAGE_H
#define SM_STORE_MESSAGE_H

#include "store/store_txn.h"

/* Ways to find a message by a text. */
enum by { BY_TRACKING = 'r', BY_TOKEN = 't', BY_TRANSPORT = 'x' };
struct key message_by_key(enum by by, const char *what, const char *more);
/* Its key in the list of account (0: all). */
struct key message_sent_key(uint64_t account, uint64_t id);
/* The message is the arena's. */
enum store_rc message_load(struct txn *txn, struct arena *a, uint64_t id, struct message **out);
enum store_rc message_write(struct txn *txn, const struct message *m);
/* Queues a postback about it, with that body. */
enum store_rc message_queue_postback(struct txn *txn, const struct message *m, const char *body);

#endif
