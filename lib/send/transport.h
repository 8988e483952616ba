/*
 * transport: the ways out for messages, behind one small interface. Which one a
 * message takes is lib/model/routing.h's to say.
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
	TRANSPORT_TAKEN,   /* it is theirs now: id, if it says one */
	TRANSPORT_AGAIN,   /* not now: to be tried again later; why */
	TRANSPORT_TOO_BIG, /* refused for its size or for what the handset can do: the fallback is
	                      due; why */
	TRANSPORT_REFUSED  /* for good; why */
};

enum { TRANSPORT_ID = 128, TRANSPORT_WHY = 200 };

struct transport_job {
	const struct settings *settings;
	const struct transport *transport; /* by which it goes */
	const struct message *m;
	const struct composed *mms; /* an MMS, or NULL and then */
	const char *sms;            /* the text of an SMS, UTF-8 */
	/* where delivery reports of this message are to be sent; "" nowhere */
	const char *report_url;
	/* set by transport_submit() */
	enum transport_rc rc;
	char id[TRANSPORT_ID];
	char why[TRANSPORT_WHY];
};

/* Hands the message over. The same message handed over again bears the same identity
 * (the TRACKINGID: name of the spool file, TransactionID of MM7), so that a second
 * time after a crash can be recognised. a is for its own use. A job with TRANSPORT_TAKEN
 * counts only after transport_settle(). */
void transport_submit(struct transport_job *j, struct arena *a);

/* The bytes that transport_submit() would send of j->mms, media put in: the body of the HTTP
 * request, the file of the spool. Exact, but for a spool that refers to media: what its reader
 * would have to put together. transport, m, mms and report_url of the job are looked at, nothing is
 * opened or drawn: pure. 0: a transport without MMS. UINT64_MAX: memory is short. */
uint64_t transport_wire(const struct transport_job *j);

/* Does a message that is handed over twice go out twice? Then that it was taken is to be on
 * disk before the next is handed over. */
bool transport_repeats(const struct transport *t);

/* Makes what was handed over since the last call, by this thread, safe: one sync for all of the n
 * jobs (spool; the jobs are of one instance), nothing for those that answer for themselves. A job
 * that cannot be made safe becomes TRANSPORT_AGAIN. */
void transport_settle(struct transport_job *const *j, size_t n);

#endif
