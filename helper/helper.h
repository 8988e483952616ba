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
#include "store/plan.h"

struct helper {
	const struct settings *_Atomic settings; /* of the last reload; older ones stay valid */
	struct store *store;
	struct transcoder *transcoder;
	struct handed *handed; /* NULL: nothing is noted */
	struct meter *meter;   /* NULL: nothing is timed */
	int started;           /* the note of what it started with (ops/reload.h); -1: none */
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
	struct lease *next, *prev; /* the lease renewer's: its list, and when it */
	int64_t renewed;           /* renewed the lease last, clock_mono() */
};

#endif
