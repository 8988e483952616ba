/*
 * lease_renewer: renews the leases of jobs under way and records their progress.
 *
 * A lease is renewed well before it ends; that of an encode every two seconds, because the progress
 * that an operator sees may be no older. A thread of its own does so, so that a slow encoder does
 * not lose its job. It renews many leases in one transaction, from copies, so that nobody who adds
 * or removes a lease waits for the store. When the store says that a lease is lost, the job is told
 * to stop, because its result would be refused.
 */
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "helper/helper.h"
#include "helper/lease_renewer.h"

/* SOME leases keep the store for a few milliseconds. */
enum { SOME = 256, RENEW_US = 2000000 };

/* Copies of leases, which may be gone when the store answers. */
struct some {
	size_t n;
	struct lease *lease[SOME];
	struct job_renewal renewal[SOME];
	char plan[SOME][SHA256_HEX]; /* "": none to hold */
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	struct lease *first; /* the leases under renewal, in a list */
	bool stop;
	struct some some; /* the thread's */
} renewer = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static atomic_bool failing; /* the last renewals */

bool
lease_renewer_fails(void)
{
	return failing;
}

/* The time between two looks at the leases. */
static int64_t
pause_us(const struct helper *h)
{
	int64_t quarter = (int64_t)h->settings->lease_seconds * 1000000 / 4;

	return quarter < RENEW_US ? quarter : RENEW_US;
}

bool
lease_renewer_due(const struct lease *l, int64_t now)
{
	int64_t quarter = (int64_t)l->h->settings->lease_seconds * 1000000 / 4;

	if (l->job->kind == JOB_ENCODE)
		return now > l->renewed;
	return now > l->renewed && now - l->renewed + pause_us(l->h) > quarter;
}

static void
copy(struct some *s, struct lease *l)
{
	s->lease[s->n] = l;
	s->renewal[s->n] = (struct job_renewal){ .id = l->job->id,
		.token = l->job->token,
		.permille = l->permille,
		.left_ms = l->left_ms };
	s->plan[s->n][0] = '\0';
	if (l->holds_plan)
		memcpy(s->plan[s->n], l->plan, sizeof s->plan[0]);
	s->n++;
}

/* Copies the next leases that are due. The caller holds the lock. */
static void
choose(struct some *s, int64_t now)
{
	s->n = 0;
	for (struct lease *l = renewer.first; l != NULL && s->n < SOME; l = l->next)
		if (!l->lost && lease_renewer_due(l, now)) {
			copy(s, l);
			l->renewed = now;
		}
}

/* Returns true if that lease is still under renewal. The caller holds the lock. */
static bool
still_held(const struct lease *lease, const struct job_renewal *r)
{
	const struct lease *l = renewer.first;

	while (l != NULL && l != lease)
		l = l->next;
	return l != NULL && l->job->id == r->id && l->job->token == r->token;
}

/* Marks the leases that are lost, and those to be tried again with the next look, because rc says
 * that the store failed. */
static void
mark(struct some *s, enum store_rc rc)
{
	(void)pthread_mutex_lock(&renewer.lock);
	for (size_t i = 0; i < s->n; i++) {
		const struct job_renewal *r = &s->renewal[i];

		if ((rc == ST_OK && r->rc == ST_OK) || !still_held(s->lease[i], r))
			continue;
		if (rc == ST_OK && r->rc == ST_CONFLICT) {
			log_warn("job %" PRIu64 ": the lease is lost", r->id);
			s->lease[i]->lost = true;
		} else if (rc == ST_OK) {
			log_error("job %" PRIu64 ": renewing the lease: %s", r->id,
			    store_rc_text(r->rc));
		} else {
			s->lease[i]->renewed = 0;
		}
	}
	(void)pthread_mutex_unlock(&renewer.lock);
}

/* Holds the plans, so that nobody else begins the same work. */
static void
hold_plans(struct helper *h, const struct some *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct plan_claim claim = { s->plan[i], h->owner,
			h->settings->lease_seconds * 1000 };
		enum store_rc rc = s->plan[i][0] != '\0' ? store_plan_hold(h->store, &claim) :
							   ST_OK;

		if (rc != ST_OK && rc != ST_CONFLICT)
			log_warn("job %" PRIu64 ": holding its plan: %s", s->renewal[i].id,
			    store_rc_text(rc));
	}
}

/* Renews the leases that are due. */
static void
renew_due(struct helper *h)
{
	struct some *s = &renewer.some;
	int64_t now = clock_mono();
	enum store_rc rc = ST_OK;

	do {
		(void)pthread_mutex_lock(&renewer.lock);
		choose(s, now);
		(void)pthread_mutex_unlock(&renewer.lock);
		if (s->n == 0)
			break;
		rc = store_job_renew_some(h->store, s->renewal, s->n,
		    h->settings->lease_seconds * 1000);
		if (rc != ST_OK)
			log_error("renewing %zu leases: %s", s->n, store_rc_text(rc));
		mark(s, rc);
		hold_plans(h, s);
	} while (rc == ST_OK && s->n == SOME);
	failing = rc != ST_OK;
}

/* Renews leases until it is told to stop. */
static void *
renew_all(void *ctx)
{
	struct helper *h = ctx;
	struct timespec until;

	(void)pthread_mutex_lock(&renewer.lock);
	while (!renewer.stop) {
		int64_t next = clock_mono() + pause_us(h);

		until.tv_sec = next / 1000000;
		until.tv_nsec = next % 1000000 * 1000;
		(void)pthread_cond_clockwait(&renewer.changed, &renewer.lock, CLOCK_MONOTONIC,
		    &until);
		(void)pthread_mutex_unlock(&renewer.lock);
		renew_due(h);
		(void)pthread_mutex_lock(&renewer.lock);
	}
	(void)pthread_mutex_unlock(&renewer.lock);
	return NULL;
}

bool
lease_renewer_start(struct helper *h)
{
	renewer.stop = false;
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
	l->renewed = clock_mono();
	l->prev = NULL;
	l->next = renewer.first;
	if (l->next != NULL)
		l->next->prev = l;
	renewer.first = l;
	(void)pthread_mutex_unlock(&renewer.lock);
}

void
lease_renewer_remove(struct lease *l)
{
	(void)pthread_mutex_lock(&renewer.lock);
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		renewer.first = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	(void)pthread_mutex_unlock(&renewer.lock);
}
