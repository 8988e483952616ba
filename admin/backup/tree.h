/*
 * tree: files and folders as wholes, for backups.
 */
#ifndef SM_TREE_H
#define SM_TREE_H

#include <stdint.h>

#include "base/crypt.h"

/* Removes the folder and all in it; what is not there is fine. 0, or -1 with errno. */
int tree_remove(const char *path);

/* Copies a file to a new one, mode 0600, and says what was copied. Not synced. 0, or
 * -1 with errno set and nothing left at to. */
int tree_copy(const char *from, const char *to, char sha[SHA256_HEX], uint64_t *bytes)
    __attribute__((warn_unused_result));

/* Writes all of the file system that path is on to disk. 0, or -1 with errno. */
int tree_sync(const char *path) __attribute__((warn_unused_result));

/* Calls each(ctx, name) for the entries of a folder but "." and ".."; stops when it
 * returns other than 0 and returns that; -1 with errno when it cannot be read. */
int tree_each(const char *path, int (*each)(void *ctx, const char *name), void *ctx);

#endif
