/*
 * bdb_env: what the disk must offer Berkeley DB. It does not use db.h.
 */
#ifndef SM_BDB_ENV_H
#define SM_BDB_ENV_H

#include <stdbool.h>
#include <stdint.h>

/* Removes the region files (__db.001 and so on) of dir, whose memory is stale. Returns 0, or -1
 * with errno set. */
int kv_regions_remove(const char *dir) __attribute__((warn_unused_result));

/* Allocates all the disk blocks that the region files this process has mapped may grow to. They are
 * sparse, and touching a hole on a full disk raises SIGBUS (DB_REGION_INIT does not prevent it).
 * Returns 0, or -1 with errno set. */
int kv_regions_fill(const char *dir) __attribute__((warn_unused_result));

/* A recovery makes new region files, while processes that still map the old ones keep their blocks.
 * On a full disk the recovery uses the space of a file reserved for it, DIR/spare. kv_spare_make()
 * creates that file if it does not exist and at least least bytes stay free. kv_spare_use() removes
 * it if less is free than a recovery may need, and returns true if it did. */
void kv_spare_make(const char *dir, uint64_t least);
bool kv_spare_use(const char *dir);

/* Returns the name of the file system of dir if it cannot hold the store, else NULL. On a network
 * file system neither mmap nor flock is shared between machines. */
const char *kv_network_fs(const char *dir);

#endif
