/*
 * snapshot: makes a consistent copy of the store in a folder of its own, so that a command can
 * examine it while the store stays in use.
 */
#ifndef SM_SNAPSHOT_H
#define SM_SNAPSHOT_H

#include "admin/admin.h"

struct snapshot {
	struct settings s; /* of the copy: s.dir is its folder, s.dir/db the database */
	struct store *st;  /* open while it is examined; NULL: not open */
	int lock;          /* marks the folder as in use */
	uint64_t faults;   /* printed so far */
};

/* Copies the store of ad into a new folder in --scratch, or in the instance's folder run, and
 * removes copies that killed commands left there. last and ctx are as in struct kv_copy. Returns
 * DONE; on failure prints why and returns NOT_DONE. The caller must call snapshot_end() in either
 * case. */
int snapshot_take(struct snapshot *sn, struct admin *ad, int (*last)(void *ctx), void *ctx);

/* Seals the copy, checks its pages and opens it. It prints and counts faults of the pages and
 * still returns DONE; if the copy cannot be opened because of them, sn->st stays NULL. If the copy
 * cannot be examined, prints why and returns NOT_DONE. */
int snapshot_open(struct snapshot *sn);

/* Closes the copy and removes the files that opening it created, so that only the database files
 * are left. Returns DONE; on failure prints why and returns NOT_DONE. */
int snapshot_close(struct snapshot *sn);

/* Closes the copy and removes its folder. */
void snapshot_end(struct snapshot *sn);

/* Prints an inconsistency on stdout and counts it. ctx is a struct snapshot. */
void snapshot_fault(void *ctx, const char *text);

/* On a terminal, shows the label and how much is done, always on the same line; anywhere else it
 * shows nothing. A label of NULL removes the line. */
void show_progress(const char *label, uint64_t done, uint64_t total);

/* Returns whether a database at rest contains a file of this name. */
bool is_database_file(const char *name);

#endif
