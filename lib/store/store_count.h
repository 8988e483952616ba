/*
 * store_count: counts the calls of accounts, against their limits. The counts survive processes,
 * but not a power cut.
 */
#ifndef SM_STORE_COUNT_H
#define SM_STORE_COUNT_H

#include "store/store.h"

enum take_rc { TAKE_OK, TAKE_INTERVAL, TAKE_THROUGHPUT, TAKE_DAILY, TAKE_NO_ACTION };
struct take_limits {
	uint64_t min_interval_s, throughput, daily; /* 0: no limit */
};
/* Counts one call of the account to action (its row in lib/model/actions.def), unless a limit
 * refuses it; the limits are tried in the order interval, throughput, day. A refused call does not
 * count. TAKE_NO_ACTION: there is no such action; it is refused, whatever the limits. */
enum take_rc store_take(struct store *st, uint64_t account, unsigned action,
    const struct take_limits *l);
/* Returns the number of calls of the account today (UTC). */
uint64_t store_taken_today(struct store *st, uint64_t account);
/* Calls of the account today and in this minute (UTC), and the time of its last accepted call
 * (microseconds; 0: never). */
struct use {
	uint64_t today, minute;
	int64_t last;
};
void store_use(struct store *st, uint64_t account, struct use *out);

/* For store.c: opens the file; path NULL: in memory. Returns NULL on failure. */
struct counters *counters_open(const char *path);
void counters_close(struct counters **c);

#endif
