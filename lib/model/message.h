/*
 * message: a saved MMS on its way to one number (savemms-api(7), Sending), as the store keeps
 * it.
 *
 * A message holds what the caller gave for it alone, and what the transport and the handset
 * said about it. The template holds everything else.
 */
#ifndef SM_MESSAGE_H
#define SM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/dialect.h"
#include "model/routing.h"
#include "model/settings.h"

struct arena;
struct buf;

enum {
	TRACKING = 33, /* of TRACKINGID and of the page's token: 32 of A-Z a-z 0-9 and the NUL */
	MESSAGE_TEXTS = 100, /* most slides */
	MESSAGE_VARS = 256   /* most variables in DATA; more are refused (E100) */
};

enum message_state {
	MESSAGE_QUEUED,      /* the helper has yet to hand it to a transport */
	MESSAGE_SENT,        /* a transport took it (N101) */
	MESSAGE_DELIVERED,   /* a delivery report said so (N102, N202) */
	MESSAGE_UNDELIVERED, /* a delivery report said that it never will be (E102, E202) */
	MESSAGE_FAILED,      /* no transport took it (E101) */
	MESSAGE_STATES
};

/* The form in which a message was sent; LEG_NONE: not yet. */
enum message_leg { LEG_NONE, LEG_MMS, LEG_SMS };

struct message_var {
	const char *name; /* of a merge tag; sorted without regard to case, each once */
	const char *value;
};

struct message_text {
	uint32_t slide;   /* from 1 */
	const char *text; /* replaces the slide's own */
};

struct message {
	uint64_t id; /* 0 until stored */
	uint64_t account, mmsid;
	uint32_t version;     /* raised by each change, for compare-and-set */
	int64_t created;      /* microseconds */
	int64_t expires;      /* end of its hosted page, microseconds */
	int64_t not_after;    /* no attempt to send it begins later, microseconds; 0: any may */
	enum dialect dialect; /* of the request that sent it: its postbacks speak it */
	char tracking[TRACKING];
	char token[TRACKING]; /* of its hosted page: /m/<token> */
	/* as asked for; "" when not given */
	const char *to, *from, *from_mask, *operator_id;
	const char *subject, *fallback, *reference;
	/* scheme, host and path under which its page is reached, no slash at the end */
	const char *base;
	bool no_fallback, no_fallback_link; /* as the request says, else the template */
	struct message_text *text;
	size_t ntext;
	struct message_var *var;
	size_t nvar;
	/* what became of the message */
	enum message_state state;
	enum message_leg leg;
	char class[CLASS_NAME];     /* of the renditions that were sent; "" for SMS */
	char carrier[ROUTE_NAME];   /* "": unknown */
	char transport[ROUTE_NAME]; /* that took it; "": none yet */
	const char *transport_id;   /* the id the transport gave it; "": none */
	const char *handset;        /* as the report named it; "": unknown */
	/* What the report said, as report_kind_name() names it, or Expired for a message that
	 * failed after its not_after; "": none yet. */
	const char *outcome;
	int64_t sent, reported; /* microseconds; 0: not yet */
	uint64_t opened;        /* how often its page was opened */
	const char *why;        /* STATUSDETAILS of its state; "": none */
};

/* A message of B or C is sent within 3 days, or within what the request names, if that is less
 * (savemms-api(7), Dialects, mms-expiry-timestamp). */
#define MESSAGE_LASTS (INT64_C(3) * 86400 * 1000000)

/* STATUSDETAILS of one that was not sent by then. */
#define MESSAGE_EXPIRED "expired before it was sent"

/* An empty message: each text is "", everything else is 0. */
extern const struct message message_empty;
/* An empty message for previews, with a TRACKINGID of the usual length, which counts where a
 * transport has a size limit. */
extern const struct message message_to_nobody;

const char *message_state_name(enum message_state s); /* "queued", "sent", ... */
const char *message_leg_name(enum message_leg l);     /* "", "MMS", "SMS" */

/* Sorts the variables as struct message_var says, into memory of the arena. Of two with the same
 * name, the first stays. Returns false when memory is short. */
bool message_sort_vars(struct arena *a, struct message *m) __attribute__((warn_unused_result));

/* Returns the text of the message on a slide, counted from 1: the message's own, else
 * own_of_slide, which may be NULL. */
const char *message_slide_text(const struct message *m, uint32_t slide, const char *own_of_slide);

/* Tells whether its time is over, so that no attempt may begin. */
bool message_overdue(const struct message *m, int64_t now);
/* Returns in how many seconds the next attempt begins that is to begin in delay_s: not later than
 * just after its time is over, when it is found to be. */
uint64_t message_delay(const struct message *m, int64_t now, uint64_t delay_s);

/* Appends the record (savemms-store(5)) to out; check buf_ok(). */
void message_encode(const struct message *m, struct buf *out);

/* Reads such a record of n bytes into memory of the arena. The caller sets id and version.
 * Returns NULL for a record that is not whole or of a newer version, or when memory is short. */
struct message *message_decode(struct arena *a, const char *p, size_t n);

#endif
