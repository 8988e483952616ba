/*
 * mms_random: a template and a message made from a number, of what validate_save() and
 * validate_send() let pass: one to nine slides, all kinds of media and objects, texts of all
 * lengths, with tags and without, and such as try to end a part or a header.
 */
#ifndef SM_MMS_RANDOM_H
#define SM_MMS_RANDOM_H

#include "model/message.h"
#include "model/template.h"
#include "send/compose.h"

enum { RANDOM_SLIDES = 9, RANDOM_MEDIA = 2 };

struct mms_random {
	uint32_t x; /* what comes next */
	struct template t;
	struct slide slide[RANDOM_SLIDES];
	struct medium medium[RANDOM_SLIDES][RANDOM_MEDIA];
	/* of images, audio and video, for one class */
	struct rendition rendition[RANDOM_SLIDES][RANDOM_MEDIA];
	struct message m;
	struct message_var var[2];
	struct compose_in in;
};

/* Fills all but sizes and names of blobs. values: the message may have values and texts of
 * its own, which make it longer than its template. Texts are the arena's. Ends the program when
 * memory is short. */
void mms_random(struct mms_random *r, struct arena *a, uint32_t seed, const char *class,
    bool values);

/* The next number, below n. */
uint32_t mms_random_below(struct mms_random *r, uint32_t n);

/* Shares sum out at random over images, audio and video, down to the byte. Returns false when
 * there are none. */
bool mms_random_share(struct mms_random *r, uint64_t sum);

#endif
