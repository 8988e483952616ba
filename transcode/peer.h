/*
 * peer: the form of requests and answers that the parent knows.
 *
 * A program of version 0.1.0 starts the transcoder that is installed when it needs its first
 * medium, or another one after a death. After an upgrade that is this one. Later programs start
 * that of their own version (lib/media/transcode.c). A transcoder has one parent, so the form of
 * its first request is that of all its answers.
 */
#ifndef SM_PEER_H
#define SM_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "media/transcode.h"

/* If the n bytes of *req are a request of 0.1.0, puts the same request in today's form into *req,
 * and has peer_send() answer in the other form from now on. Returns true if so. */
bool peer_translate(struct transcode_request *req, size_t n);

/* Sends the result in the parent's form, with the flags of send(2). Returns 0, or -1 with errno
 * set. */
int peer_send(int answer, const struct transcode_result *res, int flags);

#endif
