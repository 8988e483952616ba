/*
 * render_pool: keeps sessions for the next personal image of the same image template.
 */
#ifndef SM_RENDER_POOL_H
#define SM_RENDER_POOL_H

#include <stdbool.h>

#include "base/crypt.h"
#include "personal/render_session.h"

struct render_pool;
struct transcoder;

/* A place for a session. If no session has been started, session is NULL and the holder sets it.
 * The holder closes a session that has failed. */
struct render_pool_place {
	struct render *session;
	char key[SHA256_HEX];
	bool held;
	int64_t used; /* clock_mono() when the last holder returned it */
};

/* Returns the pool of sessions of this transcoder, which owns it and frees it at its own end.
 * Returns NULL if memory is short. */
struct render_pool *render_pool_of(struct transcoder *t);

/* Gives the caller a place for itself until render_pool_leave(): one with a session of this
 * key if such a session is idle, else an empty one, else the one unused for longest, whose
 * session is ended. Waits at most wait_ms milliseconds for a place. Returns NULL if all of
 * them stayed held. */
struct render_pool_place *render_pool_enter(struct render_pool *p, const char key[SHA256_HEX],
    int wait_ms) __attribute__((warn_unused_result));
void render_pool_leave(struct render_pool *p, struct render_pool_place *place);

#endif
