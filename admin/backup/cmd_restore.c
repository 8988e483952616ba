/*
 * restore: makes an instance of a backup, in a new or empty folder.
 *
 * It first builds everything in DIR/restore-XXXXXX: it copies the files of the manifest and
 * compares their hashes, then, in a cage, checks the pages of the database, compares every record
 * and index, copies and hashes each blob that a record names, and makes sure that no id is given
 * out again. It reads regular files only, and no byte more than the manifest says. Only if all that
 * is right does it touch what is in DIR. If --force is given, it moves that to DIR/before-TIME.
 * Then it moves the new parts in, savemms.conf last, so that a folder where this was interrupted
 * does not pass for an instance. On failure it removes the folder restore-XXXXXX.
 *
 * Nobody may use the instance that is being replaced; restore notices processes that have its store
 * open.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "admin/backup/manifest.h"
#include "admin/backup/restore_cage.h"
#include "admin/backup/restore_records.h"
#include "admin/backup/snapshot.h"
#include "admin/backup/tree.h"
#include "admin/cmd.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/file.h"
#include "blob/blob.h"

enum { NAME = 256, PATH = INSTANCE_PATH + NAME };

/* --- where to ---------------------------------------------------------------------------- */

/* Finds the folder that the second word, or otherwise -C or SAVEMMS_CONF, names, and makes it. Root
 * becomes its owner first. */
static int
find_dir(struct restore *r)
{
	const char *given = r->ad->argc > 1 ? r->ad->argv[1] :
	    r->ad->conf != NULL             ? r->ad->conf :
					      getenv("SAVEMMS_CONF");
	static const char conf[] = "/savemms.conf";
	char copy[INSTANCE_PATH], real[PATH_MAX];
	size_t n;

	if (given == NULL)
		return wrong("name the folder to restore into, as a second word or with -C");
	if (snprintf(copy, sizeof copy, "%s", given) >= (int)sizeof copy - 64)
		return fail("%s: the path is too long", given);
	n = strlen(copy);
	if (r->ad->argc < 2 && n > sizeof conf - 1 &&
	    strcmp(copy + n - (sizeof conf - 1), conf) == 0)
		copy[n - (sizeof conf - 1)] = '\0';
	if (owner_become_of(copy, &r->ad->as_owner) != DONE)
		return NOT_DONE;
	if (file_mkdirs(copy) != 0 || realpath(copy, real) == NULL)
		return fail("%s: %s", copy, strerror(errno));
	if (snprintf(r->dir, sizeof r->dir, "%s", real) >= (int)sizeof r->dir - 64)
		return fail("%s: the path is too long", real);
	return DONE;
}

/* Returns whether restore ignores the entry and leaves it in place, such as an earlier instance
 * that was moved aside. */
static bool
is_left_in_place(const char *name)
{
	return strncmp(name, "before-", 7) == 0 || strncmp(name, "restore-", 8) == 0 ||
	    strcmp(name, "lost+found") == 0;
}

static int
count_entry(void *ctx, const char *name)
{
	struct restore *r = ctx;

	r->entries += !is_left_in_place(name);
	return 0;
}

/* Returns whether no process uses the instance. The kernel grants a write lease only on a file that
 * nobody else has open, so this finds processes of any user and program. */
static bool
unused(const char *dir)
{
	char path[PATH];
	int fd, rc;

	(void)snprintf(path, sizeof path, "%s/db/lock", dir);
	if ((fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return true;
	rc = fcntl(fd, F_SETLEASE, F_WRLCK);
	if (rc != 0 && errno != EAGAIN)
		rc = 0; /* a file system without leases */
	else if (rc == 0)
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	file_close(&fd);
	return rc == 0;
}

static int
check_dir(struct restore *r)
{
	if (tree_each(r->dir, count_entry, r) != 0)
		return fail("%s: %s", r->dir, strerror(errno));
	if (r->entries > 0 && r->ad->opt[OPT_FORCE] == NULL)
		return fail(
		    "%s is not empty; name a new folder, or give --force to move its contents aside",
		    r->dir);
	if (!unused(r->dir))
		return fail("%s is in use; stop the web server's program and the helper first",
		    r->dir);
	return DONE;
}

/* Checks that there is room for all bytes that the manifest names, of which no sum may overflow. */
static int
check_space(const struct restore *r)
{
	uint64_t room = file_disk_free(r->dir), need = r->m.bytes;
	bool fits = need < INT64_MAX;

	need += 16 << 20;
	for (unsigned i = 0; i < r->m.nfile && fits; i++) {
		need += r->m.file[i].bytes;
		fits = need < INT64_MAX;
	}
	if (fits && need <= room)
		return DONE;
	return fail("%s has %" PRIu64 " MB free, and the backup needs %" PRIu64, r->dir, room >> 20,
	    need >> 20);
}

/* --- building ------------------------------------------------------------------------------- */

static int
make_folders(struct restore *r)
{
	static const char *const name[] = { "db", "log", "run" };
	char part[INSTANCE_PATH], path[INSTANCE_PATH];

	if (snprintf(part, sizeof part, "%s/restore-XXXXXX", r->dir) >= (int)sizeof part ||
	    mkdtemp(part) == NULL)
		return fail("%s: %s", r->dir, strerror(errno));
	settings_defaults(&r->to, part);
	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		settings_path(&r->to, name[i], path, sizeof path);
		if (mkdir(path, 0700) != 0)
			return fail("%s: %s", path, strerror(errno));
	}
	if (blob_init(&r->to) != 0)
		return fail("%s/media: %s", part, strerror(errno));
	settings_open_log(&r->to, "savemms");
	return DONE;
}

/* Copies the files of the manifest and compares the result with it. */
static int
copy_files(struct restore *r)
{
	static struct manifest copied;

	for (unsigned i = 0; i < r->m.nfile; i++) {
		const struct manifest_file *f = &r->m.file[i], *g = &copied.file[i];

		if (manifest_add(&copied, r->from.dir, r->to.dir, f->name, f->bytes) != 0)
			return errno == EFBIG ?
			    fail("%s/%s is damaged: it has more bytes than MANIFEST says",
				r->from.dir, f->name) :
			    errno == EINVAL ?
			    fail("%s/%s is damaged: it is no regular file", r->from.dir, f->name) :
			    fail("%s of the backup cannot be copied: %s", f->name, strerror(errno));
		if (f->bytes != g->bytes || strcmp(f->sha, g->sha) != 0)
			return fail("%s/%s is damaged: its SHA-256 is not the one in MANIFEST",
			    r->from.dir, f->name);
	}
	return DONE;
}

/* --- moving in ---------------------------------------------------------------------------------
 */

static int
move_aside(void *ctx, const char *name)
{
	struct restore *r = ctx;
	char from[PATH], to[PATH];

	if (is_left_in_place(name))
		return 0;
	(void)snprintf(from, sizeof from, "%s/%s", r->dir, name);
	(void)snprintf(to, sizeof to, "%s/%s", r->aside, name);
	return rename(from, to) == 0 ? 0 : -1;
}

static int
empty_dir(struct restore *r)
{
	time_t now = time(NULL);
	struct tm tm;
	char when[32];

	if (r->entries == 0)
		return DONE;
	if (!unused(r->dir))
		return fail("%s is in use; stop the web server's program and the helper first",
		    r->dir);
	if (gmtime_r(&now, &tm) == NULL || strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm) == 0)
		return fail("the clock cannot be read");
	(void)snprintf(r->aside, sizeof r->aside, "%s/before-%s", r->dir, when);
	if (mkdir(r->aside, 0700) != 0 || tree_each(r->dir, move_aside, r) != 0)
		return fail("the contents of %s cannot be moved to %s: %s", r->dir, r->aside,
		    strerror(errno));
	return DONE;
}

static int
move_in(struct restore *r)
{
	static const char *const name[] = { "db", "media", "log", "run", "savemms.conf" };
	char from[PATH], to[PATH];

	if (tree_sync(r->to.dir) != 0)
		return fail("%s: %s", r->to.dir, strerror(errno));
	if (empty_dir(r) != DONE)
		return NOT_DONE;
	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		(void)snprintf(from, sizeof from, "%s/%s", r->to.dir, name[i]);
		(void)snprintf(to, sizeof to, "%s/%s", r->dir, name[i]);
		if (rename(from, to) != 0)
			return fail("%s cannot be moved to %s: %s", from, to, strerror(errno));
	}
	if (chmod(r->dir, 0700) != 0 || file_sync_dir(r->dir) != 0)
		return fail("%s: %s", r->dir, strerror(errno));
	return DONE;
}

static int
report(const struct restore *r)
{
	(void)printf("restored the backup of %s in %s: %" PRIu64 " accounts, %" PRIu64
		     " templates, %" PRIu64 " jobs, %" PRIu64 " blobs, all of them checked: ",
	    r->m.made, r->dir, r->m.accounts, r->m.templates, r->m.jobs, r->m.blobs);
	if (r->found->faults == 0)
		(void)printf("no inconsistencies\n");
	else
		(void)printf("%" PRIu64 " inconsistencies\n", r->found->faults);
	if (r->aside[0] != '\0')
		(void)printf("the former contents are in %s\n", r->aside);
	if (geteuid() == 0)
		(void)fprintf(stderr,
		    "savemms: note: everything belongs to root; give it to the user that the web "
		    "server's program runs as: chown -R USER %s\n",
		    r->dir);
	return finish();
}

static int
build(struct restore *r)
{
	char err[1024], real[PATH_MAX];

	if (realpath(r->ad->argv[0], real) == NULL || strlen(real) >= INSTANCE_PATH - 64)
		return fail("%s: %s%s", r->ad->argv[0], strerror(errno),
		    owner_note(r->ad->as_owner));
	/* Root would restore settings that name programs, and then run them. */
	if (owner_check_root(real) != DONE)
		return NOT_DONE;
	settings_defaults(&r->from, real);
	if (!manifest_read(&r->m, real, err, sizeof err))
		return fail("%s", err);
	if (check_dir(r) != DONE || check_space(r) != DONE || make_folders(r) != DONE ||
	    copy_files(r) != DONE)
		return NOT_DONE;
	r->found = mmap(NULL, sizeof *r->found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	if (r->found == MAP_FAILED)
		return fail("out of memory");
	if (restore_caged(real, r->to.dir, restore_records, r) != DONE)
		return NOT_DONE;
	return move_in(r);
}

int
cmd_restore(struct admin *ad)
{
	static struct restore r;
	int st;

	r.ad = ad;
	if ((st = find_dir(&r)) != DONE)
		return st;
	st = build(&r);
	if (r.to.dir[0] != '\0' && tree_remove(r.to.dir) != 0)
		(void)fail("%s cannot be removed: %s", r.to.dir, strerror(errno));
	return st == DONE ? report(&r) : st;
}
