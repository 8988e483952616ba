/*
 * work: threads that claim jobs and do them.
 */
#ifndef SM_WORK_H
#define SM_WORK_H

#include "helper/helper.h"

/* Claims one job of the kind, or a batch of jobs that deliver, and does it. Returns false if no
 * job is due or none can be claimed. */
bool work_once(struct helper *h, enum job_kind kind);

/* Starts the workers, as many of each kind as the settings say; they run until work_join() tells
 * them to leave and waits for them. Returns false if a kind of worker could not be started. */
bool work_start(struct helper *h) __attribute__((warn_unused_result));
void work_join(struct helper *h);
/* Tells the workers to leave, each after the jobs it has in hand. work_over(): all have. */
void work_leave(struct helper *h);
bool work_over(void);

/* Wakes the workers, because there may be work. */
void work_wake(void);

/* Returns the milliseconds since the workers last had a job, or 0 while they have one. Sets
 * *nothing_waits to whether no job waits at all, not even for a later time. */
uint64_t work_idle_ms(bool *nothing_waits);

#endif
