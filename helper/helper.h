/*
 * helper: what the parts of savemms-helper share.
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
	char owner[JOB_OWNER]; /* of leases: unique among all helpers anywhere */
	atomic_bool leaving;   /* take no more jobs */
	atomic_bool stopping;  /* and end those under way */
};

/* A job under way: its lease is renewed meanwhile. */
struct lease {
	struct helper *h;
	const struct job *job;
	atomic_uint permille, left_ms; /* progress */
	atomic_bool lost;              /* somebody else has the job now: stop */
	char plan[SHA256_HEX];         /* that it makes, "": none */
	atomic_bool holds_plan;
};

/* Starts and ends the thread that renews leases. False: it could not be started. */
bool lease_renewer_start(struct helper *h) __attribute__((warn_unused_result));
void lease_renewer_stop(void);

/* Has the lease renewed until lease_renewer_remove(). */
void lease_renewer_add(struct lease *l);
void lease_renewer_remove(struct lease *l);

/* Does a claimed job to its end: done, again later, or dead, all in the store. */
void encode_run(struct helper *h, const struct job *j, struct arena *a);
/* Has an encode that a fault of ours keeps from being done waited for all of encode-hold? Such
 * faults as outlast encode-schedule are left to the operator. */
bool encode_overdue(const struct settings *s, const struct job *j);
void postback_run(struct helper *h, const struct job *j, struct arena *a);
/* Does n deliver jobs. */
void deliver_run(struct helper *h, struct job *const *jobs, size_t n, struct arena *a);

/* Claims one job of the kind (of delivering: a batch) and does it. False when none is due. */
bool work_once(struct helper *h, enum job_kind kind);

/* Runs workers until leaving: as many a kind as the settings say. False when no
 * thread could be started. */
bool work_start(struct helper *h) __attribute__((warn_unused_result));
void work_join(struct helper *h);
/* There may be work: look. */
void work_wake(void);
/* Milliseconds since the workers last had anything to do, 0 while they have; and
 * is nothing waiting at all, not even for later? */
uint64_t work_idle_ms(bool *nothing_waits);

/* Removes blobs nothing refers to that are older than a day, and forgets the plans
 * whose renditions are gone: in the background, if that was not done for an hour.
 * To be called now and then. */
void sweep_begin(struct helper *h);
bool sweep_busy(void);
/* Waits for its end, which is near once the helper is leaving. */
void sweep_end(void);

#endif
