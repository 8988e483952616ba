/*
 * medium_job: one medium from request to child.
 */
#ifndef SM_MEDIUM_JOB_H
#define SM_MEDIUM_JOB_H

#include <stdint.h>
#include <sys/types.h>

#include "media/transcode.h"

struct job_request {
	struct transcode_request req;
	int answer, source;
	int64_t size; /* of the source in bytes: a caged decoder cannot ask; -1: not known */
	int out[TRANSCODE_TARGETS]; /* req.ntargets of them, the others -1 */
};

/* Takes the next request from the control socket. 1 when *j is one to work on
 * (its descriptors are the caller's), 0 when what came was refused or nothing
 * came, -1 when the other end has closed. */
int job_receive(int control, struct job_request *j);

/* Closes the descriptors of *j. */
void job_close(struct job_request *j);

/* Sends a final answer of our own. */
void job_answer(int answer, enum transcode_status status, const char *why);

/* Forks the caged child that works on *j; it leads its own session. Its process
 * id, -1 with errno. Exit status 0 means that it has sent the final answer. */
pid_t job_fork(const struct job_request *j);

#endif
