/*
 * trial: decides what the answers of a web server say about how savemms is installed behind it.
 * Pure.
 */
#ifndef SM_TRIAL_H
#define SM_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

enum { TRIAL_TEXT = 200 };

/* What was found out about one thing. */
struct trial_line {
	bool well;
	char fact[TRIAL_TEXT];
	char remedy[TRIAL_TEXT * 2]; /* "": nothing is to be done */
};

/* Judges the answer to a GET of the API's address without parameters: status 0 means no answer, and
 * why has the reason. body is what came of it. */
void trial_of_answer(long status, const char *body, const char *why, struct trial_line *out);

/* Judges the answer to a saveMMS, and sets *mmsid if it was saved. */
void trial_of_save(long status, const char *body, uint64_t *mmsid, struct trial_line *out);

/* What was seen of helpers. When, after the answer to a request that starts the helper, one was
 * seen. -1: never. */
struct trial_helper {
	bool busy;         /* one ran before the request, and did not end: the rest is not set */
	int first_ms;      /* first seen running */
	int last_ms;       /* last seen running */
	int watched_ms;    /* how long it was looked for */
	unsigned linger_s; /* how long it stays when nothing is left to do */
};

void trial_of_helper(const struct trial_helper *h, struct trial_line *out);

#endif
