/*
 * deliver: what the parts of delivering messages share.
 */
#ifndef SM_DELIVER_H
#define SM_DELIVER_H

#include "decide.h"
#include "helper.h"
#include "transport.h"

/* One message of a batch on its way out. */
struct delivery {
	struct helper *h;
	const struct job *job;
	struct arena *arena;		/* until the message is handed over */
	struct message *m;
	const struct template *t;	/* NULL: it was deleted */
	const struct image_template *image;	/* of its personalized image; NULL: it has none, or that was removed */
	const char *handset;		/* last seen for the number */
	const char *page;		/* URL of its hosted page */
	struct decision d;
	struct transport_job way;	/* handed over when way.way is set */
	bool picture_failed;		/* the recipient's picture cannot be made: why says so */
	bool picture_later;		/* not now, that is */
	bool fell_back;			/* it goes as an SMS, or fails: why says for what reason */
	char why[TRANSPORT_WHY];
};

/* Decides how the message goes out and hands it to a transport: as an MMS, or as its
 * fallback SMS. Then way.rc says how that went; where it cannot go at all, way.way is
 * NULL and why says why. */
void deliver_out(struct delivery *d);

#endif
