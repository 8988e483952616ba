/*
 * render_pool: sessions kept for the next picture of the same image template.
 */
#ifndef SM_RENDER_POOL_H
#define SM_RENDER_POOL_H

#include <stdbool.h>

#include "base/crypt.h"
#include "personal/render_session.h"

struct render_pool;
struct transcoder;

/* A place for a session. session is NULL where none has been started, and is then the
 * holder's to set; a session that has failed the holder closes. */
struct render_pool_place {
	struct render *session;
	char key[SHA256_HEX];
	bool held;
	int64_t used; /* clock_mono() when it was last given back */
};

/* The sessions of this transcoder, which live as long as it does. NULL: memory is short. */
struct render_pool *render_pool_of(struct transcoder *t);

/* A place that is the caller's alone until render_pool_leave(): with a session of this key if one
 * is idle, else one whose session, the one unused for longest, was ended. Waits for one at
 * most wait_ms. NULL: all were held. */
struct render_pool_place *render_pool_enter(struct render_pool *p, const char key[SHA256_HEX],
    int wait_ms) __attribute__((warn_unused_result));
void render_pool_leave(struct render_pool *p, struct render_pool_place *place);

#endif
