/*
 * store_message: reads and writes messages within a transaction.
 */
#ifndef SM_STORE_MESSAGE_H
#define SM_STORE_MESSAGE_H

#include "store/store_txn.h"

/* Ways to find a message by a text. */
enum by { BY_TRACKING = 'r', BY_TOKEN = 't', BY_TRANSPORT = 'x' };
/* Returns the key that leads from a text to a message. For BY_TRANSPORT what names the transport,
 * and more is the id that it gave; else more is "". */
struct key message_by_key(enum by by, const char *what, const char *more);
/* Returns the key of a message in the list of account (0: all). */
struct key message_sent_key(uint64_t account, uint64_t id);
/* Reads a message into the arena. */
enum store_rc message_load(struct txn *txn, struct arena *a, uint64_t id, struct message **out);
enum store_rc message_write(struct txn *txn, const struct message *m);
/* Queues a postback about the message, with that body. */
enum store_rc message_queue_postback(struct txn *txn, const struct message *m, const char *body);

#endif
