/* doctor: see doctor.h */
#include "admin/doctor/doctor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "admin/doctor/rule.h"
#include "base/clock.h"

enum { NAP_MS = 20 };

/* A check under way. Its thread may outlive the run, so it is never freed unless the thread has
 * ended. */
struct running {
	const struct doctor *d;
	const struct check *check;
	pthread_t thread;
	bool started, ended; /* ended: joined */
	struct doctor_report report;
};

struct finding *
doctor_add(struct doctor_report *r, const char *name)
{
	struct finding *f = &r->f[r->n < DOCTOR_REPORT ? r->n++ : DOCTOR_REPORT - 1];

	*f = (struct finding){ .level = FINDING_OK };
	(void)snprintf(f->name, sizeof f->name, "%s", name);
	return f;
}

static void *
look(void *ctx)
{
	struct running *x = ctx;

	x->check->look(x->d, &x->report);
	return NULL;
}

/* Joins the checks that have ended. Returns how many have. */
static size_t
join(struct running *x, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		if (x[i].started && !x[i].ended)
			x[i].ended = pthread_tryjoin_np(x[i].thread, NULL) == 0;
		done += !x[i].started || x[i].ended;
	}
	return done;
}

/* Tells whether a check still runs that has time left. */
static bool
some_may_go_on(const struct running *x, size_t n, int64_t began)
{
	for (size_t i = 0; i < n; i++)
		if (x[i].started && !x[i].ended &&
		    clock_mono() - began < (int64_t)x[i].check->seconds * 1000000)
			return true;
	return false;
}

static void
add(struct findings *all, const struct running *x)
{
	struct doctor_report late = { .n = 0 };
	const struct doctor_report *r = x->ended ? &x->report : &late;

	if (!x->started)
		rule_set(doctor_add(&late, x->check->name), FINDING_FAILED,
		    "raise the limit of processes (ulimit -u)", "no thread could be started");
	else if (!x->ended)
		rule_set(doctor_add(&late, x->check->name), FINDING_WARNING,
		    "see whether disk, processor or network are overloaded",
		    "not finished within %u s", x->check->seconds);
	for (size_t i = 0; i < r->n && all->n < FINDINGS_MAX; i++)
		all->f[all->n++] = r->f[i];
}

bool
doctor_run(const struct doctor *d, const struct check *check, size_t n, struct findings *all,
    void (*progress)(size_t done, size_t n))
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000000 };
	struct running *x = calloc(n, sizeof *x);
	int64_t began = clock_mono();
	size_t done;

	all->when = clock_now();
	all->n = 0;
	if (x == NULL) {
		all->n = 1;
		all->f[0] = (struct finding){ .name = "doctor" };
		rule_set(&all->f[0], FINDING_FAILED, "see what uses up the memory",
		    "nothing could be looked at: out of memory");
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		x[i].d = d;
		x[i].check = &check[i];
		x[i].started = pthread_create(&x[i].thread, NULL, look, &x[i]) == 0;
	}
	while ((done = join(x, n)) < n && some_may_go_on(x, n, began)) {
		progress(done, n);
		(void)nanosleep(&nap, NULL);
	}
	for (size_t i = 0; i < n; i++)
		add(all, &x[i]);
	if (done == n)
		free(x);
	return done == n;
}
