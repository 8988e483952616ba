/*
 * job: work that outlives a request: encode a medium, send a postback, deliver a message.
 */
#ifndef SM_JOB_H
#define SM_JOB_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct medium;
struct settings;

enum job_kind { JOB_ENCODE, JOB_POSTBACK, JOB_DELIVER, JOB_KINDS };
enum { JOB_OWNER = 64 };

/* Jobs of a kind stand in lanes, so that a short one need not wait for long ones. */
enum job_lane { LANE_SHORT, LANE_LONG, JOB_LANES };

struct job {
	uint64_t id;    /* given by the store */
	uint64_t token; /* raised by each claim: a late finisher is refused */
	uint64_t account, mmsid;
	uint64_t message; /* JOB_DELIVER, and JOB_POSTBACK that tells of a message; else 0 */
	enum job_kind kind;
	uint32_t lane;          /* enum job_lane */
	uint32_t slide, medium; /* JOB_ENCODE: which medium, both from 0 */
	uint32_t attempt;       /* claims so far, but for those that ended by a fault of ours */
	uint32_t faults;        /* those */
	int64_t created,
	    due; /* microseconds of the store's clock; due is the lease's end while leased */
	uint32_t permille, left_ms; /* progress of an encode */
	char owner[JOB_OWNER];      /* who holds the lease; "": nobody */
	const char *why;            /* the last failure, "" if none */
	const char *body; /* JOB_POSTBACK: what is posted; JOB_ENCODE: what the medium may take
	                   * (budget_want_read()); "" otherwise */
	uint32_t dead;    /* 1: given up, kept for the operator */
	/* Not of the record: what the attempt that ends came to; the store keeps it with the
	 * end. NULL: nothing was posted. */
	const struct posted *posted;
};

/* One attempt to post. */
struct posted {
	int64_t at; /* when it ended, microseconds; at, job and attempt are the store's to set */
	uint64_t job;
	uint32_t attempt;
	uint32_t status;  /* HTTP status of the answer; 0: none came */
	uint32_t ms;      /* how long it took */
	const char *code; /* N003, ...; "": not known */
	const char *why;  /* why no answer came; "" */
};

/* The lane of an encode: films of more than short-job-kb are long work, all else is short
 * (MEDIA.md 4.3, 4.4). */
enum job_lane job_lane(const struct settings *s, const struct medium *m);

const char *job_kind_name(enum job_kind k); /* "encode", "postback", "deliver" */

/* Appends the record (man page savemms-store.5), without id and posted; check buf_ok(). */
void job_encode(const struct job *j, struct buf *out);

/* Reads such a record of n bytes; all memory is the arena's. The caller sets the id. NULL for one
 * that is not whole, of a newer version, or when memory is short. */
struct job *job_decode(struct arena *a, const char *p, size_t n);

#endif
