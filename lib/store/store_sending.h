/*
 * store_sending: what sendMMS stores, a template and its one message; a part of store.h.
 */
#ifndef SM_STORE_SENDING_H
#define SM_STORE_SENDING_H

#include "store/store.h"

/* Returns ST_CONFLICT if the store has layout 1, in which sendMMS cannot store anything; else ST_OK
 * or why the store cannot be read. */
enum store_rc store_sending_possible(struct store *st);

struct sending {
	struct template *t;
	struct job *jobs; /* the encodes of its media; the caller's */
	size_t njobs;
	/* Its expires says how long its page lasts from now, in microseconds. */
	struct message *m;
};

/* Stores all of it, or nothing, on disk when it returns ST_OK. The template is in no list and goes
 * when the message's page does. The message is delivered as soon as the template is ready: now, or
 * when the last encode ends; if that fails, or the template has failed already, so does the message
 * (store_job_done()). Sets what
 * store_template_create() and store_message_create() set. Returns ST_CONFLICT in layout 1. */
enum store_rc store_sending_create(struct store *st, const struct sending *s);

/* Sets *once if sendMMS made the template, and *message to the message that waits for it (0: none,
 * or the entry that says it cannot be read). */
enum store_rc store_sending_of(struct store *st, const struct template *t, bool *once,
    uint64_t *message);

/* Finds the next template of sendMMS behind *account and *id (0, 0: the first) that has expired and
 * whose message is not to be sent any more, and sets these to its own. Returns ST_NOTFOUND at the
 * end, and ST_CORRUPT for one whose entry cannot be read, which *account and *id name then. Behind
 * an account's first template that has not expired it goes on with the next account. */
enum store_rc store_sending_expired(struct store *st, uint64_t *account, uint64_t *id);

#endif
