/*
 * store_count: the file of counters.
 */
#ifndef SM_STORE_COUNT_H
#define SM_STORE_COUNT_H

struct counters *counters_open(const char *path); /* NULL path: in memory */
void counters_close(struct counters **c);

#endif
