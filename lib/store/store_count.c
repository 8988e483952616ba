/*
 * store_count: counts the calls of accounts, in a file that all processes map.
 *
 * Each account has a slot at a fixed place, changed with compare-and-swap only: no lock, no sync,
 * nothing to recover. The death of a process costs at most the call it was counting; a power cut
 * may cost the counts of the last seconds.
 *
 * On failure: if the file cannot grow (disk full), the call is let through and logged; the limits
 * protect customers, not secrets. A clock that was set back is noticed: a time from the future
 * limits nobody.
 */
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/gcra.h"
#include "base/log.h"
#include "base/mapfile.h"
#include "store/store_count.h"
#include "store/store_private.h"

enum {
#define ACTION(name, fn) COUNT_##name,
#include "model/actions.def"
#undef ACTION
	ACTIONS
};

enum {
	ARRIVALS = 8,     /* room for actions in a slot, by their row */
	CHUNK = 64 << 10, /* the file grows and is mapped in pieces of this size */
	CHUNKS = 4096,    /* at most so many pieces: 2 million accounts */
	SECOND_NS = 1000000000,
	MINUTE_US = 60000000
};

struct slot {
	_Atomic int64_t last;              /* when the last call came, microseconds */
	_Atomic uint64_t day;              /* day since 1970 << 32 | calls on it */
	_Atomic int64_t arrival[ARRIVALS]; /* GCRA: theoretical arrival time, nanoseconds */
	_Atomic uint64_t minute;           /* minute since 1970 << 32 | calls in it */
	uint64_t spare[5];
};
_Static_assert(sizeof(struct slot) == 128, "the place of a slot in the file is fixed");
_Static_assert((int)ACTIONS <= (int)ARRIVALS,
    "each action has a place; five more may go into spare");

enum { SLOTS = CHUNK / 128 };

struct counters {
	int fd; /* -1: in memory */
	pthread_mutex_t mutex;
	_Atomic(struct slot *) chunk[CHUNKS];
};

struct counters *
counters_open(const char *path)
{
	struct counters *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->fd = -1;
	if (pthread_mutex_init(&c->mutex, NULL) == 0 &&
	    (path == NULL || (c->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) >= 0))
		return c;
	log_error("store: %s: %s", path != NULL ? path : "counters", strerror(errno));
	free(c);
	return NULL;
}

void
counters_close(struct counters **c)
{
	if (*c == NULL)
		return;
	for (size_t i = 0; i < CHUNKS; i++) {
		struct slot *s = atomic_load(&(*c)->chunk[i]);

		if (s != NULL)
			(void)munmap(s, CHUNK);
	}
	file_close(&(*c)->fd);
	(void)pthread_mutex_destroy(&(*c)->mutex);
	free(*c);
	*c = NULL;
}

static struct slot *
slot_of(struct counters *c, uint64_t account)
{
	size_t i = (size_t)(account / SLOTS);
	struct slot *s;

	if (i >= CHUNKS)
		return NULL;
	if ((s = atomic_load(&c->chunk[i])) == NULL) {
		(void)pthread_mutex_lock(&c->mutex);
		if ((s = atomic_load(&c->chunk[i])) == NULL) {
			if ((s = mapfile(c->fd, (uint64_t)i * CHUNK, CHUNK)) == NULL)
				log_error("store: counters of account %" PRIu64 ": %s", account,
				    strerror(errno));
			atomic_store(&c->chunk[i], s);
		}
		(void)pthread_mutex_unlock(&c->mutex);
	}
	return s == NULL ? NULL : s + account % SLOTS;
}

/* Returns the new time of the last call, or -1 if this call is too early. A call slightly ahead of
 * ours read the clock later; one further ahead means that the clock was set back. */
static int64_t
next_last(int64_t last, int64_t now, uint64_t interval_s)
{
	int64_t gap = now - last;

	if (gap > -1000000 && interval_s > 0 && gap < (int64_t)interval_s * 1000000)
		return -1;
	return now;
}

/* Returns the new arrival time for n calls at once and n a second, or -1. */
static int64_t
next_arrival(int64_t arrival, int64_t now_ns, uint64_t n)
{
	return gcra_next(arrival, now_ns, (int64_t)(SECOND_NS / n), (int64_t)n);
}

/* Returns the new count of the day, or 0 if the day's limit is reached. */
static uint64_t
next_day(uint64_t day, int64_t now, uint64_t limit)
{
	uint64_t today = (uint64_t)now / 86400000000U,
		 n = day >> 32 == today ? day & UINT32_MAX : 0;

	if ((limit > 0 && n >= limit) || n == UINT32_MAX)
		return 0;
	return today << 32 | (n + 1);
}

static void
count_minute(struct slot *s, int64_t now)
{
	uint64_t was = atomic_load(&s->minute), minute = (uint64_t)now / MINUTE_US, is;

	do
		is = was >> 32 == minute ? was + 1 : minute << 32 | 1;
	while (!atomic_compare_exchange_weak(&s->minute, &was, is));
}

static enum take_rc
take(struct slot *s, unsigned action, const struct take_limits *l)
{
	int64_t now = clock_now(), last = atomic_load(&s->last);
	int64_t arrival = atomic_load(&s->arrival[action]);
	int64_t new_last = next_last(last, now, l->min_interval_s), new_arrival = arrival;
	uint64_t day = atomic_load(&s->day), new_day = next_day(day, now, l->daily);

	if (new_last < 0)
		return TAKE_INTERVAL;
	if (l->throughput > 0 &&
	    (new_arrival = next_arrival(arrival, now * 1000, l->throughput)) < 0)
		return TAKE_THROUGHPUT;
	if (new_day == 0)
		return TAKE_DAILY;
	/* All three limits allow the call. Take them one by one, each against calls that came
	 * meanwhile; if a later one is lost, give back what was taken. */
	while (!atomic_compare_exchange_weak(&s->last, &last, new_last))
		if ((new_last = next_last(last, now, l->min_interval_s)) < 0)
			return TAKE_INTERVAL;
	while (l->throughput > 0 &&
	    !atomic_compare_exchange_weak(&s->arrival[action], &arrival, new_arrival))
		if ((new_arrival = next_arrival(arrival, now * 1000, l->throughput)) < 0) {
			(void)atomic_compare_exchange_strong(&s->last, &new_last, last);
			return TAKE_THROUGHPUT;
		}
	while (!atomic_compare_exchange_weak(&s->day, &day, new_day))
		if ((new_day = next_day(day, now, l->daily)) == 0) {
			(void)atomic_compare_exchange_strong(&s->last, &new_last, last);
			if (l->throughput > 0)
				(void)atomic_fetch_sub(&s->arrival[action],
				    (int64_t)(SECOND_NS / l->throughput));
			return TAKE_DAILY;
		}
	count_minute(s, now);
	return TAKE_OK;
}

enum take_rc
store_take(struct store *st, uint64_t account, unsigned action, const struct take_limits *l)
{
	struct slot *s;

	if (action >= ACTIONS)
		return TAKE_NO_ACTION;
	s = slot_of(st->counters, account);
	return s == NULL ? TAKE_OK : take(s, action, l);
}

uint64_t
store_taken_today(struct store *st, uint64_t account)
{
	struct slot *s = slot_of(st->counters, account);
	uint64_t day = s != NULL ? atomic_load(&s->day) : 0;

	return day >> 32 == (uint64_t)clock_now() / 86400000000U ? day & UINT32_MAX : 0;
}

void
store_use(struct store *st, uint64_t account, struct use *out)
{
	struct slot *s = slot_of(st->counters, account);
	uint64_t minute = s != NULL ? atomic_load(&s->minute) : 0;

	out->today = store_taken_today(st, account);
	out->minute = minute >> 32 == (uint64_t)clock_now() / MINUTE_US ? minute & UINT32_MAX : 0;
	out->last = s != NULL ? atomic_load(&s->last) : 0;
}
