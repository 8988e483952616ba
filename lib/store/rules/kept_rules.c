/* kept_rules: see kept_rules.h */
#include "store/rules/kept_rules.h"

#include <string.h>

enum { SECOND_US = 1000000, SLACK_US = 60 * SECOND_US, SECOND_MS = 1000, RETRY_MAX_S = 10 };

bool
kept_young(int64_t created, int64_t now, uint64_t ttl_s)
{
	return now - created < (int64_t)ttl_s * SECOND_US && created <= kept_horizon(now, ttl_s);
}

int64_t
kept_horizon(int64_t now, uint64_t ttl_s)
{
	return now + (int64_t)ttl_s * SECOND_US + SLACK_US;
}

bool
kept_over(const struct kept_seen *k, int64_t now, uint64_t ttl_s)
{
	if (k->state == KEPT_RUNNING)
		return k->until <= now || k->created > now + SLACK_US;
	return k->state == KEPT_FREE || !kept_young(k->created, now, ttl_s);
}

unsigned
kept_retry_after(int64_t left_ms)
{
	if (left_ms > KEPT_MORE_MS || left_ms <= SECOND_MS)
		return 1;
	return left_ms > RETRY_MAX_S * SECOND_MS ?
	    RETRY_MAX_S :
	    (unsigned)((left_ms + SECOND_MS - 1) / SECOND_MS);
}

enum kept_next
kept_next(const struct kept_seen *k, const char *print, int64_t now, uint64_t ttl_s)
{
	if (kept_over(k, now, ttl_s))
		return KEPT_RUN;
	if (strcmp(k->print, print) != 0)
		return KEPT_OTHER;
	return k->state == KEPT_RUNNING ? KEPT_BUSY : KEPT_REPLAY;
}
