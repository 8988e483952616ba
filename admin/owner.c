/* owner: see owner.h */
#include "admin/owner.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/say.h"
#include "rights/user.h"

int
owner_become(const char *dir, uid_t owner, bool *became)
{
	if (user_become(owner, became) == 0 && (!*became || user_clean_environment() == 0))
		return DONE;
	return fail("root cannot become the owner of %s: %s", dir, strerror(errno));
}

int
owner_check_root(const char *dir)
{
	char path[PATH_MAX];

	if (geteuid() != 0)
		return DONE;
	if (realpath(dir, path) == NULL)
		return fail("%s: %s", dir, strerror(errno));
	if (user_holds_path(0, path))
		return DONE;
	return fail(
	    "root does not work in %s: another user than root owns or can change %s; name a folder "
	    "that belongs to the instance's user, or one that only root can change",
	    dir, path);
}

/* Shortens path to the nearest folder that exists, and sets st to its state. Returns 0, or -1 with
 * errno set. */
static int
find_existing(char path[PATH_MAX], struct stat *st)
{
	while (stat(path, st) != 0) {
		char *slash = strrchr(path, '/');

		if (errno != ENOENT || strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
			return -1;
		if (slash == NULL)
			(void)snprintf(path, PATH_MAX, ".");
		else
			slash[slash == path] = '\0';
	}
	return 0;
}

int
owner_become_of(const char *dir, bool *became)
{
	char path[PATH_MAX];
	struct stat st;

	*became = false;
	if (geteuid() != 0)
		return DONE;
	if (dir[0] == '\0' || snprintf(path, sizeof path, "%s", dir) >= (int)sizeof path)
		return fail("%s: the path is empty or too long", dir);
	if (find_existing(path, &st) != 0)
		return fail("%s: %s", path, strerror(errno));
	return st.st_uid != 0 ? owner_become(path, st.st_uid, became) : owner_check_root(path);
}

const char *
owner_note(bool became)
{
	return became ?
	    " (root works as the instance's owner here: name a folder that user can make)" :
	    "";
}
