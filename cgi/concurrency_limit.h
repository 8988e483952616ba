/*
 * concurrency_limit: limits how many requests this process handles at once, in total and per
 * account. A request beyond a limit is refused at once instead of waiting.
 */
#ifndef SM_CONCURRENCY_LIMIT_H
#define SM_CONCURRENCY_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Counts one more request. Returns false, and counts nothing, when max requests are in progress.
 * After true, the caller must call concurrency_request_done(). */
bool concurrency_request(unsigned max) __attribute__((warn_unused_result));
void concurrency_request_done(void);

/* The same for the requests of one account in this process, ended by concurrency_account_done().
 * It also returns false when requests of more accounts than can be counted (1024) are in
 * progress. */
bool concurrency_account(uint64_t account, unsigned max) __attribute__((warn_unused_result));
void concurrency_account_done(uint64_t account);

#endif
