/* user: see user.h */
#include "base/user.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

int
user_become_owner(const char *dir, bool *became)
{
	const struct passwd *pw;
	struct stat st;

	*became = false;
	if (geteuid() != 0)
		return 0;
	if (stat(dir, &st) != 0)
		return -1;
	if (st.st_uid == 0)
		return 0;
	pw = getpwuid(st.st_uid);
	if ((pw != NULL ? initgroups(pw->pw_name, st.st_gid) : setgroups(0, NULL)) != 0 ||
	    setgid(st.st_gid) != 0 || setuid(st.st_uid) != 0)
		return -1;
	*became = true;
	return 0;
}
