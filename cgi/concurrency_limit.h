/*
 * concurrency_limit: limits how many requests this process handles at once, in total and per
 * account. A request beyond a limit is refused at once instead of waiting.
 */
#ifndef SM_CONCURRENCY_LIMIT_H
#define SM_CONCURRENCY_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct http;

/* Counts one more request. Returns false, and counts nothing, when max requests are in progress.
 * After true, the caller must call concurrency_request_done(). */
bool concurrency_request(unsigned max) __attribute__((warn_unused_result));
void concurrency_request_done(void);

/* Admits the request as one of the account's: every request that an account is known for, of the
 * API and of the console, passes here. Asking again for the same request is free. Returns false
 * when max requests of the account are in progress in this process, or requests of more accounts
 * than can be counted (1024). route.c calls concurrency_leave() at the end of every request. */
bool concurrency_admit(struct http *h, uint64_t account, unsigned max)
    __attribute__((warn_unused_result));
void concurrency_leave(struct http *h);

#endif
