/*
 * job: work that outlives a request: to encode a medium, send a postback or deliver a message.
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

/* Jobs of one kind queue in lanes, so that a short one need not wait for long ones. */
enum job_lane { LANE_SHORT, LANE_LONG, JOB_LANES };

struct job {
	uint64_t id;    /* given by the store */
	uint64_t token; /* raised by each claim, so that the store refuses a late finish */
	uint64_t account, mmsid;
	uint64_t message; /* JOB_DELIVER, and JOB_POSTBACK about a message; else 0 */
	enum job_kind kind;
	uint32_t lane;          /* enum job_lane */
	uint32_t slide, medium; /* JOB_ENCODE: which medium, both from 0 */
	uint32_t attempt;       /* claims so far, except those counted in faults */
	uint32_t faults;        /* claims that ended by a fault of this machine */
	uint32_t lost; /* claims, counted in attempt too, whose lease ran out: the helper died */
	int64_t created,
	    due; /* microseconds of the store's clock; due is the lease's end while leased */
	uint32_t permille, left_ms; /* progress of an encode */
	char owner[JOB_OWNER];      /* who holds the lease; "": nobody */
	const char *why;            /* the last failure, "" if none */
	const char *body; /* JOB_POSTBACK: what is posted; JOB_ENCODE: what the medium may take
	                   * (budget_want_read()); else "" */
	uint32_t dead;    /* 1: a dead letter: given up, kept for the operator */
	/* Not part of the record: the result of the attempt that ends now. The store saves it
	 * together with the end of the attempt. NULL: nothing was posted. */
	const struct posted *posted;
};

/* One attempt to send a postback. */
struct posted {
	int64_t at; /* when it ended, microseconds; the store sets at, job and attempt */
	uint64_t job;
	uint32_t attempt;
	uint32_t status;  /* HTTP status of the answer; 0: none came */
	uint32_t ms;      /* how long it took */
	const char *code; /* N003, ...; "": not known */
	const char *why;  /* why no answer came; else "" */
};

/* Returns the lane of an encode. Films of more than short-job-kb go to the long lane, everything
 * else to the short one (savemms-media(7), Films and Sound). */
enum job_lane job_lane(const struct settings *s, const struct medium *m);

const char *job_kind_name(enum job_kind k); /* "encode", "postback", "deliver" */

/* Appends the record (savemms-store(5)) without id and posted; check buf_ok(). */
void job_encode(const struct job *j, struct buf *out);

/* Reads such a record of n bytes into memory of the arena. The caller sets the id. Returns NULL
 * for a record that is not whole or of a newer version, or when memory is short. */
struct job *job_decode(struct arena *a, const char *p, size_t n);

#endif
