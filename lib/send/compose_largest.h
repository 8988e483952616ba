/*
 * compose_largest: the best of what a decision allows: the largest class that composes within
 * its limits (SPEC 6.4). Pure.
 */
#ifndef SM_COMPOSE_LARGEST_H
#define SM_COMPOSE_LARGEST_H

#include <stdbool.h>

#include "send/choose_class.h"
#include "send/compose.h"

struct choice {
	const struct composed *mms; /* NULL: none fits, the fallback SMS is due */
	const struct class *class;
	unsigned attach; /* what of it is attached */
};

/* base says what is composed, all but class and attach. Calendars and PDFs that would be
 * attached become links before the message becomes an SMS. False: memory is short. */
bool compose_largest(struct arena *a, const struct decision *d, const struct compose_in *base,
    struct choice *out) __attribute__((warn_unused_result));

/* Composes for the decision's transport: as compose(), and wire is set. NULL: memory is short. */
struct composed *compose_within(struct arena *a, const struct decision *d,
    const struct compose_in *in) __attribute__((warn_unused_result));

/* Is the message within all limits: of carrier and handset, and of the transport? */
bool compose_fits(const struct decision *d, const struct composed *c);

/* How large a part may become that has bytes now, other than a text, so that the message stays
 * within all limits. c is within them. */
uint64_t compose_room(const struct decision *d, const struct composed *c, uint64_t bytes);

#endif
