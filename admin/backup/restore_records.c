/* restore_records: see restore_records.h */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/backup/restore_records.h"
#include "admin/say.h"
#include "base/clock.h"
#include "blob/blob.h"

enum { IDS_LEAST = 1000000, IDS_A_SECOND = 10000 };

static int
copy_blob(void *ctx, const char *sha, uint64_t bytes, const char *whose)
{
	struct restore *r = ctx;
	char path[INSTANCE_PATH], text[512];
	struct stat st;

	show_progress("copying media", ++r->copied, r->m.blobs);
	if (bytes > r->m.bytes - r->bytes)
		return fail("the records name more bytes of media than MANIFEST says");
	r->bytes += bytes;
	if (blob_copy(&r->from, &r->to, sha, bytes, false) == 0) {
		blob_path(&r->to, sha, path, sizeof path);
		if (stat(path, &st) == 0 && (uint64_t)st.st_size == bytes)
			return 0;
		errno = EBADMSG;
	}
	if (errno != ENOENT && errno != EBADMSG && errno != ELOOP)
		return fail("blob %s cannot be copied: %s", sha, strerror(errno));
	(void)snprintf(text, sizeof text, "blob %s of %s: %s", sha, whose,
	    errno == ENOENT ? "its file is missing from the backup" :
			      "its file in the backup is damaged");
	snapshot_fault(r->found, text);
	return 0;
}

static void
record_fault(void *ctx, const char *text)
{
	struct restore *r = ctx;

	snapshot_fault(r->found, text);
}

/* Compares the records of the copied database with each other and the manifest, and copies the
 * media that they name. */
static int
examine(struct restore *r, struct store *st)
{
	struct store_check c = { .fault = record_fault, .blob = copy_blob, .ctx = r };
	enum store_rc rc = store_check(st, &c);

	show_progress(NULL, 0, 0);
	if (rc != ST_OK)
		return fail_store(rc, "the records of the backup cannot be examined");
	if (c.accounts != r->m.accounts || c.templates != r->m.templates || c.jobs != r->m.jobs)
		record_fault(r,
		    "the numbers of records in the backup's database are not those in MANIFEST");
	if (r->found->faults > 0 && r->ad->opt[OPT_PARTIAL] == NULL)
		return fail("the backup has the %" PRIu64
			    " inconsistencies above; --partial restores it with them",
		    r->found->faults);
	return DONE;
}

/* The instance that the backup was made of has given out more ids since then: customers hold those
 * MMSIDs, and their servers know those of postbacks (webhook-id) as seen. So ids go on far above
 * all that it can have given out, at far more a second than any machine makes. */
static int
skip_ids(struct restore *r, struct store *st)
{
	const int64_t made = clock_parse(r->m.made), now = clock_now();
	uint64_t n = IDS_LEAST;
	enum store_rc rc;

	if (made >= 0 && now > made)
		n += (uint64_t)(now - made) / 1000000 * IDS_A_SECOND;
	if ((rc = store_skip_ids(st, n)) != ST_OK)
		return fail_store(rc, "the ids that may have been given out cannot be left out");
	return DONE;
}

int
restore_records(void *ctx)
{
	struct restore *r = ctx;
	char db[INSTANCE_PATH], err[STORE_ERR];
	struct store *st;
	enum store_rc rc;
	int done;

	settings_path(&r->to, "db", db, sizeof db);
	rc = store_verify(db, record_fault, r);
	if (rc != ST_OK && rc != ST_CORRUPT)
		return fail_store(rc, "the database of the backup cannot be examined");
	if ((st = store_open(&r->to, false, err)) == NULL)
		return fail("the database of the backup cannot be opened: %s", err);
	done = examine(r, st);
	if (done == DONE)
		done = skip_ids(r, st);
	store_close(&st);
	return done;
}
