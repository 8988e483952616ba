/*
 * helper: declarations that the parts of savemms-helper share.
 */
#ifndef SM_HELPER_H
#define SM_HELPER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "media/transcode.h"
#include "model/settings.h"
#include "store/store.h"

struct helper {
	struct settings settings;
	struct store *store;
	struct transcoder *transcoder;
	char owner[JOB_OWNER]; /* owner of its leases; unique among all helpers on all machines */
	atomic_bool leaving;   /* workers claim no more jobs */
	atomic_bool stopping;  /* workers also end the jobs under way */
};

/* A job under way, whose lease is being renewed. */
struct lease {
	struct helper *h;
	const struct job *job;
	atomic_uint permille, left_ms; /* progress */
	atomic_bool lost;              /* another helper has the job: stop */
	char plan[SHA256_HEX];         /* key of the plan in work; "": none */
	atomic_bool holds_plan;
};

/* Start and end the thread that renews leases. lease_renewer_start() returns false if the thread
 * could not be started. */
bool lease_renewer_start(struct helper *h) __attribute__((warn_unused_result));
void lease_renewer_stop(void);

/* Renews the lease from now on. *l stays the caller's and must live until
 * lease_renewer_remove(). */
void lease_renewer_add(struct lease *l);
void lease_renewer_remove(struct lease *l);

/* Does a claimed job and records the result in the store: done, again later, or a dead letter. */
void encode_run(struct helper *h, const struct job *j, struct arena *a);
/* Tells whether an encode that faults of this machine prevent has waited for all of encode-hold.
 * Faults that outlast encode-schedule are left to the operator. */
bool encode_overdue(const struct settings *s, const struct job *j);
void postback_run(struct helper *h, const struct job *j, struct arena *a);
/* Does n jobs that deliver messages, as encode_run() does one. */
void deliver_run(struct helper *h, struct job *const *jobs, size_t n, struct arena *a);

/* Claims one job of the kind, or a batch of jobs that deliver, and does it. Returns false if no
 * job is due or none can be claimed. */
bool work_once(struct helper *h, enum job_kind kind);

/* Starts the workers, as many of each kind as the settings say; they run until work_join() tells
 * them to leave and waits for them. Returns false if a kind of worker could not be started. */
bool work_start(struct helper *h) __attribute__((warn_unused_result));
void work_join(struct helper *h);
/* Wakes the workers, because there may be work. */
void work_wake(void);
/* Returns the milliseconds since the workers last had a job, or 0 while they have one. Sets
 * *nothing_waits to whether no job waits at all, not even for a later time. */
uint64_t work_idle_ms(bool *nothing_waits);

/* Starts a sweep in the background, unless one was done in the last hour: it removes blobs that
 * nothing refers to and that are older than a day, plans whose renditions are gone, and old
 * messages. Each call, at most once a minute, also wakes encodes that are overdue. Call it now
 * and then. */
void sweep_begin(struct helper *h);
bool sweep_busy(void);
/* Waits for the end of the sweep, which is near once the helper is leaving. */
void sweep_end(void);

#endif
