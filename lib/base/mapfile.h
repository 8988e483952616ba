/*
 * mapfile: pieces of a file as memory that all processes which map it share.
 */
#ifndef SM_MAPFILE_H
#define SM_MAPFILE_H

#include <stddef.h>
#include <stdint.h>

/* Maps n bytes from offset at (a multiple of the page size) of the file, which is made so
 * long first, without holes: touching one on a full disk would be SIGBUS. New bytes are 0.
 * fd -1: memory of this process and its children. NULL with errno on failure; give it back
 * with munmap(). */
void *mapfile(int fd, uint64_t at, size_t n) __attribute__((warn_unused_result));

#endif
