/*
 * kept_rules: what a request with an Idempotency-Key does that has been used before. Pure: nothing
 * here knows how a key is stored.
 */
#ifndef SM_KEPT_RULES_H
#define SM_KEPT_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypt.h"

enum kept_state {
	KEPT_FREE,    /* the key has no record */
	KEPT_RUNNING, /* a request with it is under way, or its process was killed */
	KEPT_DONE     /* its answer is kept */
};

/* What is known of a key. Times are in microseconds. */
struct kept_seen {
	enum kept_state state;
	int64_t created;        /* when the request began that has it */
	int64_t until;          /* end of the lease of one that runs */
	char print[SHA256_HEX]; /* of that request */
};

enum kept_next {
	KEPT_RUN,    /* it runs */
	KEPT_REPLAY, /* it gets the answer that is kept */
	KEPT_BUSY,   /* the first one still runs: 409 */
	KEPT_OTHER   /* it is another request: 422 */
};

/* Returns true if an answer of that time counts: for ttl_s seconds. One from the future does so up
 * to the horizon, ttl_s seconds and a minute from now: somebody may still repeat the request, and
 * to send its message again is worse than to keep the answer for up to twice as long. From further
 * in the future, it would block its key until then, perhaps for years. */
bool kept_young(int64_t created, int64_t now, uint64_t ttl_s);
int64_t kept_horizon(int64_t now, uint64_t ttl_s);

/* Returns true if the record of the key counts no more: an answer that is not young, or a request
 * whose lease is over. A request that began in the future did so before the clock was set back;
 * nobody knows how long ago, so its lease is over too. Should it still run, it finds its key lost
 * and stores nothing. */
bool kept_over(const struct kept_seen *k, int64_t now, uint64_t ttl_s);

enum { KEPT_MORE_MS = 30000 }; /* of a lease, beyond the longest time that a request may take */

/* Returns the Retry-After of KEPT_BUSY, in seconds, for what is left of the lease: 1 while the
 * first request may still run. After that it was killed; then it is what is left, but 10 at most.
 */
unsigned kept_retry_after(int64_t left_ms);

/* Decides what a request with this fingerprint does now. */
enum kept_next kept_next(const struct kept_seen *k, const char *print, int64_t now, uint64_t ttl_s);

#endif
