/*
 * gcra: a rate kept in one number (the generic cell rate algorithm). Pure.
 */
#ifndef SM_GCRA_H
#define SM_GCRA_H

#include <stdint.h>

/* One more event at now, where n may come at once and then one each `each`, all in one
 * unit of time. arrival is the number kept, 0 at first; a value so far ahead that the clock
 * must have been set back counts as none. The number to keep, or -1: too many. */
int64_t gcra_next(int64_t arrival, int64_t now, int64_t each, int64_t n);

#endif
