/*
 * transport: one small interface to all the ways out for messages. lib/model/routing.h decides
 * which of them a message takes.
 */
#ifndef SM_TRANSPORT_H
#define SM_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/message.h"
#include "model/routing.h"
#include "model/settings.h"
#include "send/compose.h"

struct arena;

enum transport_rc {
	TRANSPORT_TAKEN,   /* accepted; id is set if the receiver gives one */
	TRANSPORT_AGAIN,   /* to be tried again later; why is set */
	TRANSPORT_TOO_BIG, /* refused for its size or the abilities of the handset: the fallback is
	                      due; why is set */
	TRANSPORT_REFUSED  /* refused for good; why is set */
};

enum { TRANSPORT_ID = 128, TRANSPORT_WHY = 200 };

struct transport_job {
	const struct settings *settings;
	const struct transport *transport; /* the transport to use */
	const struct message *m;
	const struct composed *mms; /* an MMS; NULL: an SMS */
	const char *sms;            /* the text of the SMS, UTF-8 */
	/* URL for delivery reports of this message; "": none are wanted */
	const char *report_url;
	/* transport_submit() sets these */
	enum transport_rc rc;
	char id[TRANSPORT_ID];
	char why[TRANSPORT_WHY];
};

/* Hands the message over and sets rc, id and why. A message that is handed over again carries the
 * same identity (the TRACKINGID: the name of the spool file, the TransactionID of MM7), so that a
 * receiver can recognise a repetition after a crash. The transport uses a for its own memory.
 * TRANSPORT_TAKEN counts only after transport_settle(). */
void transport_submit(struct transport_job *j, struct arena *a);

/* Returns the number of bytes that transport_submit() would send for j->mms, media put in: the
 * body of the HTTP request or the file of the spool. The number is exact, except for a spool that
 * refers to media: there it is the size that the reader would put together. Reads transport, m,
 * mms and report_url of the job; opens and draws nothing: pure. Returns 0 for a transport without
 * MMS and UINT64_MAX if memory is short. */
uint64_t transport_wire(const struct transport_job *j);

/* Tells whether a message that is handed over twice goes out twice. If so, the caller must commit
 * to disk that it was taken before it hands over the next. */
bool transport_repeats(const struct transport *t);

/* Tells whether what this transport took counts only after transport_settle(). */
bool transport_settles(const struct transport *t);

/* Makes safe what this thread has handed over since the last call: the n jobs, all of one
 * instance. The spool does one sync for all of its jobs among them; transports whose receiver has
 * answered need nothing. A job that cannot be made safe becomes TRANSPORT_AGAIN. */
void transport_settle(struct transport_job *const *j, size_t n);

#endif
