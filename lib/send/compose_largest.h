/*
 * compose_largest: finds the largest class that a decision allows and that composes within its
 * limits (savemms-api(7), What arrives). Pure.
 */
#ifndef SM_COMPOSE_LARGEST_H
#define SM_COMPOSE_LARGEST_H

#include <stdbool.h>

#include "send/choose_class.h"
#include "send/compose.h"

struct choice {
	const struct composed *mms; /* NULL: no class fits, so the fallback SMS is due */
	const struct class *class;
	unsigned attach; /* bit per enum kind: the objects attached */
	/* the smallest form of a message of which no class fits; NULL: one fits, or the carrier has
	 * no MMS */
	const struct composed *least;
};

/* Composes *base in the largest class that fits; base->class and base->attach are ignored. Before
 * it gives up and leaves the message to the fallback SMS, it turns calendars and PDFs from
 * attachments into links. *out points into *d and the arena. Returns false if memory is short. */
bool compose_largest(struct arena *a, const struct decision *d, const struct compose_in *base,
    struct choice *out) __attribute__((warn_unused_result));

enum { COMPOSE_WHY = 200 };

/* Writes for people why the message does not go as an MMS: what is too large, where something is,
 * and by which limits. c is best->least, or an MMS that its receiver refused for its size, or
 * NULL. */
void compose_explain(const struct decision *d, const struct composed *c, char out[COMPOSE_WHY]);

/* Composes for the transport of the decision: as compose() does, and also sets wire. The result
 * is in the arena. Returns NULL if memory is short. */
struct composed *compose_within(struct arena *a, const struct decision *d,
    const struct compose_in *in) __attribute__((warn_unused_result));

/* Tells whether the message is within all limits: those of carrier and handset, and that of the
 * transport. */
bool compose_fits(const struct decision *d, const struct composed *c);

/* Returns how many bytes a part that is not a text may have if it has bytes now, so that the
 * message stays within all limits. c must be within them. */
uint64_t compose_room(const struct decision *d, const struct composed *c, uint64_t bytes);

#endif
