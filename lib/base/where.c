/* where: see where.h */
#include "base/where.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
put(char *out, size_t size, const char *dir, const char *rest)
{
	int n = snprintf(out, size, "%s%s", dir, rest);

	if (n < 0 || (size_t)n >= size)
		out[0] = '\0';
}

/* Writes the folder of the running program to out, or "" when /proc does not show it. */
static void
own_folder(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
	char *slash;

	out[n > 0 ? n : 0] = '\0';
	if ((slash = strrchr(out, '/')) != NULL)
		*slash = '\0';
}

/* If own/rest holds a file of this name, sets out to that folder and returns 1; else returns 0. */
static int
found(const char *own, const char *rest, const char *file, char *out, size_t size)
{
	char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof path, "%s%s/%s", own, rest, file);
	if (own[0] == '\0' || access(path, F_OK) != 0)
		return 0;
	put(out, size, own, rest);
	return 1;
}

static int
from_environment(const char *name, char *out, size_t size)
{
	const char *dir = getenv(name);

	if (dir == NULL || dir[0] == '\0')
		return 0;
	put(out, size, dir, "");
	return 1;
}

void
where_libexec(char *out, size_t size)
{
	char own[PATH_MAX];

	own_folder(own);
	if (!from_environment("SAVEMMS_LIBEXEC", out, size) &&
	    !found(own, "", "savemms-helper", out, size) &&
	    !found(own, "/../libexec/savemms", "savemms-helper", out, size))
		put(out, size, LIBEXECDIR, "");
}

void
where_share(char *out, size_t size)
{
	char own[PATH_MAX];

	own_folder(own);
	if (!from_environment("SAVEMMS_SHARE", out, size) &&
	    !found(own, "/../share/savemms", "www", out, size) &&
	    !found(own, "/../../share/savemms", "www", out, size))
		put(out, size, SHAREDIR, "");
}

void
where_program(const char *name, char *out, size_t size)
{
	char dir[PATH_MAX], slash[64];

	where_libexec(dir, sizeof dir);
	(void)snprintf(slash, sizeof slash, "/%s", name);
	put(out, size, dir, slash);
}

bool
where_carried(const char *rest, char *out, size_t size)
{
	static const char *const up[] = { "/../", "/../../" };
	char own[PATH_MAX], path[PATH_MAX + 64], real[PATH_MAX];

	own_folder(own);
	put(out, size, "", "");
	for (size_t i = 0; own[0] != '\0' && out[0] == '\0' && i < sizeof up / sizeof up[0]; i++) {
		(void)snprintf(path, sizeof path, "%s%s%s", own, up[i], rest);
		if (access(path, R_OK) == 0 && realpath(path, real) != NULL)
			put(out, size, real, "");
	}
	return out[0] != '\0';
}

bool
where_fonts(unsigned i, char *out, size_t size)
{
	static const struct {
		const char *folder;
		bool carried;
	} all[] = {
		{ WHERE_FONTS, true },
		{ WHERE_MORE_FONTS, true },
		{ "/usr/share/fonts", false },
		{ "/usr/local/share/fonts", false },
	};

	if (i >= sizeof all / sizeof all[0])
		return false;
	if (all[i].carried)
		(void)where_carried(all[i].folder, out, size);
	else
		put(out, size, access(all[i].folder, R_OK) == 0 ? all[i].folder : "", "");
	return true;
}

void
where_tool(const char *name, const char *otherwise, char *out, size_t size)
{
	where_program(name, out, size);
	if (out[0] == '\0' || access(out, X_OK) != 0)
		put(out, size, otherwise, "");
}

bool
where_set_environment(void)
{
	char path[PATH_MAX];

	if (where_carried(WHERE_CONVERTERS, path, sizeof path) &&
	    setenv("GCONV_PATH", path, 1) != 0)
		return false;
	return !where_carried(WHERE_FONTS "/fonts.conf", path, sizeof path) ||
	    setenv("FONTCONFIG_FILE", path, 1) == 0;
}
