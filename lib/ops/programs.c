/* programs: see programs.h */
#include "ops/programs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Returns true if the process is one of savemms, works as our user, and has not ended: one whose
 * parent has not asked for its status yet has nothing open. */
static bool
is_ours(const char *pid)
{
	char path[64], line[256], name[64] = "", state = 'Z';
	unsigned user = 0;
	bool known = false;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%.20s/status", pid);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	while (!known && fgets(line, sizeof line, f) != NULL) {
		(void)sscanf(line, "Name: %63s", name);
		(void)sscanf(line, "State: %c", &state);
		known = sscanf(line, "Uid: %*u %u", &user) == 1;
	}
	(void)fclose(f);
	return known && state != 'Z' && state != 'X' && user == geteuid() &&
	    strncmp(name, "savemms", 7) == 0;
}

/* Returns true if the process has the lock open, but not the mark. A program of ours that root
 * started cannot be looked into by the user it has become: it may be an old one. */
static bool
is_old(const char *pid, const struct files *f)
{
	bool lock = false, mark = false;
	char path[64];
	struct dirent *e;
	DIR *d;

	(void)snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
	if ((d = opendir(path)) == NULL) /* another user's, or it has ended */
		return errno == EACCES && is_ours(pid);
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
	each(ctx, (pid_t)strtol(pid, NULL, 10),
	    program[0] != '\0' ? program : "a program that root started");
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
