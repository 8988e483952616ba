/*
 * store_count: the file of call counters.
 */
#ifndef SM_STORE_COUNT_H
#define SM_STORE_COUNT_H

/* Opens the file; path NULL: in memory. Returns NULL on failure. */
struct counters *counters_open(const char *path);
void counters_close(struct counters **c);

#endif
