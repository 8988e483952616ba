/*
 * needs: the files of this machine that savemms uses besides its libraries. Without one of them
 * savemms starts all the same, and something else fails later. So the programs say at their start
 * what is missing.
 */
#ifndef SM_NEEDS_H
#define SM_NEEDS_H

#include <stdbool.h>

#include "model/settings.h"

enum { NEEDS = 7, NEED_WHERE = 4096 };

struct need {
	const char *name;       /* "fonts" */
	const char *without;    /* what does not work if it is missing */
	const char *remedy;     /* what to do about it */
	bool there;             /* found, and this user may use it */
	char where[NEED_WHERE]; /* where it is, or where it was looked for; "": in several places */
};

/* Looks for everything, as the user that calls. The texts are constant. */
void needs_look(const struct settings *s, struct need out[NEEDS]);

/* Logs a warning for each thing that is missing. Returns how many are. A program that starts again
 * and again gives a file of the instance as seen (else NULL), in which it notes what it has said.
 * It then logs only what is not said there, and what is there again. */
unsigned needs_log(const struct settings *s, const char *seen);

#endif
