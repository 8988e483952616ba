/*
 * store_rate: the file of rates.
 */
#ifndef SM_STORE_RATE_H
#define SM_STORE_RATE_H

struct rates *rates_open(const char *path); /* NULL path: in memory */
void rates_close(struct rates **r);

#endif
