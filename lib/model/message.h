/*
 * message: a saved MMS on its way to one number (SPEC 6), as the store keeps it.
 *
 * What the caller gave for this message alone is here; everything else is the
 * template's. What the transport and the handset said of it is here, too.
 */
#ifndef SM_MESSAGE_H
#define SM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/routing.h"
#include "model/settings.h"

struct arena;
struct buf;

enum {
	TRACKING = 33,       /* 32 of A-Z a-z 0-9 and the NUL: TRACKINGID, and the page's token */
	MESSAGE_TEXTS = 100, /* slides there may be */
	MESSAGE_VARS = 256   /* variables in DATA; more are refused (E100) */
};

enum message_state {
	MESSAGE_QUEUED,      /* the helper has yet to hand it to a transport */
	MESSAGE_SENT,        /* a transport took it (N101) */
	MESSAGE_DELIVERED,   /* a delivery report said so (N102, N202) */
	MESSAGE_UNDELIVERED, /* a delivery report said it will never be (E102, E202) */
	MESSAGE_FAILED,      /* no transport took it (E101) */
	MESSAGE_STATES
};

enum message_leg { LEG_NONE, LEG_MMS, LEG_SMS }; /* what it went out as; LEG_NONE: not yet */

struct message_var {
	const char *name; /* as SPEC 6.3 has it; sorted without regard to case, none twice */
	const char *value;
};

struct message_text {
	uint32_t slide;   /* from 1 */
	const char *text; /* instead of the slide's own */
};

struct message {
	uint64_t id; /* 0 until stored */
	uint64_t account, mmsid;
	uint32_t version; /* raised by each change, for compare-and-set */
	int64_t created;  /* microseconds */
	int64_t expires;  /* of its hosted page, microseconds */
	char tracking[TRACKING];
	char token[TRACKING]; /* of its hosted page: /m/<token> */
	/* as asked for; "" when not given */
	const char *to, *from, *from_mask, *operator_id;
	const char *subject, *fallback, *reference;
	/* scheme, host and path under which its page is reached, no slash at the end */
	const char *base;
	bool no_fallback, no_fallback_link; /* the request's word, else the template's */
	struct message_text *text;
	size_t ntext;
	struct message_var *var;
	size_t nvar;
	/* what became of it */
	enum message_state state;
	enum message_leg leg;
	char class[CLASS_NAME];     /* of the renditions that were sent; "" for SMS */
	char carrier[ROUTE_NAME];   /* "" unknown */
	char transport[ROUTE_NAME]; /* that took it; "" none yet */
	const char *transport_id;   /* what the transport calls it; "" none */
	const char *handset;        /* as the report named it; "" unknown */
	int64_t sent, reported;     /* microseconds; 0: not yet */
	uint64_t opened;            /* times its page was looked at */
	const char *why;            /* STATUSDETAILS of its state; "" none */
};

/* A message of which nothing is given: each text is "", everything else 0. */
extern const struct message message_empty;
/* The same with a TRACKINGID as long as any, which counts where a transport has a limit: for
 * previews. */
extern const struct message message_to_nobody;

const char *message_state_name(enum message_state s); /* "queued", "sent", ... */
const char *message_leg_name(enum message_leg l);     /* "", "MMS", "SMS" */

/* Sorts the variables as struct message_var says; of two with one name the first
 * stays. False: memory is short. */
bool message_sort_vars(struct arena *a, struct message *m) __attribute__((warn_unused_result));

/* The text the message has on slide (from 1): its own, else own_of_slide. May be NULL. */
const char *message_slide_text(const struct message *m, uint32_t slide, const char *own_of_slide);

/* Appends the record (savemms-store.5); check buf_ok(). */
void message_encode(const struct message *m, struct buf *out);
/* Reads it; all memory is the arena's. NULL for a record that is not whole, of a newer
 * version, or when memory is short. id and version are the caller's to set. */
struct message *message_decode(struct arena *a, const char *p, size_t n);

#endif
