/* concurrency_limit: see concurrency_limit.h */
#include "cgi/concurrency_limit.h"

#include <pthread.h>
#include <stdatomic.h>

#include "cgi/http.h"

enum { ACCOUNTS = 1024 };

static atomic_uint busy;

static struct {
	pthread_mutex_t lock;
	struct {
		uint64_t account;
		unsigned n; /* 0: free */
	} place[ACCOUNTS];
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool
concurrency_request(unsigned max)
{
	if (atomic_fetch_add(&busy, 1) < max)
		return true;
	atomic_fetch_sub(&busy, 1);
	return false;
}

void
concurrency_request_done(void)
{
	atomic_fetch_sub(&busy, 1);
}

/* Returns the entry of the account, or else a free one, or -1. The caller holds the lock. */
static int
find(uint64_t account)
{
	int spare = -1;

	for (int i = 0; i < ACCOUNTS; i++) {
		if (table.place[i].n > 0 && table.place[i].account == account)
			return i;
		if (table.place[i].n == 0 && spare < 0)
			spare = i;
	}
	return spare;
}

bool
concurrency_admit(struct http *h, uint64_t account, unsigned max)
{
	bool ok;
	int i;

	if (h->admitted != 0)
		return h->admitted == account;
	(void)pthread_mutex_lock(&table.lock);
	i = find(account);
	ok = i >= 0 && table.place[i].n < max;
	if (ok) {
		table.place[i].account = account;
		table.place[i].n++;
	}
	(void)pthread_mutex_unlock(&table.lock);
	h->admitted = ok ? account : 0;
	return ok;
}

void
concurrency_leave(struct http *h)
{
	int i;

	if (h->admitted == 0)
		return;
	(void)pthread_mutex_lock(&table.lock);
	i = find(h->admitted);
	if (i >= 0 && table.place[i].n > 0)
		table.place[i].n--;
	(void)pthread_mutex_unlock(&table.lock);
	h->admitted = 0;
}
