/*
 * mapfile: pieces of a file, mapped as memory that processes share.
 */
#ifndef SM_MAPFILE_H
#define SM_MAPFILE_H

#include <stddef.h>
#include <stdint.h>

/* Maps n bytes of the file from offset at, a multiple of the page size. It first extends the
 * file that far, without holes: touching a hole on a full disk would raise SIGBUS. New bytes
 * are 0. While it does so it holds flock(2) of fd, and a lock that the caller had is gone then.
 * With fd -1 it maps memory of this process and its children. Returns NULL with errno set on
 * failure. The caller releases the memory with munmap(). */
void *mapfile(int fd, uint64_t at, size_t n) __attribute__((warn_unused_result));

#endif
