/*
 * turn: decides which waiting request starts next, so that no account keeps others waiting. Pure.
 */
#ifndef SM_TURN_H
#define SM_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "media/transcode.h"

/* What is known of a request, waiting or running. */
struct turn_job {
	uint64_t account; /* 0: of no account */
	uint32_t kind;    /* enum transcode_kind */
};

/* The requests that wait, oldest first, and those that run. */
struct turn {
	const struct turn_job *waiting, *running;
	unsigned nwaiting, nrunning;
	const unsigned *most; /* for each kind: how many may run */
};

/* Returns the index of the waiting request that may start, or -1. Of each kind, the account with
 * the fewest running comes first, then the oldest request. Beyond the most, one more may run for an
 * account that has none of this kind running: an account that holds all places cannot keep another
 * one out for as long as its media take. */
int turn_next(const struct turn *t);

/* Returns whether one more request of this account may wait, when at most places can: an account
 * may take half of them. */
bool turn_may_wait(const struct turn *t, uint64_t account, unsigned places);

#endif
