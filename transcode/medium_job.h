/*
 * medium_job: takes one request and works on it in a caged child.
 */
#ifndef SM_MEDIUM_JOB_H
#define SM_MEDIUM_JOB_H

#include <stdint.h>
#include <sys/types.h>

#include "media/transcode.h"

struct job_request {
	struct transcode_request req;
	int answer, source;
	int64_t size; /* bytes of the source, which a caged decoder cannot ask for; -1: unknown */
	int out[TRANSCODE_TARGETS]; /* req.ntargets descriptors; the others are -1 */
};

/* Takes the next request from the control socket into *j. Returns 1 when *j is to be worked on; the
 * caller then owns its descriptors. Returns 0 when nothing came or when the request was refused,
 * and -1 when the other end has closed the socket. */
int job_receive(int control, struct job_request *j);

/* Closes all descriptors of *j. */
void job_close(struct job_request *j);

/* Sends a final answer that no child made. A failure to send is logged unless the reader is
 * gone. */
void job_answer(int answer, enum transcode_status status, const char *why);

/* Forks the caged child that works on *j. The child leads its own session; exit status 0 means
 * that it has sent the final answer. Returns its process id, or -1 with errno. The caller still
 * owns *j. */
pid_t job_fork(const struct job_request *j);

#endif
