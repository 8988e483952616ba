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
/* Makes a message ready to be stored as a new one: gives it its random texts, its first version and
 * its state. It is called before the transaction, once. */
void message_begin(struct message *m);
/* Stores it; sets its id and created. No job delivers it yet. */
enum store_rc message_insert(struct txn *txn, struct message *m);
/* Queues the job that delivers a message of that account and template. */
enum store_rc message_queue_delivery(struct txn *txn, uint64_t account, uint64_t mmsid,
    uint64_t message);
/* Queues a postback about the message, with that body. */
enum store_rc message_queue_postback(struct txn *txn, const struct message *m, const char *body);

#endif
