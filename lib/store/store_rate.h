/*
 * store_rate: the file of rate limits.
 */
#ifndef SM_STORE_RATE_H
#define SM_STORE_RATE_H

/* Opens the file; path NULL: in memory. Returns NULL on failure. */
struct rates *rates_open(const char *path);
void rates_close(struct rates **r);

#endif
