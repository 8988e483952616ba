/*
 * compose_sms: makes the fallback SMS of a message (savemms-api(7), What arrives). Pure.
 */
#ifndef SM_COMPOSE_SMS_H
#define SM_COMPOSE_SMS_H

#include "send/compose.h"

/* The longest SMS: 255 pieces (the number of pieces is one byte, 3GPP TS 23.040, 9.2.3.24.1) of 153
 * septets or 67 UTF-16 units, SMS_BYTES bytes of UTF-8, and SMS_URL bytes in the URL of the
 * gateway, where most characters take 3 bytes or more. The URL ends at HTTP_CLIENT_URL; the rest of
 * it is for the addresses. */
enum {
	SMS_PIECES = 255,
	SMS_SEPTETS = 153,
	SMS_UNITS = 67,
	SMS_BYTES = SMS_PIECES * SMS_SEPTETS,
	SMS_URL = 48 << 10
};

struct sms {
	const char *text; /* in the arena; "": there is nothing to send */
	size_t cut;       /* characters that the end of the text has lost */
};

/* Makes the text: the first that is not blank once its tags are filled in, of the fallback text of
 * the message, that of the template, the subject of the message and that of the template; then a
 * space and the URL of the page, unless the message switches it off. A text that is too long loses
 * its end, never the URL. Returns false if memory is short. */
bool compose_sms(struct arena *a, const struct compose_in *in, struct sms *out)
    __attribute__((warn_unused_result));

#endif
