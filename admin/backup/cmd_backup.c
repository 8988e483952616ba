/*
 * backup: copies the instance into a new folder while it is in use.
 *
 * It copies in this order, so that every blob that a record of the copy names is in the copy:
 *   1. all blobs that exist, while nothing is locked;
 *   2. the database except the end of its log (lib/store/bdb/bdb_copy.c);
 *   3. the blobs that were added meanwhile;
 *   4. it takes blob_shared(), so that nobody removes blobs;
 *   5. the end of the log;
 *   6. the few blobs that were added since step 3.
 * A caller who deletes a template waits during steps 5 and 6, and so does one who saves a template
 * after that caller.
 *
 * A blob is on disk before a record names it, so every blob that the end of the log knows existed
 * in step 6. A blob that was gone by then had already been removed from the records. Finally it
 * checks the copy of the database as savemms check does, against the blobs that were copied.
 *
 * It writes the backup under another name and renames it when it is complete and on disk. On
 * failure it removes that folder. A process that is killed leaves it behind, named DEST.part-*.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/backup/manifest.h"
#include "admin/backup/snapshot.h"
#include "admin/backup/tree.h"
#include "admin/cmd.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/clock.h"
#include "base/file.h"
#include "blob/blob.h"

#ifndef PACKAGE_VERSION
#error "config.h or -DPACKAGE_VERSION is missing"
#endif

enum { CLOCK_SLACK = 10 }; /* seconds by which the times of folders may be off */

struct backup {
	struct admin *ad;
	struct snapshot sn;
	struct settings to; /* to.dir is the folder being written */
	char dest[INSTANCE_PATH];
	struct manifest m;
	int lock;             /* blob_shared(), or -1 */
	int64_t since;        /* when step 3 began */
	uint64_t there, seen; /* blobs, for the progress */
	uint64_t bytes;
};

/* --- where to ---------------------------------------------------------------------------- */

static int
any(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return 1;
}

/* Checks that DEST is new or an empty folder, and creates the folder to write to. The other names
 * are made from the real path of DEST's parent. */
static int
find_place(struct backup *b)
{
	char copy[INSTANCE_PATH], part[INSTANCE_PATH], parent[PATH_MAX];
	char *slash;
	int rc;

	if (snprintf(copy, sizeof copy, "%s", b->ad->argv[0]) >= (int)sizeof copy - 32)
		return fail("%s: the path is too long", b->ad->argv[0]);
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	if ((rc = tree_each(copy, any, NULL)) > 0)
		return fail("%s is not empty; name a new folder", copy);
	if (rc < 0 && errno != ENOENT)
		return fail("%s: %s; name a new folder%s", copy, strerror(errno),
		    owner_note(b->ad->as_owner));
	slash = strrchr(copy, '/');
	if (slash != NULL)
		*slash = '\0';
	if (realpath(slash == NULL ? "." : slash == copy ? "/" : copy, parent) == NULL)
		return fail("%s: %s; it must exist%s", copy, strerror(errno),
		    owner_note(b->ad->as_owner));
	if (snprintf(b->dest, sizeof b->dest, "%s/%s", parent, slash != NULL ? slash + 1 : copy) >=
		(int)sizeof b->dest ||
	    snprintf(part, sizeof part, "%s.part-XXXXXX", b->dest) >= (int)sizeof part - 32)
		return fail("%s: the path is too long", b->ad->argv[0]);
	if (mkdtemp(part) == NULL)
		return fail("%s: %s%s", part, strerror(errno), owner_note(b->ad->as_owner));
	settings_defaults(&b->to, part);
	return DONE;
}

static int
count_blob(void *ctx, const char *sha, uint64_t bytes, int64_t age)
{
	struct backup *b = ctx;

	(void)sha;
	(void)age;
	b->there++;
	b->bytes += bytes;
	return 0;
}

/* Checks that there is enough space. Blobs on the same file system are linked and need none. */
static int
check_space(struct backup *b)
{
	struct stat here, there;
	char media[INSTANCE_PATH], db[INSTANCE_PATH];
	uint64_t need, room = file_disk_free(b->to.dir);

	settings_path(&b->ad->s, "media", media, sizeof media);
	settings_path(&b->ad->s, "db/store.db", db, sizeof db);
	if (blob_each(&b->ad->s, count_blob, b) != 0 || stat(media, &here) != 0 ||
	    stat(b->to.dir, &there) != 0)
		return fail("%s: %s", media, strerror(errno));
	need = here.st_dev == there.st_dev ? 0 : b->bytes;
	if (stat(db, &here) == 0)
		need += (uint64_t)here.st_size;
	need += 16 << 20; /* the log, and what the file system itself needs */
	if (need <= room)
		return DONE;
	return fail("%s has %" PRIu64 " MB free, and the backup needs %" PRIu64, b->to.dir,
	    room >> 20, need >> 20);
}

/* --- blobs --------------------------------------------------------------------------------- */

/* Copies one blob. A blob that is gone was deleted meanwhile. A blob whose bytes have changed is
 * left out, and the check of the records will report it as missing. */
static int
copy_blob(void *ctx, const char *sha, uint64_t bytes, int64_t age)
{
	struct backup *b = ctx;

	(void)bytes;
	(void)age;
	show_progress("copying media", ++b->seen, b->there);
	if (blob_copy(&b->ad->s, &b->to, sha, INT64_MAX, true) == 0 || errno == ENOENT ||
	    errno == EBADMSG)
		return 0;
	return fail("blob %s cannot be copied to %s: %s", sha, b->to.dir, strerror(errno));
}

/* Copies the blobs that were added since then (0: all). */
static int
copy_blobs(struct backup *b, int64_t since)
{
	int rc;

	b->seen = 0;
	rc = blob_each_new(&b->ad->s, since, copy_blob, b);
	show_progress(NULL, 0, 0);
	if (rc < 0)
		return fail("the folder of the media cannot be read: %s", strerror(errno));
	return rc == 0 ? DONE : NOT_DONE;
}

/* Does steps 3 and 4. */
static int
before_last(void *ctx)
{
	struct backup *b = ctx;

	file_close(&b->lock); /* it is held if the copy of the database has begun again */
	b->since = clock_now() / 1000000 - CLOCK_SLACK;
	if (copy_blobs(b, 0) != DONE)
		return -1;
	if ((b->lock = blob_shared(&b->ad->s)) < 0)
		return fail("the media cannot be locked: %s", strerror(errno));
	return 0;
}

/* --- the records and what they need ---------------------------------------------------------- */

static int
check_blob(void *ctx, const char *sha, uint64_t bytes, const char *whose)
{
	struct backup *b = ctx;
	char path[INSTANCE_PATH], text[512];
	struct stat st;

	b->m.bytes += bytes;
	blob_path(&b->to, sha, path, sizeof path);
	if (path[0] != '\0' && stat(path, &st) == 0 && (uint64_t)st.st_size == bytes)
		return 0;
	/* a clock that was set misled step 6, or the link is to changed bytes */
	if (path[0] != '\0' && unlink(path) != 0 && errno != ENOENT)
		return fail("%s: %s", path, strerror(errno));
	if (blob_copy(&b->ad->s, &b->to, sha, bytes, false) == 0 && stat(path, &st) == 0 &&
	    (uint64_t)st.st_size == bytes)
		return 0;
	(void)snprintf(text, sizeof text, "blob %s of %s is missing or damaged", sha, whose);
	snapshot_fault(&b->sn, text);
	return 0;
}

static void
check_fault(void *ctx, const char *text)
{
	struct backup *b = ctx;

	snapshot_fault(&b->sn, text);
}

static int
check_records(struct backup *b)
{
	struct store_check c = { .fault = check_fault, .blob = check_blob, .ctx = b };
	enum store_rc rc;

	if (b->sn.st == NULL)
		return fail("the database cannot be read, so no backup of it is kept");
	if ((rc = store_check(b->sn.st, &c)) != ST_OK)
		return fail_store(rc, "the copy cannot be checked");
	b->m.accounts = c.accounts;
	b->m.templates = c.templates;
	b->m.jobs = c.jobs;
	b->m.blobs = c.blobs;
	b->m.faults = b->sn.faults;
	return DONE;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static int
add_database_file(void *ctx, const char *name)
{
	struct backup *b = ctx;
	char path[NAME_MAX + 4];

	(void)snprintf(path, sizeof path, "db/%s", name);
	if (manifest_add(&b->m, b->sn.s.dir, b->to.dir, path, INT64_MAX) == 0)
		return 0;
	return fail("%s cannot be copied to %s: %s", path, b->to.dir, strerror(errno));
}

/* Adds savemms.conf, which may have another name or place in the instance (-C FILE). */
static int
add_conf(struct backup *b)
{
	struct manifest_file *f = &b->m.file[b->m.nfile];
	char to[INSTANCE_PATH];

	settings_path(&b->to, "savemms.conf", to, sizeof to);
	f->bytes = INT64_MAX;
	if (b->m.nfile == MANIFEST_FILES || tree_copy(b->ad->s.file, to, f->sha, &f->bytes) != 0)
		return fail("%s cannot be copied: %s", b->ad->s.file, strerror(errno));
	(void)snprintf(f->name, sizeof f->name, "savemms.conf");
	b->m.nfile++;
	return DONE;
}

static int
write_files(struct backup *b)
{
	char db[INSTANCE_PATH], from[INSTANCE_PATH];
	int rc;

	settings_path(&b->to, "db", db, sizeof db);
	settings_path(&b->sn.s, "db", from, sizeof from);
	if (mkdir(db, 0700) != 0)
		return fail("%s: %s", db, strerror(errno));
	if ((rc = tree_each(from, add_database_file, b)) != 0)
		return rc > 0 ? NOT_DONE : fail("%s: %s", from, strerror(errno));
	if (add_conf(b) != DONE)
		return NOT_DONE;
	clock_iso(clock_now(), b->m.made);
	(void)snprintf(b->m.version, sizeof b->m.version, "%s", PACKAGE_VERSION);
	if (manifest_write(&b->m, b->to.dir) != 0 || tree_sync(b->to.dir) != 0)
		return fail("%s: %s", b->to.dir, strerror(errno));
	return DONE;
}

static int
give_name(struct backup *b)
{
	char parent[INSTANCE_PATH];
	char *slash;

	(void)snprintf(parent, sizeof parent, "%s", b->dest);
	if ((slash = strrchr(parent, '/')) != NULL)
		slash[slash == parent] = '\0';
	if (rename(b->to.dir, b->dest) != 0)
		return fail("%s cannot be renamed to %s: %s", b->to.dir, b->dest, strerror(errno));
	b->to.dir[0] = '\0';
	if (file_sync_dir(parent) != 0)
		return fail("%s: %s", parent, strerror(errno));
	return DONE;
}

static int
make(struct backup *b)
{
	char media[INSTANCE_PATH];
	int st;

	settings_path(&b->to, "media", media, sizeof media);
	if (mkdir(media, 0700) != 0)
		return fail("%s: %s", media, strerror(errno));
	if (check_space(b) != DONE || copy_blobs(b, 0) != DONE)
		return NOT_DONE;
	st = snapshot_take(&b->sn, b->ad, before_last, b);
	if (st == DONE)
		st = copy_blobs(b, b->since);
	file_close(&b->lock);
	if (st != DONE || snapshot_open(&b->sn) != DONE || check_records(b) != DONE ||
	    snapshot_close(&b->sn) != DONE || write_files(b) != DONE)
		return NOT_DONE;
	return give_name(b);
}

static int
report(const struct backup *b)
{
	(void)printf("backup of %s in %s: %" PRIu64 " accounts, %" PRIu64 " templates, %" PRIu64
		     " jobs, %" PRIu64 " blobs of %" PRIu64 " bytes\n",
	    b->ad->s.dir, b->dest, b->m.accounts, b->m.templates, b->m.jobs, b->m.blobs,
	    b->m.bytes);
	if (b->m.faults > 0)
		return fail("the backup was made, with the %" PRIu64
			    " inconsistencies above; 'savemms check' says what "
			    "is wrong with the instance",
		    b->m.faults);
	return finish();
}

int
cmd_backup(struct admin *ad)
{
	static struct backup b;
	int st;

	b.ad = ad;
	b.lock = b.sn.lock = -1;
	if (find_place(&b) != DONE)
		return NOT_DONE;
	st = make(&b);
	snapshot_end(&b.sn);
	if (b.to.dir[0] != '\0' && tree_remove(b.to.dir) != 0)
		(void)fail("%s cannot be removed: %s", b.to.dir, strerror(errno));
	return st == DONE ? report(&b) : st;
}
