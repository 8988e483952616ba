/*
 * outcome: keeps what a worker has done until the store has recorded it.
 *
 * A message that was handed over, a postback that was answered and an encode that is made would be
 * done once more if the helper forgot them because the store was busy or its disk full just then.
 */
#ifndef SM_OUTCOME_H
#define SM_OUTCOME_H

#include "helper/helper.h"

/* Puts an outcome into the store. It is called again with the same ctx until it is settled. */
typedef enum store_rc outcome_fn(void *ctx);

/* Calls put(ctx) until the outcome is settled, and returns its last result: ST_OK when it is
 * recorded, ST_CONFLICT when the lease is another helper's, or another code that no later try can
 * change. It gives up with the code of the failure when the helper has to end first. what (such as
 * "job") and id name the work in the log. */
enum store_rc outcome_record(struct helper *h, const char *what, uint64_t id, outcome_fn *put,
    void *ctx);

/* How a job ends, or goes back, without any other change; see store_job_done() and the functions
 * after it. */
enum outcome_how {
	OUTCOME_DONE,
	OUTCOME_RETRY,
	OUTCOME_RELEASE,
	OUTCOME_FAULT,
	OUTCOME_KEEP,
	OUTCOME_DEAD_LETTER
};
/* Records that end, as outcome_record() does. Of the last two, and of OUTCOME_DONE, delay_ms means
 * nothing; OUTCOME_DONE needs no why. */
enum store_rc outcome_end(struct helper *h, const struct job *j, enum outcome_how how,
    uint64_t delay_ms, const char *why);

/* Returns true while an outcome waits to be recorded. Then this helper claims no jobs: the leases
 * of those that wait may be over, and it would do them again. */
bool outcome_waits(void);

/* Decides after a try: returns how many milliseconds later the next one follows, or 0 if there is
 * none. tries: how many there were; left_ms: how long the helper may still try. */
uint64_t outcome_next_ms(enum store_rc rc, unsigned tries, uint64_t left_ms);

#endif
