/*
 * encode_judge: decides what becomes of a job that encodes a medium, and who is to blame. Pure.
 *
 * A fault that any file would have met (no transcoder, no disk, no memory on the machine) does
 * not count as an attempt of the medium. The job is tried again by encode-schedule. After that it
 * becomes a dead letter for the operator, and its template stays in the state of encoding.
 */
#ifndef SM_ENCODE_JUDGE_H
#define SM_ENCODE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/transcode.h"

enum encode_rc {
	ENCODE_MADE,     /* e->made has the renditions */
	ENCODE_FAILED,   /* it will never succeed; e->why says why */
	ENCODE_LATER,    /* it did not come to an end; e->why says why */
	ENCODE_OURS,     /* the same, by a fault of this machine; e->why says why */
	ENCODE_ELSEWHERE /* another helper is encoding the same bytes */
};

/* Returns what the final status of the transcoder means for the encode. A status that never
 * answers a request about a medium counts as a fault of this machine. */
enum encode_rc encode_outcome(enum transcode_status status);

/* What happens to the job. */
enum encode_next {
	NEXT_COMMIT,      /* the medium is ready */
	NEXT_FAIL,        /* the medium has failed: E002, E003 */
	NEXT_RETRY,       /* again soon; the attempt counts */
	NEXT_FAULT,       /* again by encode-schedule; a fault counts, the attempt does not */
	NEXT_DEAD_LETTER, /* kept for the operator */
	NEXT_RELEASE      /* given back as if it had not been claimed */
};

/* DEATHS: how often helpers may die during one encode before it fails, which then seems to be the
 * cause. */
enum { ENCODE_DEATHS = 10 };

struct encode_facts {
	uint32_t attempt;  /* number of this attempt, from 1, without those in deaths */
	uint64_t attempts; /* encode-attempts */
	uint32_t faults;   /* before this attempt */
	uint32_t deaths;   /* of helpers, during this encode */
	uint32_t schedule; /* number of waits in encode-schedule */
	bool disk_short;   /* so short that an encoder may have failed for it */
	bool stopping;     /* the helper has been told to end */
};

enum encode_next encode_next(enum encode_rc rc, const struct encode_facts *f);

/* Tells whether the medium fails before another try: it has had all its attempts, or too many
 * helpers have died during it. */
bool encode_spent(const struct encode_facts *f);

#endif
