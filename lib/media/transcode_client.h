/*
 * transcode_client: what transcode.c lends to card.c and picture.c.
 */
#ifndef SM_TRANSCODE_CLIENT_H
#define SM_TRANSCODE_CLIENT_H

#include <sys/types.h>

#include "media/transcode.h"

struct card_pool;

/* Hands a request over, starting the process if need be. fds as transcode.h says. 0 or -1. */
int transcoder_hand_over(struct transcoder *t, const struct transcode_request *req, const int *fds, size_t nfds)
    __attribute__((warn_unused_result));

/* The next message, at most until the deadline (clock_mono()). Its length, 0 at the end of
 * the socket, -1 when time is up. */
ssize_t transcode_next(int fd, int64_t until, struct transcode_result *res);

/* The sessions of this transcoder, made when first asked for; NULL: memory is short. */
struct card_pool *transcoder_pool(struct transcoder *t);

/* The pool's own (picture_pool.c): for so many sessions; and its end. */
struct card_pool *card_pool_new(unsigned sessions);
void card_pool_free(struct card_pool **p);

#endif
