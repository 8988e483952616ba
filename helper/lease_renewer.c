/*
 * lease_renewer: renews the leases of jobs under way and records their progress.
 *
 * A lease is renewed well before it ends, and every two seconds, because the progress that an
 * operator sees may be no older. A thread of its own does so, so that a slow encoder does not
 * lose its job. When the store says that a lease is lost, the job is told to stop, because its
 * result would be refused.
 */
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "helper/helper.h"
#include "helper/lease_renewer.h"

enum { HELD_MAX = 1024, RENEW_US = 2000000 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	struct lease *held[HELD_MAX];
	bool stop;
} renewer = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

/* Holds the plan, so that nobody else begins the same work. */
static void
hold_plan(struct lease *l)
{
	const struct plan_claim claim = { l->plan, l->h->owner,
		l->h->settings.lease_seconds * 1000 };
	enum store_rc rc = store_plan_hold(l->h->store, &claim);

	if (rc != ST_OK && rc != ST_CONFLICT)
		log_warn("job %llu: holding its plan: %s", (unsigned long long)l->job->id,
		    store_rc_text(rc));
}

static void
renew(struct lease *l)
{
	enum store_rc rc = store_job_renew(l->h->store, l->job, l->h->settings.lease_seconds * 1000,
	    l->permille, l->left_ms);

	if (rc == ST_CONFLICT || rc == ST_NOTFOUND) {
		log_warn("job %llu: the lease is lost", (unsigned long long)l->job->id);
		l->lost = true;
	} else if (rc != ST_OK) {
		log_error("job %llu: renewing the lease: %s", (unsigned long long)l->job->id,
		    store_rc_text(rc));
	}
	if (l->holds_plan)
		hold_plan(l);
}

/* Renews all leases until it is told to stop. It holds the lock meanwhile, so that no lease is
 * removed. */
static void *
renew_all(void *ctx)
{
	struct helper *h = ctx;
	struct timespec until;

	(void)pthread_mutex_lock(&renewer.lock);
	while (!renewer.stop) {
		int64_t every = (int64_t)h->settings.lease_seconds * 1000000 / 4;
		int64_t next = clock_mono() + (every < RENEW_US ? every : RENEW_US);

		until.tv_sec = next / 1000000;
		until.tv_nsec = next % 1000000 * 1000;
		(void)pthread_cond_clockwait(&renewer.changed, &renewer.lock, CLOCK_MONOTONIC,
		    &until);
		for (int i = 0; !renewer.stop && i < HELD_MAX; i++)
			if (renewer.held[i] != NULL && !renewer.held[i]->lost)
				renew(renewer.held[i]);
	}
	(void)pthread_mutex_unlock(&renewer.lock);
	return NULL;
}

bool
lease_renewer_start(struct helper *h)
{
	return pthread_create(&renewer.thread, NULL, renew_all, h) == 0;
}

void
lease_renewer_stop(void)
{
	(void)pthread_mutex_lock(&renewer.lock);
	renewer.stop = true;
	(void)pthread_cond_signal(&renewer.changed);
	(void)pthread_mutex_unlock(&renewer.lock);
	(void)pthread_join(renewer.thread, NULL);
}

void
lease_renewer_add(struct lease *l)
{
	(void)pthread_mutex_lock(&renewer.lock);
	for (int i = 0; i < HELD_MAX; i++)
		if (renewer.held[i] == NULL) {
			renewer.held[i] = l;
			break;
		}
	(void)pthread_mutex_unlock(&renewer.lock);
}

void
lease_renewer_remove(struct lease *l)
{
	(void)pthread_mutex_lock(&renewer.lock);
	for (int i = 0; i < HELD_MAX; i++)
		if (renewer.held[i] == l)
			renewer.held[i] = NULL;
	(void)pthread_mutex_unlock(&renewer.lock);
}
