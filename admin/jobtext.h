/*
 * jobtext: describes the state of a job in words.
 */
#ifndef SM_JOBTEXT_H
#define SM_JOBTEXT_H

#include <stdint.h>

#include "model/job.h"

enum { JOB_STATE = 160 };

/* Writes "dead", "due now", "due in 12 s", "leased by HOST:PID for 7 s", or, if the lease has
 * expired, "due now, its helper died". now is in microseconds. */
void job_state_text(const struct job *j, int64_t now, char out[JOB_STATE]);

/* Writes "42.0 %, 12 s left" for an encode under way and "-" otherwise. */
void job_progress_text(const struct job *j, char out[JOB_STATE]);

#endif
