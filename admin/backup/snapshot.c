/* snapshot: see snapshot.h */
#include "admin/backup/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "admin/backup/tree.h"
#include "admin/say.h"
#include "base/ascii.h"
#include "base/file.h"

enum { OLD_S = 60, NAME = 256 };
static const char prefix[] = "copy";

void
show_progress(const char *label, uint64_t done, uint64_t total)
{
	static bool shown;
	static time_t last;
	time_t now = time(NULL);

	if (!isatty(STDERR_FILENO) || (label != NULL && now == last))
		return;
	last = now;
	if (label != NULL)
		(void)fprintf(stderr, "\r\033[K%s %" PRIu64 "%%", label,
		    done >= total ? 100 : done * 100 / total);
	else if (shown)
		(void)fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	shown = label != NULL;
}

void
snapshot_fault(void *ctx, const char *text)
{
	struct snapshot *sn = ctx;

	show_progress(NULL, 0, 0);
	(void)printf("%s\n", text);
	sn->faults++;
}

static void
copy_progress(void *ctx, uint64_t done, uint64_t size)
{
	(void)ctx;
	show_progress("copying the database", done, size);
}

bool
is_database_file(const char *name)
{
	return strcmp(name, "store.db") == 0 ||
	    (strncmp(name, "log.", 4) == 0 && strlen(name) == 14 &&
		strspn(name + 4, ASCII_DIGITS) == 10);
}

/* --- the folder ------------------------------------------------------------------------ */

/* Removes a copy that nobody uses any more. */
static int
remove_left(void *ctx, const char *name)
{
	const char *dir = ctx;
	char path[INSTANCE_PATH + NAME];
	struct stat st;
	int fd;

	if (strncmp(name, prefix, sizeof prefix - 1) != 0)
		return 0;
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return 0;
	if (fstat(fd, &st) == 0 && st.st_mtime + OLD_S < time(NULL) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0 && tree_remove(path) != 0)
		(void)fail("%s cannot be removed: %s", path, strerror(errno));
	file_close(&fd);
	return 0;
}

static int
make_folder(struct snapshot *sn, const struct admin *ad)
{
	char base[INSTANCE_PATH], dir[INSTANCE_PATH], real[PATH_MAX], db[INSTANCE_PATH];

	settings_path(&ad->s, "run", base, sizeof base);
	if (ad->opt[OPT_SCRATCH] != NULL &&
	    snprintf(base, sizeof base, "%s", ad->opt[OPT_SCRATCH]) >= (int)sizeof base)
		return fail("%s: the path is too long", ad->opt[OPT_SCRATCH]);
	if (realpath(base, real) == NULL)
		return fail("%s: %s", base, strerror(errno));
	(void)tree_each(real, remove_left, real);
	if (snprintf(dir, sizeof dir, "%s/%s-XXXXXX", real, prefix) >= (int)sizeof dir - 32)
		return fail("%s: the path is too long", real);
	if (mkdtemp(dir) == NULL)
		return fail("%s: %s; name a folder for a copy of the database with --scratch", base,
		    strerror(errno));
	settings_defaults(&sn->s, dir);
	settings_path(&sn->s, "db", db, sizeof db);
	if ((sn->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    flock(sn->lock, LOCK_EX | LOCK_NB) != 0 || mkdir(db, 0700) != 0)
		return fail("%s: %s", dir, strerror(errno));
	return DONE;
}

static int
check_space(const struct snapshot *sn, const struct admin *ad)
{
	char path[INSTANCE_PATH];
	struct stat st;
	uint64_t room = file_disk_free(sn->s.dir);

	settings_path(&ad->s, "db/store.db", path, sizeof path);
	if (stat(path, &st) != 0)
		return fail("%s: %s", path, strerror(errno));
	if ((uint64_t)st.st_size + (uint64_t)(32 << 20) <= room)
		return DONE;
	return fail("%s has %" PRIu64 " MB free, and a copy of the database needs %" PRIu64
		    "; name another folder with --scratch",
	    sn->s.dir, room >> 20, ((uint64_t)st.st_size >> 20) + 32);
}

/* --- the copy -------------------------------------------------------------------------- */

/* Checks the pages, then opens the copy. Faults in either step are those of the store, so they are
 * printed and the command continues. */
int
snapshot_open(struct snapshot *sn)
{
	char db[INSTANCE_PATH], err[STORE_ERR], text[STORE_ERR + 64];
	enum store_rc rc;

	settings_path(&sn->s, "db", db, sizeof db);
	rc = store_seal(db);
	if (rc == ST_CORRUPT) {
		snapshot_fault(sn,
		    "the database cannot be recovered; the log of the instance says more");
		if (store_verify(db, snapshot_fault, sn) == ST_OK) /* names the pages */
			snapshot_fault(sn,
			    "its pages are sound, so the damage is in the database's log");
	} else if (rc == ST_OK) {
		rc = store_verify(db, snapshot_fault, sn);
	}
	if (rc != ST_OK && rc != ST_CORRUPT)
		return fail_store(rc, "the copy of the database cannot be examined");
	if (rc == ST_CORRUPT)
		return DONE;
	if ((sn->st = store_open(&sn->s, false, err)) == NULL) {
		(void)snprintf(text, sizeof text, "the database cannot be opened: %s", err);
		snapshot_fault(sn, text);
	}
	return DONE;
}

int
snapshot_take(struct snapshot *sn, struct admin *ad, int (*last)(void *ctx), void *ctx)
{
	char db[INSTANCE_PATH];
	struct kv_copy how = { db, copy_progress, last, ctx };
	enum store_rc rc;

	memset(sn, 0, sizeof *sn);
	sn->lock = -1;
	if (make_folder(sn, ad) != DONE || check_space(sn, ad) != DONE)
		return NOT_DONE;
	settings_path(&sn->s, "db", db, sizeof db);
	rc = store_copy(ad->st, &how);
	show_progress(NULL, 0, 0);
	if (rc != ST_OK)
		return fail_store(rc, "the database cannot be copied");
	return DONE;
}

static int
remove_other(void *ctx, const char *name)
{
	const struct settings *s = ctx;
	char db[INSTANCE_PATH], path[INSTANCE_PATH + NAME];

	settings_path(s, "db", db, sizeof db);
	(void)snprintf(path, sizeof path, "%s/%s", db, name);
	return is_database_file(name) || unlink(path) == 0 ? 0 : -1;
}

int
snapshot_close(struct snapshot *sn)
{
	char db[INSTANCE_PATH];

	store_close(&sn->st);
	settings_path(&sn->s, "db", db, sizeof db);
	if (tree_each(db, remove_other, &sn->s) == 0)
		return DONE;
	return fail("%s: %s", db, strerror(errno));
}

void
snapshot_end(struct snapshot *sn)
{
	store_close(&sn->st);
	if (sn->s.dir[0] != '\0' && tree_remove(sn->s.dir) != 0)
		(void)fail("%s cannot be removed: %s", sn->s.dir, strerror(errno));
	file_close(&sn->lock);
}
