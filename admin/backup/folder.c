/* folder: see folder.h */
#include "admin/backup/folder.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

static bool
is_instance(const char *name)
{
	return strcmp(name, "savemms.conf") == 0 || strcmp(name, "db") == 0 ||
	    strcmp(name, "media") == 0;
}

/* Puts an entry of dir into name: if possible one that only an instance has, or "" if the folder is
 * empty. Returns 0, or -1 with errno set. */
static int
find_entry(const char *dir, char *name, size_t size)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int saved;

	if (d == NULL)
		return -1;
	name[0] = '\0';
	for (errno = 0; !is_instance(name) && (e = readdir(d)) != NULL; errno = 0)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			(void)snprintf(name, size, "%s", e->d_name);
	saved = errno;
	(void)closedir(d);
	errno = saved;
	return saved == 0 ? 0 : -1;
}

int
folder_claim(const char *dir, char *err, unsigned errlen)
{
	char name[256];

	if (file_mkdirs(dir) != 0 || find_entry(dir, name, sizeof name) != 0) {
		(void)snprintf(err, errlen, "%s: %s", dir, strerror(errno));
		return -1;
	}
	if (is_instance(name)) {
		(void)snprintf(err, errlen, "%s holds an instance already; name another folder",
		    dir);
		return -1;
	}
	if (name[0] != '\0') {
		(void)snprintf(err, errlen,
		    "%s is not empty (it holds %s); name a new or an empty folder", dir, name);
		return -1;
	}
	if (chmod(dir, 0700) != 0) {
		(void)snprintf(err, errlen, "%s cannot be made private: %s", dir, strerror(errno));
		return -1;
	}
	return 0;
}

static int
remove_inner(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	return at->level == 0 ? 0 : remove(path);
}

int
folder_empty(const char *dir)
{
	enum { DESCRIPTORS = 4 }; /* few, since their want may be why the claimant failed */

	return nftw(dir, remove_inner, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 ? 0 : -1;
}
