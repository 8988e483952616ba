/*
 * store_rate: counts how often something was tried, in a file that all processes map.
 *
 * What is counted has a name of any kind ("sign-in 192.0.2.1"), whose hash is its place among
 * 65,536 places: there is nothing to add, to sweep or to fill up. Two names that share a place are
 * counted together; one of them may then be refused too early, never too late.
 *
 * On failure: if the file cannot be made (disk full at the very first use), nothing is counted and
 * the failure is logged. A power cut may lose the counts of the last seconds.
 */
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/gcra.h"
#include "base/log.h"
#include "base/mapfile.h"
#include "store/store_private.h"
#include "store/store_rate.h"

enum { PLACES = 65536, PLACE_DIGITS = 4, SECOND_US = 1000000 };

struct rates {
	int fd; /* -1: in memory */
	pthread_mutex_t mutex;
	_Atomic(_Atomic int64_t *) place; /* NULL until first used; microseconds, see gcra.h */
};

struct rates *
rates_open(const char *path)
{
	struct rates *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->fd = -1;
	if (pthread_mutex_init(&r->mutex, NULL) == 0 &&
	    (path == NULL || (r->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) >= 0))
		return r;
	log_error("store: %s: %s", path != NULL ? path : "rates", strerror(errno));
	free(r);
	return NULL;
}

void
rates_close(struct rates **r)
{
	void *p;

	if (*r == NULL)
		return;
	if ((p = atomic_load(&(*r)->place)) != NULL)
		(void)munmap(p, PLACES * sizeof(int64_t));
	file_close(&(*r)->fd);
	(void)pthread_mutex_destroy(&(*r)->mutex);
	free(*r);
	*r = NULL;
}

static _Atomic int64_t *
place_of(struct rates *r, const char *name)
{
	_Atomic int64_t *p = atomic_load(&r->place);
	char hex[SHA256_HEX];

	if (p == NULL) {
		(void)pthread_mutex_lock(&r->mutex);
		if ((p = atomic_load(&r->place)) == NULL) {
			if ((p = mapfile(r->fd, 0, PLACES * sizeof *p)) == NULL)
				log_error("store: the file of rates: %s", strerror(errno));
			atomic_store(&r->place, p);
		}
		(void)pthread_mutex_unlock(&r->mutex);
	}
	crypt_sha256_hex(name, strlen(name), hex);
	hex[PLACE_DIGITS] = '\0';
	return p == NULL ? NULL : p + strtoul(hex, NULL, 16);
}

static int64_t
interval_us(const struct rate *r)
{
	return (int64_t)(r->seconds * SECOND_US / r->n);
}

/* Returns what the place holds once another try is counted, or -1 with the wait when that is one
 * too many. */
static int64_t
next_of(int64_t arrival, const struct rate *r, uint64_t *wait_s)
{
	int64_t now = clock_now(), each = interval_us(r);
	int64_t next = gcra_next(arrival, now, each, (int64_t)r->n);

	if (next < 0)
		*wait_s = (uint64_t)(arrival - now - each * (int64_t)(r->n - 1)) / SECOND_US + 1;
	return next;
}

bool
store_rate_free(struct store *st, const char *name, const struct rate *r, uint64_t *wait_s)
{
	_Atomic int64_t *p = place_of(st->rates, name);

	*wait_s = 0;
	return p == NULL || next_of(atomic_load(p), r, wait_s) >= 0;
}

bool
store_rate_take(struct store *st, const char *name, const struct rate *r, uint64_t *wait_s)
{
	_Atomic int64_t *p = place_of(st->rates, name);
	int64_t arrival, next;

	*wait_s = 0;
	if (p == NULL)
		return true;
	arrival = atomic_load(p);
	do {
		if ((next = next_of(arrival, r, wait_s)) < 0)
			return false;
	} while (!atomic_compare_exchange_weak(p, &arrival, next));
	return true;
}
