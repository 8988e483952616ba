/*
 * transcode_client: what transcode.c lends to those who keep sessions with its process.
 */
#ifndef SM_TRANSCODE_CLIENT_H
#define SM_TRANSCODE_CLIENT_H

#include <sys/types.h>

#include "media/transcode.h"

/* Hands a request over, starting the process if need be. fds as transcode.h says. 0 or -1. */
int transcoder_hand_over(struct transcoder *t, const struct transcode_request *req, const int *fds,
    size_t nfds) __attribute__((warn_unused_result));

/* The next message, at most until the deadline (clock_mono()). Its length, 0 at the end of
 * the socket, -1 when time is up. */
ssize_t transcode_next(int fd, int64_t until, struct transcode_result *res);

/* What another part keeps for as long as a transcoder: one thing a transcoder. make() is given
 * how many jobs it runs at once, and returns NULL when memory is short; drop() ends the thing
 * before the process is. */
struct transcoder_companion {
	void *(*make)(unsigned jobs);
	void (*drop)(void *thing);
};

/* That thing, made when first asked for. NULL: memory is short. Any thread may ask. */
void *transcoder_companion(struct transcoder *t, const struct transcoder_companion *how);

#endif
