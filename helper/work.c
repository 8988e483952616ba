/*
 * work: threads that claim jobs and do them.
 *
 * A single one of the idle workers of a crew looks for work and holds the mutex of the crew; the
 * others wait for the mutex. It sleeps on an event descriptor until it is woken or the next job
 * is due, and at most LOOK_MS, because a job may come from a process that could not wake it.
 * Whoever makes a job wakes the crew that takes it: other processes through the pipe of main.c,
 * a worker at the end of each job, which may have queued another one, given itself back, or kept
 * others waiting.
 */
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "helper/deliver.h"
#include "helper/encode.h"
#include "helper/helper.h"
#include "helper/lease_renewer.h"
#include "helper/outcome.h"
#include "helper/postback_run.h"
#include "helper/work.h"

enum { LOOK_MS = 2000, JOB_MEMORY = 256 << 20, BATCH_MAX = 256, BATCH_US = 500000 };

/* The crews: groups of workers that look for the same jobs. If there are two encoders or more,
 * one takes short jobs only, so that a short job never waits for all the long ones. The others
 * take long jobs first, so that these do not wait for ever either. */
enum { CREW_SHORT, CREW_ENCODE, CREW_POSTBACK, CREW_DELIVER, CREWS };

static struct crew {
	pthread_mutex_t looking;
	int event; /* -1: the crew has no workers */
	atomic_bool nothing_waits;
	bool alternate; /* a single encoder: long first, then short first, in turn */
	struct job_want want;
	struct helper *h;
	pthread_t *thread;
	unsigned n;
} crews[CREWS] = { { .event = -1 }, { .event = -1 }, { .event = -1 }, { .event = -1 } };

static atomic_uint active;
static atomic_uint workers;       /* that have not ended */
static _Atomic int64_t last_work; /* clock_mono() */

static struct job_want
want_of(const struct helper *h, enum job_kind kind)
{
	return (struct job_want){ .kind = kind,
		.lane = { LANE_LONG, LANE_SHORT },
		.nlane = JOB_LANES,
		.owner = h->owner };
}

/* The jobs that one worker has in hand. */
struct load {
	struct arena *a;
	struct job *job[BATCH_MAX];
	size_t n;
};

/* How many jobs a worker claims at a time. Of messages it claims what takes half a second, by the
 * measure of the last batch, so that those of a slow transport do not all wait for one worker. */
struct pace {
	size_t batch;
};

/* Claims up to pace->batch jobs, for as long as the settings say now. Returns false if it got none;
 * *wait_ms says how long to wait. */
static bool
claim(struct helper *h, struct job_want *want, const struct pace *pace, struct load *l,
    uint64_t *wait_ms)
{
	struct job_batch batch = { .job = l->job, .max = pace->batch };
	enum store_rc rc;

	*wait_ms = LOOK_MS;
	want->lease_ms = h->settings->lease_seconds * 1000;
	if (outcome_waits() || lease_renewer_fails())
		return false;
	if ((l->a = arena_new(JOB_MEMORY)) == NULL) {
		log_error("out of memory");
		return false;
	}
	rc = store_job_claim_some(h->store, want, l->a, &batch);
	l->n = batch.n;
	*wait_ms = batch.wait_ms;
	if (rc == ST_OK) {
		atomic_fetch_add(&active, 1);
		return true;
	}
	if (rc != ST_NOTFOUND) {
		log_error("looking for jobs: %s", store_rc_text(rc));
		*wait_ms = LOOK_MS;
	}
	arena_free(&l->a);
	return false;
}

static void
set_pace(const struct helper *h, struct pace *pace, size_t n, int64_t took_us)
{
	int64_t one = took_us / (int64_t)n + 1, batch = BATCH_US / one;

	pace->batch = batch < 1                          ? 1 :
	    (uint64_t)batch > h->settings->deliver_batch ? (size_t)h->settings->deliver_batch :
							   (size_t)batch;
}

static void
wake(const struct crew *k)
{
	const uint64_t one = 1;

	if (k->event >= 0)
		(void)!write(k->event, &one, sizeof one);
}

/* Wakes the crews that take what a job of this kind leaves behind. */
static void
wake_next(enum job_kind kind)
{
	for (int i = 0; i < CREWS; i++)
		if (crews[i].want.kind == kind || crews[i].want.kind == JOB_POSTBACK ||
		    (kind == JOB_ENCODE && crews[i].want.kind == JOB_DELIVER)) /* of sendMMS */
			wake(&crews[i]);
}

static void
run(struct helper *h, struct load *l, struct pace *pace)
{
	const enum job_kind kind = l->job[0]->kind;
	int64_t began = clock_mono();
	char id[LOG_ID] = ""; /* the lines of a batch of messages name each */

	if (l->n == 1)
		(void)snprintf(id, sizeof id, "job-%" PRIu64, l->job[0]->id);
	log_request(id);
	switch (kind) {
	case JOB_ENCODE:
		encode_run(h, l->job[0], l->a);
		break;
	case JOB_DELIVER:
		deliver_run(h, l->job, l->n, l->a);
		set_pace(h, pace, l->n, clock_mono() - began);
		break;
	default:
		postback_run(h, l->job[0], l->a);
	}
	log_request("");
	arena_free(&l->a);
	wake_next(kind);
	last_work = clock_mono();
	atomic_fetch_sub(&active, 1);
}

bool
work_once(struct helper *h, enum job_kind kind)
{
	static struct pace pace = { 1 }; /* used only by the one thread that drains */
	struct job_want want = want_of(h, kind);
	struct pace one = { 1 };
	uint64_t wait_ms;
	struct load l;

	if (!claim(h, &want, kind == JOB_DELIVER ? &pace : &one, &l, &wait_ms))
		return false;
	run(h, &l, &pace);
	return true;
}

static void
doze(struct crew *k, uint64_t wait_ms)
{
	struct pollfd pfd = { .fd = k->event, .events = POLLIN };
	uint64_t count;

	k->nothing_waits = wait_ms == UINT64_MAX;
	if (poll(&pfd, 1, wait_ms < LOOK_MS ? (int)wait_ms + 1 : LOOK_MS) > 0)
		(void)!read(k->event, &count, sizeof count);
	k->nothing_waits = false;
}

static void
take_turns(struct crew *k)
{
	enum job_lane first = k->want.lane[0];

	if (!k->alternate)
		return;
	k->want.lane[0] = k->want.lane[1];
	k->want.lane[1] = first;
}

static void *
worker(void *ctx)
{
	struct crew *k = ctx;
	struct pace pace = { 1 };
	uint64_t wait_ms;
	struct load l;

	for (;;) {
		bool got = false;

		(void)pthread_mutex_lock(&k->looking);
		while (!k->h->leaving && !(got = claim(k->h, &k->want, &pace, &l, &wait_ms)))
			doze(k, wait_ms);
		take_turns(k);
		(void)pthread_mutex_unlock(&k->looking);
		if (!got)
			break;
		run(k->h, &l, &pace);
	}
	atomic_fetch_sub(&workers, 1);
	return NULL;
}

/* Makes a crew ready, so that each worker finds all crews complete. */
static bool
set_up_crew(struct helper *h, int which, enum job_kind kind, unsigned size)
{
	struct crew *k = &crews[which];

	k->want = want_of(h, kind);
	k->h = h;
	k->nothing_waits = size == 0;
	if (which == CREW_SHORT) {
		k->want.lane[0] = LANE_SHORT;
		k->want.nlane = 1;
	}
	if (size == 0)
		return true;
	(void)pthread_mutex_init(&k->looking, NULL);
	k->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	k->thread = calloc(size, sizeof *k->thread);
	return k->event >= 0 && k->thread != NULL;
}

static bool
start_crew(struct crew *k, unsigned size)
{
	while (k->n < size) {
		atomic_fetch_add(&workers, 1);
		if (pthread_create(&k->thread[k->n], NULL, worker, k) != 0) {
			atomic_fetch_sub(&workers, 1);
			break;
		}
		k->n++;
	}
	return size == 0 || k->n > 0;
}

/* Sets how many workers each crew has. */
static void
size_crews(const struct helper *h, unsigned size[CREWS])
{
	unsigned encoders = settings_encode_jobs(h->settings);

	size[CREW_SHORT] = encoders > 1 ? 1 : 0;
	size[CREW_ENCODE] = encoders - size[CREW_SHORT];
	size[CREW_POSTBACK] = (unsigned)h->settings->postback_jobs;
	size[CREW_DELIVER] = (unsigned)h->settings->deliver_jobs;
}

bool
work_start(struct helper *h)
{
	static const enum job_kind does[CREWS] = { JOB_ENCODE, JOB_ENCODE, JOB_POSTBACK,
		JOB_DELIVER };
	unsigned size[CREWS];
	bool ok = true;

	size_crews(h, size);
	last_work = clock_mono();
	for (int i = 0; ok && i < CREWS; i++)
		ok = set_up_crew(h, i, does[i], size[i]);
	crews[CREW_ENCODE].alternate = size[CREW_SHORT] == 0;
	for (int i = 0; ok && i < CREWS; i++)
		ok = start_crew(&crews[i], size[i]);
	return ok;
}

void
work_leave(struct helper *h)
{
	h->leaving = true;
	work_wake();
}

bool
work_over(void)
{
	return workers == 0;
}

void
work_join(struct helper *h)
{
	work_leave(h);
	for (int i = 0; i < CREWS; i++)
		for (unsigned t = 0; t < crews[i].n; t++)
			(void)pthread_join(crews[i].thread[t], NULL);
	for (int i = 0; i < CREWS; i++) {
		free(crews[i].thread);
		file_close(&crews[i].event);
	}
}

void
work_wake(void)
{
	for (int i = 0; i < CREWS; i++)
		wake(&crews[i]);
}

uint64_t
work_idle_ms(bool *nothing_waits)
{
	*nothing_waits = true;
	for (int i = 0; i < CREWS; i++)
		*nothing_waits = *nothing_waits && crews[i].nothing_waits;
	return active > 0 ? 0 : (uint64_t)(clock_mono() - last_work) / 1000;
}
