/*
 * snapshot: a consistent copy of the store in a folder of its own, to be looked at
 * in peace while the store goes on.
 */
#ifndef SM_SNAPSHOT_H
#define SM_SNAPSHOT_H

#include "admin/admin.h"

struct snapshot {
	struct settings s; /* of the copy: s.dir is its folder, s.dir/db the database */
	struct store *st;  /* open while it is looked at */
	int lock;          /* says that the folder is in use */
	uint64_t faults;   /* printed so far */
};

/* Copies the store of ad into a new folder in --scratch, or in the instance's run.
 * last and ctx as in struct kv_copy. A copy that was left by a command that was killed
 * is removed. On failure it prints why and returns NOT_DONE; the caller owes snapshot_end()
 * then, too. */
int snapshot_take(struct snapshot *sn, struct admin *ad, int (*last)(void *ctx), void *ctx);

/* Seals the copy, looks at its pages and opens it. Faults of the pages are printed and
 * counted; when they are such that it cannot be opened, sn->st stays NULL. */
int snapshot_open(struct snapshot *sn);

/* The database files only are left: what opening it made goes. DONE or NOT_DONE. */
int snapshot_close(struct snapshot *sn);

void snapshot_end(struct snapshot *sn);

/* Prints an inconsistency on stdout and counts it; ctx is a struct snapshot. */
void snapshot_fault(void *ctx, const char *text);

/* The label and how much is done, on a terminal, in place; nothing elsewhere. A label of
 * NULL takes it away again. */
void show_progress(const char *label, uint64_t done, uint64_t total);

/* Is the file one that a database at rest consists of? */
bool is_database_file(const char *name);

#endif
