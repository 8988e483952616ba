/*
 * choose: the best of what a decision allows: the largest class that composes within
 * its limit (SPEC 6.4). Pure.
 */
#ifndef SM_CHOOSE_H
#define SM_CHOOSE_H

#include <stdbool.h>

#include "compose.h"
#include "decide.h"

struct choice {
	const struct composed *mms;	/* NULL: none fits, the fallback SMS is due */
	const struct class *class;
	unsigned attach;		/* what of it is attached */
};

enum choose_picture {
	CHOOSE_PICTURE,		/* *out is the recipient's picture, in this class */
	CHOOSE_SMALLER,		/* it does not fit this class */
	CHOOSE_NONE		/* there is none to be had: the search ends */
};

/* Where the template has a personalized image: makes the picture for a class. NULL: the one
 * with the defaults goes, as it is stored. */
typedef enum choose_picture choose_picture_fn(void *ctx, const struct class *c, struct compose_picture *out);

/* base says what is composed, all but class, attach and picture. Calendars and PDFs that would
 * be attached become links before the message becomes an SMS. False: memory is short, or
 * picture said CHOOSE_NONE. */
bool choose(struct arena *a, const struct decision *d, const struct compose_in *base, choose_picture_fn *picture,
    void *ctx, struct choice *out) __attribute__((warn_unused_result));

#endif
