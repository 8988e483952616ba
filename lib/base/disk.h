/*
 * disk: the size of a file system and its free space.
 */
#ifndef SM_DISK_H
#define SM_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk {
	uint64_t free, size; /* bytes; free: what a user other than root may write */
};

/* Measures the file system that holds path. Returns false with errno set on failure. */
bool disk_of(const char *path, struct disk *out) __attribute__((warn_unused_result));

#endif
