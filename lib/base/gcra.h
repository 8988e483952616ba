/*
 * gcra: a rate limit kept in one number, by the generic cell rate algorithm. Pure.
 */
#ifndef SM_GCRA_H
#define SM_GCRA_H

#include <stdint.h>

/* Counts one more event at now. n events may come at once, and after them one every `each`;
 * all times have the same unit. arrival is the number kept from the last event, 0 at first. A
 * value so far ahead that the clock must have been set back counts as 0. Returns the number to
 * keep, or -1 when there are too many events. */
int64_t gcra_next(int64_t arrival, int64_t now, int64_t each, int64_t n);

#endif
