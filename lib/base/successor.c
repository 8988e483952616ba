/* successor: see successor.h */
#include "base/successor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WHOLE_S = 1 }; /* since its last change */

extern char **environ;

static struct {
	char name[PATH_MAX];
	struct stat file; /* what the name led to; inode 0: already another program */
} program;

/* Cuts the end that the kernel adds to the path of a file that has no name any more. */
static bool
cut_deleted(char *path)
{
	static const char end[] = " (deleted)";
	size_t n = strlen(path);

	if (n < sizeof end || strcmp(path + n - (sizeof end - 1), end) != 0)
		return false;
	path[n - (sizeof end - 1)] = '\0';
	return true;
}

void
successor_watch(const char *name)
{
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
	bool deleted;

	own[n > 0 ? n : 0] = '\0';
	deleted = cut_deleted(own);
	(void)snprintf(program.name, sizeof program.name, "%s",
	    name != NULL && name[0] == '/' ? name : own);
	/* the file may have been replaced since the start; if it cannot be looked at, nothing is
	 * known of it, and no other would ever be the same */
	if (stat(program.name, &program.file) != 0 && errno != ENOENT)
		program.name[0] = '\0';
	if (deleted || program.file.st_ino == 0)
		memset(&program.file, 0, sizeof program.file);
}

bool
successor_there(void)
{
	struct stat now;

	if (program.name[0] == '\0' || stat(program.name, &now) != 0 || !S_ISREG(now.st_mode) ||
	    access(program.name, X_OK) != 0)
		return false;
	if (now.st_dev == program.file.st_dev && now.st_ino == program.file.st_ino &&
	    now.st_mtim.tv_sec == program.file.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == program.file.st_mtim.tv_nsec)
		return false;
	/* The clock of files is finer than that of time(2), and may be in the next second already:
	 * only what lies further ahead is from before the clock was set back. */
	return time(NULL) > now.st_ctim.tv_sec + WHOLE_S || time(NULL) + 1 < now.st_ctim.tv_sec;
}

const char *
successor_name(void)
{
	return program.name;
}

void
successor_exec(char *const *argv)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve(program.name, argv, environ);
}
