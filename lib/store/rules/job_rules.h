/*
 * job_rules: what becomes of a job. Pure: nothing here knows how a job is stored.
 */
#ifndef SM_JOB_RULES_H
#define SM_JOB_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "model/job.h"

/* Returns the time ms after now, but at most 11 days later. */
int64_t job_later(int64_t now, uint64_t ms);

/* Returns true if the lease that j was claimed with is still the last one of the stored job. A
 * lease that is over is its holder's until somebody else claims the job. */
bool job_is_held(const struct job *stored, const struct job *j);

/* Extends the lease and records progress. */
void job_renewed(struct job *held, int64_t until, unsigned permille, unsigned left_ms);

/* Gives a held job back: it becomes due in delay_ms, or a dead letter (GIVE_KEEP,
 * GIVE_DEAD_LETTER). Only GIVE_AGAIN and GIVE_DEAD_LETTER count the attempt; GIVE_FAULT and
 * GIVE_KEEP a fault. why may be NULL. */
enum give { GIVE_AGAIN, GIVE_RELEASE, GIVE_FAULT, GIVE_KEEP, GIVE_DEAD_LETTER };
struct job_return {
	enum give how;
	uint64_t delay_ms;
	const char *why;
};
void job_returned(struct job *held, int64_t now, const struct job_return *r);

/* Makes a job due now; anew: its counts begin again. A holder whose lease is over loses it. Returns
 * false, and changes nothing, while somebody works on it. */
bool job_made_due(struct job *j, int64_t now, bool anew) __attribute__((warn_unused_result));

#endif
