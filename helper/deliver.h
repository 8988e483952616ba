/*
 * deliver: what the parts of delivering messages share.
 */
#ifndef SM_DELIVER_H
#define SM_DELIVER_H

#include "helper/helper.h"
#include "personal/personal_image.h"
#include "send/choose_class.h"
#include "send/compose_largest.h"
#include "send/transport.h"

/* One message of a batch on its way out. */
struct delivery {
	struct helper *h;
	const struct job *job;
	struct arena *arena; /* until the message is handed over */
	struct message *m;
	const struct template *t; /* NULL: it was deleted */
	const char *handset;      /* last seen for the number */
	const char *page;         /* URL of its hosted page */
	const char *report_url;   /* where reports of it are to come to */
	struct decision d;
	struct transport_job handover; /* made when its transport is set */
	bool fell_back;                /* it goes as an SMS, or fails: why says for what reason */
	char why[TRANSPORT_WHY];
};

/* Decides how the message goes out and hands it to a transport: as an MMS, or as its
 * fallback SMS. Then handover.rc says how that went; where it cannot go at all,
 * handover.transport is NULL and why says why. */
void deliver_out(struct delivery *d);

/* Makes best, which compose_largest() composed, hold the recipient's own picture where the template
 * has a personalized image. PERSONAL_IMAGE_OK: best->mms is to be sent. Else why says why not, for
 * STATUSDETAILS: PERSONAL_IMAGE_VALUE, never (a value cannot be drawn, the image template is gone);
 * PERSONAL_IMAGE_TOO_BIG, not as an MMS; PERSONAL_IMAGE_FAILED, not now. */
enum personal_image_rc deliver_personal_image(struct delivery *d, const struct compose_in *base,
    struct choice *best, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

#endif
