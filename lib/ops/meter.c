/* meter: see meter.h */
#include "ops/meter.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mapfile.h"

enum { MINUTE_US = 60000000 };

/* The content of the file. */
struct counts {
	_Atomic uint64_t layout; /* LAYOUT; 0: a new file */
	_Atomic uint64_t total[METER_ACTIONS][E_COUNT];
	struct {
		_Atomic uint64_t minute; /* since 1970 */
		_Atomic uint64_t calls, refused, broken;
	} ring[METER_MINUTES];
	struct {
		_Atomic uint64_t count[METER_BUCKETS], sum_us;
	} duration[METER_DURATIONS];
};

#define LAYOUT ((uint64_t)METER_ACTIONS << 32 | (uint64_t)E_COUNT << 16 | METER_MINUTES << 8 | 2)

struct meter {
	struct counts *c;
};

static struct counts *
map(const char *path)
{
	struct counts *c = NULL;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		c = mapfile(fd, 0, sizeof *c);
	if (c == NULL)
		log_error("%s: %s; nothing is counted", path, strerror(errno));
	file_close(&fd);
	return c;
}

/* Returns true if the file has this layout, or was new and now has it. */
static int
is_ours(struct counts *c)
{
	uint64_t layout = 0;

	return atomic_compare_exchange_strong(&c->layout, &layout, LAYOUT) || layout == LAYOUT;
}

struct meter *
meter_open(const char *path)
{
	struct meter *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->c = map(path);
	if (m->c != NULL && !is_ours(m->c)) { /* of another version */
		(void)munmap(m->c, sizeof *m->c);
		(void)unlink(path);
		if ((m->c = map(path)) != NULL && !is_ours(m->c)) {
			(void)munmap(m->c, sizeof *m->c);
			m->c = NULL;
		}
	}
	if (m->c == NULL) {
		free(m);
		m = NULL;
	}
	return m;
}

void
meter_close(struct meter **m)
{
	if (*m == NULL)
		return;
	(void)munmap((*m)->c, sizeof *(*m)->c);
	free(*m);
	*m = NULL;
}

/* Two processes that begin a minute at the same time may lose a count. These figures are for
 * looking at, not for billing. */
void
meter_call(struct meter *m, unsigned action, enum api_error result)
{
	uint64_t now = (uint64_t)clock_now() / MINUTE_US, was;
	unsigned i = (unsigned)(now % METER_MINUTES);

	if (m == NULL || action >= METER_ACTIONS || result >= E_COUNT)
		return;
	atomic_fetch_add(&m->c->total[action][result], 1);
	was = atomic_load(&m->c->ring[i].minute);
	if (was != now && atomic_compare_exchange_strong(&m->c->ring[i].minute, &was, now)) {
		atomic_store(&m->c->ring[i].calls, 0);
		atomic_store(&m->c->ring[i].refused, 0);
		atomic_store(&m->c->ring[i].broken, 0);
	}
	atomic_fetch_add(&m->c->ring[i].calls, 1);
	if (result == E503)
		atomic_fetch_add(&m->c->ring[i].broken, 1);
	else if (result != E_NONE)
		atomic_fetch_add(&m->c->ring[i].refused, 1);
}

uint64_t
meter_total(struct meter *m, unsigned action, enum api_error result)
{
	return m != NULL && action < METER_ACTIONS && result < E_COUNT ?
	    atomic_load(&m->c->total[action][result]) :
	    0;
}

void
meter_minute(struct meter *m, unsigned back, struct meter_minute *out)
{
	uint64_t minute = (uint64_t)clock_now() / MINUTE_US - back;
	unsigned i = (unsigned)(minute % METER_MINUTES);

	memset(out, 0, sizeof *out);
	if (m == NULL || back >= METER_MINUTES || atomic_load(&m->c->ring[i].minute) != minute)
		return;
	out->calls = atomic_load(&m->c->ring[i].calls);
	out->refused = atomic_load(&m->c->ring[i].refused);
	out->broken = atomic_load(&m->c->ring[i].broken);
}

unsigned
meter_bucket_ms(unsigned i)
{
	static const unsigned ms[METER_BUCKETS - 1] = { 5, 10, 25, 50, 100, 250, 500, 1000, 2500,
		5000, 10000, 30000, 60000, 300000 };

	return i < METER_BUCKETS - 1 ? ms[i] : UINT_MAX;
}

void
meter_duration(struct meter *m, enum meter_duration which, int64_t us)
{
	unsigned i = 0;

	if (m == NULL || us < 0)
		return;
	while (i < METER_BUCKETS - 1 && us > (int64_t)meter_bucket_ms(i) * 1000)
		i++;
	atomic_fetch_add(&m->c->duration[which].sum_us, (uint64_t)us);
	atomic_fetch_add(&m->c->duration[which].count[i], 1);
}

void
meter_histogram(struct meter *m, enum meter_duration which, struct meter_histogram *out)
{
	memset(out, 0, sizeof *out);
	if (m == NULL)
		return;
	for (unsigned i = 0; i < METER_BUCKETS; i++)
		out->count[i] = atomic_load(&m->c->duration[which].count[i]);
	out->sum_us = atomic_load(&m->c->duration[which].sum_us);
}

const char *
meter_action_name(unsigned action)
{
	static const char *const names[] = {
#define ACTION(name, fn) #name,
#include "model/actions.def"
#undef ACTION
		"none"
	};

	return action < METER_ACTIONS ? names[action] : "none";
}
