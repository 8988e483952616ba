/*
 * deliver: declarations that the parts of delivering messages share.
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
	struct arena *arena; /* lives until the message is handed over */
	struct message *m;
	const struct template *t; /* NULL: it was deleted */
	const char *handset;      /* the last one seen for this number */
	const char *page;         /* URL of the hosted page */
	const char *report_url;   /* URL for delivery reports */
	struct decision d;
	struct transport_job handover; /* valid if its transport is set */
	bool noted;                    /* it was handed over by an earlier try (handed.h) */
	bool fell_back; /* the message goes as an SMS or fails, for the reason in why */
	char why[TRANSPORT_WHY];
};

/* Decides how the message goes out and hands it to a transport, as an MMS or as its fallback SMS.
 * handover.rc then gives the result. If the message cannot go at all, handover.transport is NULL
 * and why gives the reason. */
void deliver_out(struct delivery *d);

/* Puts the personal image of the recipient into best, which compose_largest() composed, if the
 * template has a personalized image. With PERSONAL_IMAGE_OK best->mms is to be sent. Otherwise
 * why gives the reason, for STATUSDETAILS: PERSONAL_IMAGE_VALUE means never (a value cannot be
 * drawn, or the image template is gone), PERSONAL_IMAGE_TOO_BIG means not as an MMS,
 * PERSONAL_IMAGE_FAILED means not now. */
enum personal_image_rc deliver_personal_image(struct delivery *d, const struct compose_in *base,
    struct choice *best, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* Does n jobs that deliver messages, as encode_run() does one. */
void deliver_run(struct helper *h, struct job *const *jobs, size_t n, struct arena *a);

#endif
