/* user: see user.h */
#include "rights/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/where.h"

enum { NOGROUP = 65534, KEPT = 64 };

extern char **environ;

int
user_become(uid_t owner, bool *became)
{
	const struct passwd *pw;
	gid_t gid;

	*became = false;
	if (geteuid() != 0 || owner == 0)
		return 0;
	pw = getpwuid(owner);
	gid = pw != NULL ? pw->pw_gid : NOGROUP;
	if ((pw != NULL ? initgroups(pw->pw_name, gid) : setgroups(0, NULL)) != 0 ||
	    setresgid(gid, gid, gid) != 0 || setresuid(owner, owner, owner) != 0)
		return -1;
	if (setuid(0) == 0) { /* the way back must be closed */
		errno = EPERM;
		return -1;
	}
	*became = true;
	return 0;
}

bool
user_holds_path(uid_t owner, char *path)
{
	struct stat st;
	char *slash;

	for (;;) {
		mode_t others = S_IWOTH;

		if (stat(path, &st) != 0 || (st.st_uid != owner && st.st_uid != 0))
			return false;
		if (st.st_gid != 0) /* the group of an ordinary user may be that user alone */
			others |= owner == 0 ? S_IWGRP : 0;
		if ((st.st_mode & others) != 0 && (st.st_mode & S_ISVTX) == 0)
			return false;
		if ((slash = strrchr(path, '/')) == NULL || path[1] == '\0')
			return true;
		slash[slash == path] = '\0';
	}
}

/* Tells whether the variable stays. Those of sanitizers let a developer's build report what it
 * finds. */
static bool
stays(const char *variable)
{
	static const char *const prefix[] = { "LANG=", "LC_", "TZ=", "TERM=", "SAVEMMS_",
		"ASAN_OPTIONS=", "UBSAN_OPTIONS=", "LSAN_OPTIONS=" };

	for (size_t i = 0; i < sizeof prefix / sizeof prefix[0]; i++)
		if (strncmp(variable, prefix[i], strlen(prefix[i])) == 0)
			return true;
	return false;
}

int
user_clean_environment(void)
{
	const struct passwd *pw = getpwuid(geteuid());
	char *kept[KEPT];
	size_t n = 0;

	for (char **e = environ; e != NULL && *e != NULL && n < KEPT; e++)
		if (stays(*e))
			kept[n++] = *e;
	if (clearenv() != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (putenv(kept[i]) != 0)
			return -1;
	if (setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1) != 0)
		return -1;
	if (setenv("HOME", pw != NULL ? pw->pw_dir : "/", 1) != 0)
		return -1;
	return where_set_environment() ? 0 : -1;
}
