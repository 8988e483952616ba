/*
 * store_rate: counts how often something was tried, in a file that all processes map.
 *
 * What is counted has a name of any kind ("console from 192.0.2.1"), whose hash is its place among
 * 65,536 places: there is nothing to add, to sweep or to fill up. Two names that share a place are
 * counted together; one of them may then be refused too early, never too late. Callers choose parts
 * of many names, so the hash has a random key, which is kept behind the places: nobody outside can
 * find a name that shares the place of another and use up its limit.
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

enum { PLACES = 65536, KEY_WORDS = SHA256_BYTES / 8, SECOND_US = 1000000 };
enum { FILE_BYTES = (PLACES + KEY_WORDS) * sizeof(int64_t) };
_Static_assert(PLACES == 1 << 16, "two bytes are a place");

struct rates {
	int fd; /* -1: in memory */
	pthread_mutex_t mutex;
	_Atomic(_Atomic int64_t *) place; /* NULL until first used; microseconds, see gcra.h */
	int64_t key[KEY_WORDS];           /* set before place is */
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
		(void)munmap(p, FILE_BYTES);
	file_close(&(*r)->fd);
	(void)pthread_mutex_destroy(&(*r)->mutex);
	free(*r);
	*r = NULL;
}

/* Reads the key from the file. A word of it that is 0 was never drawn: of the processes that draw
 * it at the same moment, one prevails. */
static void
settle_key(struct rates *r, _Atomic int64_t *word)
{
	for (int i = 0; i < KEY_WORDS; i++) {
		int64_t drawn = 0, kept = 0;

		while (drawn == 0)
			crypt_random(&drawn, sizeof drawn);
		r->key[i] = atomic_compare_exchange_strong(&word[i], &kept, drawn) ? drawn : kept;
	}
}

/* Returns the places, or NULL when the file cannot be mapped. */
static _Atomic int64_t *
places(struct rates *r)
{
	_Atomic int64_t *p = atomic_load(&r->place);

	if (p != NULL)
		return p;
	(void)pthread_mutex_lock(&r->mutex);
	if ((p = atomic_load(&r->place)) == NULL) {
		if ((p = mapfile(r->fd, 0, FILE_BYTES)) == NULL)
			log_error("store: the file of rates: %s", strerror(errno));
		else
			settle_key(r, p + PLACES);
		atomic_store(&r->place, p);
	}
	(void)pthread_mutex_unlock(&r->mutex);
	return p;
}

static _Atomic int64_t *
place_of(struct rates *r, const char *name)
{
	_Atomic int64_t *p = places(r);
	unsigned char mac[SHA256_BYTES];

	if (p == NULL)
		return NULL;
	crypt_hmac_sha256(r->key, sizeof r->key, name, strlen(name), mac);
	return p + (mac[0] << 8 | mac[1]);
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
