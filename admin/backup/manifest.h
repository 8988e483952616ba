/*
 * manifest: what a backup says of itself, in the file MANIFEST.
 */
#ifndef SM_MANIFEST_H
#define SM_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypt.h"

enum { MANIFEST_FILES = 128, MANIFEST_NAME = 64, MANIFEST_TEXT = 64 };

struct manifest_file {
	char name[MANIFEST_NAME]; /* within the backup, as db/store.db */
	char sha[SHA256_HEX];
	uint64_t bytes;
};

struct manifest {
	char made[MANIFEST_TEXT], version[MANIFEST_TEXT]; /* when, and by which savemms */
	uint64_t accounts, templates, jobs;
	uint64_t blobs, bytes; /* that the templates need */
	uint64_t faults;       /* inconsistencies it was made with */
	/* all but the media, whose names are their hashes */
	struct manifest_file file[MANIFEST_FILES];
	unsigned nfile;
};

/* Writes DIR/MANIFEST. 0, or -1 with errno. */
int manifest_write(const struct manifest *m, const char *dir) __attribute__((warn_unused_result));

/* Reads DIR/MANIFEST. False and the reason in err when it is not there, not whole, or
 * of a newer version. */
bool manifest_read(struct manifest *m, const char *dir, char *err, unsigned errlen)
    __attribute__((warn_unused_result));

/* Copies from/name to to/name and adds it to the manifest; 0, or -1 with errno. */
int manifest_add(struct manifest *m, const char *from, const char *to, const char *name)
    __attribute__((warn_unused_result));

#endif
