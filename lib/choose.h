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

/* base says what is composed, all but class and attach. Calendars and PDFs that would be
 * attached become links before the message becomes an SMS. False: memory is short. */
bool choose(struct arena *a, const struct decision *d, const struct compose_in *base, struct choice *out)
    __attribute__((warn_unused_result));

#endif
