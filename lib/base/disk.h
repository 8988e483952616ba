/*
 * disk: how much room there is.
 */
#ifndef SM_DISK_H
#define SM_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk {
	uint64_t free, size; /* bytes; free: for who is not root */
};

/* The file system that holds path; false with errno. */
bool disk_of(const char *path, struct disk *out) __attribute__((warn_unused_result));

#endif
