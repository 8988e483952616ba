/*
 * render_pool: see render_pool.h. A lock protects who holds which place. What is in a place
 * belongs to its holder.
 */
#include "personal/render_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "media/transcode_client.h"
#include "personal/render_session_values.h"

struct render_pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	unsigned n;
	struct render_pool_place place[];
};

static void *
make(unsigned jobs)
{
	unsigned sessions = render_sessions(jobs);
	struct render_pool *p = calloc(1, sizeof *p + sessions * sizeof p->place[0]);

	if (p == NULL)
		return NULL;
	p->n = sessions;
	if (pthread_mutex_init(&p->lock, NULL) == 0) {
		if (pthread_cond_init(&p->freed, NULL) == 0)
			return p;
		(void)pthread_mutex_destroy(&p->lock);
	}
	free(p);
	return NULL;
}

static void
drop(void *companion)
{
	struct render_pool *p = companion;

	for (unsigned i = 0; i < p->n; i++)
		render_close(&p->place[i].session);
	(void)pthread_cond_destroy(&p->freed);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

struct render_pool *
render_pool_of(struct transcoder *t)
{
	static const struct transcoder_companion how = { make, drop };

	return transcoder_companion(t, &how);
}

/* Returns the best of the free places: one of this key, else an empty one, else the one unused
 * for longest. Returns NULL if all are held. */
static struct render_pool_place *
best_place(struct render_pool *p, const char key[SHA256_HEX])
{
	struct render_pool_place *best = NULL;

	for (unsigned i = 0; i < p->n; i++) {
		struct render_pool_place *at = &p->place[i];

		if (at->held)
			continue;
		if (at->session != NULL && strcmp(at->key, key) == 0)
			return at;
		if (best == NULL ||
		    (best->session != NULL && (at->session == NULL || at->used < best->used)))
			best = at;
	}
	return best;
}

static struct timespec
later(int wait_ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* which nobody sets back */
	t.tv_sec += wait_ms / 1000;
	t.tv_nsec += wait_ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_nsec -= 1000000000L;
		t.tv_sec++;
	}
	return t;
}

struct render_pool_place *
render_pool_enter(struct render_pool *p, const char key[SHA256_HEX], int wait_ms)
{
	struct timespec until = later(wait_ms);
	struct render_pool_place *at;
	bool late = false;

	(void)pthread_mutex_lock(&p->lock);
	while ((at = best_place(p, key)) == NULL && !late)
		late = pthread_cond_clockwait(&p->freed, &p->lock, CLOCK_MONOTONIC, &until) != 0;
	if (at != NULL)
		at->held = true;
	(void)pthread_mutex_unlock(&p->lock);
	if (at != NULL && (at->session == NULL || strcmp(at->key, key) != 0)) {
		render_close(&at->session);
		memcpy(at->key, key, SHA256_HEX);
	}
	return at;
}

void
render_pool_leave(struct render_pool *p, struct render_pool_place *place)
{
	(void)pthread_mutex_lock(&p->lock);
	place->held = false;
	place->used = clock_mono();
	(void)pthread_cond_signal(&p->freed);
	(void)pthread_mutex_unlock(&p->lock);
}
