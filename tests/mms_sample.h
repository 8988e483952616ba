/*
 * mms_sample: a template of three slides with real blobs, and a message, to compose in
 * tests and measurements.
 */
#ifndef SM_MMS_SAMPLE_H
#define SM_MMS_SAMPLE_H

#include "model/message.h"
#include "model/settings.h"
#include "model/template.h"
#include "send/compose.h"

struct mms_sample {
	struct template t;
	struct slide slide[3];
	/* image · audio, vCard (of slide 2) · video, and a PDF of none */
	struct medium medium[5];
	struct rendition rendition[3];
	struct message m;
	struct message_var var[4];
	struct compose_in in;
};

/* Slide 1 image and text, slide 2 audio and text, slide 3 video and text; each medium has a
 * rendition for class M. The blobs are put into the instance when put is true. Ends the
 * program when it cannot. */
void mms_sample(struct mms_sample *s, const struct settings *settings, bool put);

/* Gives the message another TRACKINGID, made of n. */
void mms_sample_tracking(struct mms_sample *s, uint64_t n);

/* Puts n bytes, made from seed, as a blob; its name in sha. */
void mms_sample_blob(const struct settings *settings, unsigned seed, size_t n,
    char sha[SHA256_HEX]);

#endif
