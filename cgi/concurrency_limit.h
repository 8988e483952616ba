/*
 * concurrency_limit: how many requests this process works on at once, in all and for one
 * account. Whoever comes beyond is told so at once instead of waiting.
 */
#ifndef SM_CONCURRENCY_LIMIT_H
#define SM_CONCURRENCY_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Takes one of max places; false when all are taken. */
bool concurrency_request(unsigned max) __attribute__((warn_unused_result));
void concurrency_request_done(void);

/* Takes one of the account's max places in this process; false when all are taken,
 * and when more accounts than can be counted (1024) are under way. */
bool concurrency_account(uint64_t account, unsigned max) __attribute__((warn_unused_result));
void concurrency_account_done(uint64_t account);

#endif
