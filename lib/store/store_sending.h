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
	int64_t lasts;           /* its page, from now, in microseconds; but no longer than until */
	struct message *m;       /* its expires; INT64_MAX: nobody has named such a time */
	const struct keep *keep; /* NULL: no answer is kept (store/kept/kept.h) */
};

/* Stores all of it, or nothing, on disk when it returns ST_OK. The template is in no list and goes
 * when the message's page does. The message is delivered as soon as the template is ready: now, or
 * when the last encode ends; if that fails, or the template has failed already, so does the message
 * (store_job_done()). Sets what
 * store_template_create() and store_message_create() set. Returns ST_CONFLICT in layout 1,
 * and if the key of what is kept is lost. */
enum store_rc store_sending_create(struct store *st, const struct sending *s);

/* Sets *once if sendMMS made the template, and *message to the message that waits for it (0: none,
 * or the entry that says it cannot be read). */
enum store_rc store_sending_of(struct store *st, const struct template *t, bool *once,
    uint64_t *message);

/* Ends the message that waits for the template, if one does and its time is over
 * (message_overdue()): it has failed, and the postback that the writer makes of it is queued, if
 * its account has a postback-url; *ended says so. ST_NOMEM if the writer fails. */
enum store_rc store_sending_overdue(struct store *st, uint64_t account, uint64_t id,
    const struct postback_writer *writer, bool *ended);

/* A walk over the templates of sendMMS whose links have expired, in all accounts, the first to
 * expire first. It begins at 0, 0, 0. */
struct sending_expiry {
	int64_t expires; /* microseconds */
	uint64_t account, id;
	bool gone; /* its message is not to be sent any more: the template is to be removed */
};
/* Moves x on to the next of them. Returns ST_NOTFOUND behind the last, and ST_CORRUPT for one whose
 * entry cannot be read. If x has not moved, the store itself could not be read. */
enum store_rc store_sending_expired(struct store *st, struct sending_expiry *x);
/* Ends what the walk finds of a template that does not exist any more. */
enum store_rc store_sending_forget(struct store *st, const struct sending_expiry *x);

#endif
