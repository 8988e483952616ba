/*
 * give_up: ends a message that is not sent, and tells its customer, within a transaction.
 */
#ifndef SM_GIVE_UP_H
#define SM_GIVE_UP_H

#include "store/store_message.h"

/* Why a message ends, as the customer reads it, and what writes the postback that says so; NULL:
 * none does. */
struct give_up {
	const char *why;
	const struct postback_writer *writer;
};

/* Ends a message that is still queued as failed, and tells its customer. A message that cannot be
 * read stays as it is. */
enum store_rc give_up(struct txn *txn, uint64_t message, const struct give_up *g);
/* Queues the postback that the writer (NULL: none) makes of the message, if its account has a
 * postback-url. Returns ST_NOMEM if the writer fails. */
enum store_rc give_up_tell(struct txn *txn, const struct message *m,
    const struct postback_writer *writer);

#endif
