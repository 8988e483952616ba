/*
 * manifest: the file MANIFEST, which describes a backup.
 */
#ifndef SM_MANIFEST_H
#define SM_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypt.h"

enum { MANIFEST_FILES = 128, MANIFEST_NAME = 64, MANIFEST_TEXT = 64 };

struct manifest_file {
	char name[MANIFEST_NAME]; /* path within the backup, such as db/store.db */
	char sha[SHA256_HEX];
	uint64_t bytes;
};

struct manifest {
	char made[MANIFEST_TEXT], version[MANIFEST_TEXT]; /* when, and by which savemms */
	uint64_t accounts, templates, jobs;
	uint64_t blobs, bytes; /* those that the records name */
	uint64_t faults;       /* inconsistencies that were there when it was made */
	/* all files except the media, whose names are their hashes */
	struct manifest_file file[MANIFEST_FILES];
	unsigned nfile;
};

/* Writes DIR/MANIFEST. Returns 0, or -1 with errno set. */
int manifest_write(const struct manifest *m, const char *dir) __attribute__((warn_unused_result));

/* Reads DIR/MANIFEST. If it is missing, incomplete or of a newer version, returns false with the
 * reason in err. */
bool manifest_read(struct manifest *m, const char *dir, char *err, unsigned errlen)
    __attribute__((warn_unused_result));

/* Copies from/name to to/name and adds the file to the manifest. It may have most bytes; fails with
 * EFBIG if it has more. Returns 0, or -1 with errno set. */
int manifest_add(struct manifest *m, const char *from, const char *to, const char *name,
    uint64_t most) __attribute__((warn_unused_result));

#endif
