/*
 * restore_records: the records and the media of a backup that is being restored.
 */
#ifndef SM_RESTORE_RECORDS_H
#define SM_RESTORE_RECORDS_H

#include "admin/backup/manifest.h"
#include "admin/backup/snapshot.h"
#include "admin/cmd.h"

/* A restore under way. */
struct restore {
	struct admin *ad;
	struct settings from, to;  /* the backup; the folder in which the instance is built */
	char dir[INSTANCE_PATH];   /* where the instance will be */
	char aside[INSTANCE_PATH]; /* "": nothing had to be moved */
	struct manifest m;
	struct snapshot *found; /* counts the faults; shared with the child that examines */
	uint64_t copied, bytes; /* blobs */
	unsigned entries;       /* of dir */
};

/* Makes the database that was copied to ctx->to the new instance's: examines its pages and compares
 * its records with each other and the manifest, copies the media that they name, and leaves out the
 * ids that may have been given out since the backup. It runs in the cage of restore_cage.h. ctx is
 * a struct restore. Prints what is wrong, and returns NOT_DONE if the backup is not to be used. */
int restore_records(void *ctx);

#endif
