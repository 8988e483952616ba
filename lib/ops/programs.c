/* programs: see programs.h */
#include "ops/programs.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/migrate.h"

/* The two files by which a process is judged. A missing mark has device and inode 0. */
struct files {
	struct stat lock, mark;
};

static bool
same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Returns true if the process has the lock open, but not the mark. */
static bool
is_old(const char *pid, const struct files *f)
{
	bool lock = false, mark = false;
	char path[64];
	struct dirent *e;
	DIR *d;

	(void)snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
	if ((d = opendir(path)) == NULL)
		return false; /* another user's, or it has ended */
	while ((e = readdir(d)) != NULL) {
		struct stat st;

		if (fstatat(dirfd(d), e->d_name, &st, 0) != 0)
			continue;
		lock = lock || same(&st, &f->lock);
		mark = mark || same(&st, &f->mark);
	}
	(void)closedir(d);
	return lock && !mark;
}

static void
tell(const char *pid, void (*each)(void *ctx, pid_t pid, const char *program), void *ctx)
{
	char path[64], program[PATH_MAX];
	ssize_t n;

	(void)snprintf(path, sizeof path, "/proc/%.20s/exe", pid);
	n = readlink(path, program, sizeof program - 1);
	program[n > 0 ? n : 0] = '\0';
	each(ctx, (pid_t)strtol(pid, NULL, 10), program);
}

int
programs_of_old_layouts(const struct settings *s,
    void (*each)(void *ctx, pid_t pid, const char *program), void *ctx)
{
	struct files f = { .mark = { .st_dev = 0 } };
	char path[INSTANCE_PATH];
	struct dirent *e;
	int count = 0;
	DIR *d;

	settings_path(s, "db/lock", path, sizeof path);
	if (stat(path, &f.lock) != 0)
		return -1;
	settings_path(s, STORE_MARK, path, sizeof path);
	(void)stat(path, &f.mark); /* without it, nobody has it open */
	if ((d = opendir("/proc")) == NULL)
		return -1;
	while ((e = readdir(d)) != NULL)
		if (isdigit((unsigned char)e->d_name[0]) && is_old(e->d_name, &f)) {
			tell(e->d_name, each, ctx);
			count++;
		}
	(void)closedir(d);
	return count;
}
