/*
 * tree: copies, syncs and removes files and folders, for backups.
 */
#ifndef SM_TREE_H
#define SM_TREE_H

#include <stdint.h>

#include "base/crypt.h"

/* Removes the folder and everything in it; a missing folder is fine. Returns 0, or -1 with errno
 * set. */
int tree_remove(const char *path);

/* Copies a regular file to a new one, mode 0600, and puts the SHA-256 and the number of bytes
 * copied into sha and *bytes. *bytes is the most that it may have on entry; fails with EFBIG if the
 * file has more. It does not sync. Returns 0, or -1 with errno set and nothing left at to. */
int tree_copy(const char *from, const char *to, char sha[SHA256_HEX], uint64_t *bytes)
    __attribute__((warn_unused_result));

/* Syncs the whole file system that path is on. Returns 0, or -1 with errno set. */
int tree_sync(const char *path) __attribute__((warn_unused_result));

/* Calls each(ctx, name) for every entry of a folder except "." and "..". If each() returns anything
 * but 0, stops and returns that. Returns -1 with errno set if the folder cannot be read. */
int tree_each(const char *path, int (*each)(void *ctx, const char *name), void *ctx);

#endif
