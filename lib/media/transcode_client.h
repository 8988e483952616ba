/*
 * transcode_client: what transcode.c offers to parts that keep sessions with its process.
 */
#ifndef SM_TRANSCODE_CLIENT_H
#define SM_TRANSCODE_CLIENT_H

#include <sys/types.h>

#include "media/transcode.h"

/* Hands a request over, starting the process if need be. fds are the descriptors that
 * transcode.h lists; they stay the caller's. Returns 0, or -1 on failure (logged). */
int transcoder_hand_over(struct transcoder *t, const struct transcode_request *req, const int *fds,
    size_t nfds) __attribute__((warn_unused_result));

/* What another part keeps for as long as a transcoder lives: one thing for each transcoder.
 * make() is given how many jobs the transcoder runs at once, and returns NULL when memory is
 * short; drop() frees the thing before the process ends. */
struct transcoder_companion {
	void *(*make)(unsigned jobs);
	void (*drop)(void *thing);
};

/* Returns the transcoder's thing, made when first asked for; the transcoder owns it. Returns
 * NULL when memory is short. Any thread may ask. */
void *transcoder_companion(struct transcoder *t, const struct transcoder_companion *how);

#endif
