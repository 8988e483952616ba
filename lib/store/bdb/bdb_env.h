/*
 * bdb_env: what the disk must offer Berkeley DB; no db.h here.
 */
#ifndef SM_BDB_ENV_H
#define SM_BDB_ENV_H

#include <stdbool.h>
#include <stdint.h>

/* Removes the region files (__db.001 and so on) of dir, whose memory is stale.
 * 0, or -1 with errno set. */
int kv_regions_remove(const char *dir) __attribute__((warn_unused_result));

/* Gives the region files this process has mapped all the disk blocks they may
 * grow to: they are sparse, and touching a hole on a full disk is SIGBUS
 * (DB_REGION_INIT does not prevent it). */
int kv_regions_fill(const char *dir) __attribute__((warn_unused_result));

/* A recovery makes new region files, and processes that still map the old ones keep
 * their blocks; on a full disk it needs the space of a file that waits for that,
 * DIR/spare. make: it is made where it is not there and least bytes stay free. use: it
 * is removed if less is free than a recovery may need; true when it was. */
void kv_spare_make(const char *dir, uint64_t least);
bool kv_spare_use(const char *dir);

/* The name of the file system of dir if it is one that cannot hold the store:
 * on a network one neither mmap nor flock is shared between machines. Else NULL. */
const char *kv_network_fs(const char *dir);

#endif
