/*
 * encode_judge: what becomes of a job that encodes a medium, and whose doing it is. Pure.
 *
 * What any file would have met (no transcoder, no disk, no memory on the machine) is none of the
 * medium's attempts: it is tried again by encode-schedule, then the job is kept as dead for the
 * operator, its template still encoding.
 */
#ifndef SM_ENCODE_JUDGE_H
#define SM_ENCODE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/transcode.h"

enum encode_rc {
	ENCODE_MADE,     /* e->made is what it gave */
	ENCODE_FAILED,   /* it never will: e->why says so */
	ENCODE_LATER,    /* it did not come to an end: e->why */
	ENCODE_OURS,     /* nor that, for a fault that is not the medium's: e->why */
	ENCODE_ELSEWHERE /* another helper is encoding the same */
};

/* What the transcoder's final status says of the encode. A status that no answer about a medium
 * has is a fault of ours. */
enum encode_rc encode_outcome(enum transcode_status status);

/* What is done with the job. */
enum encode_next {
	NEXT_COMMIT,      /* the medium is ready */
	NEXT_FAIL,        /* the medium has failed: E002, E003 */
	NEXT_RETRY,       /* again soon; this attempt counts */
	NEXT_FAULT,       /* again by encode-schedule; a fault is counted, the attempt is not */
	NEXT_DEAD_LETTER, /* dead, for the operator */
	NEXT_RELEASE      /* as if it had not been claimed */
};

struct encode_facts {
	uint32_t attempt;  /* this one, from 1 */
	uint64_t attempts; /* encode-attempts */
	uint32_t faults;   /* before this attempt */
	uint32_t schedule; /* how many waits encode-schedule has */
	bool disk_short;   /* so much that an encoder may have stumbled over it */
	bool stopping;     /* the helper was told to end */
};

enum encode_next encode_next(enum encode_rc rc, const struct encode_facts *f);

#endif
