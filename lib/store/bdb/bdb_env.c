/* bdb_env: see bdb_env.h */
#include "store/bdb/bdb_env.h"

#include <sys/stat.h>
#include <sys/vfs.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/file.h"

enum { PATH = 4096, SPARE_MORE_MB = 14 }; /* MORE: a log file of 8 MB and pages of the database */

/* Returns true for the name of a region: __db. and three digits. Berkeley DB uses longer names for
 * files of its own. */
static bool
is_region(const char *name)
{
	return strncmp(name, "__db.", 5) == 0 && strspn(name + 5, ASCII_DIGITS) == 3 &&
	    name[8] == '\0';
}

static int
remove_one(int dir, const char *name)
{
	return unlinkat(dir, name, 0);
}

/* Returns how many bytes of the file with this inode number are mapped, to which a region may grow.
 * Returns 0 if it cannot find out. */
static off_t
mapped(ino_t inode)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned long from, to, ino;
	off_t size = 0;
	char line[4096];

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "%lx-%lx %*s %*s %*s %lu", &from, &to, &ino) == 3 && ino == inode)
			size = (off_t)(to - from);
	if (f != NULL)
		(void)fclose(f);
	return size;
}

/* Allocates the blocks of one region. Keeps its size, which the library compares with its
 * record. */
static int
fill_one(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CLOEXEC), rc = -1;
	struct stat st;
	off_t size;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		size = mapped(st.st_ino);
		size = size > st.st_size ? size : st.st_size;
		rc = size == 0 ? 0 : fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size);
	}
	if (rc != 0 && errno == EOPNOTSUPP && (rc = posix_fallocate(fd, 0, st.st_size)) != 0) {
		errno = rc;
		rc = -1;
	}
	file_close(&fd);
	return rc;
}

static int
each_region(const char *path, int (*each)(int dir, const char *name))
{
	DIR *d = opendir(path);
	struct dirent *e;
	int rc = 0, keep;

	if (d == NULL)
		return -1;
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (is_region(e->d_name))
			rc = each(dirfd(d), e->d_name);
	keep = errno;
	(void)closedir(d);
	errno = keep;
	return rc;
}

int
kv_regions_remove(const char *dir)
{
	return each_region(dir, remove_one);
}

int
kv_regions_fill(const char *dir)
{
	return each_region(dir, fill_one);
}

/* Returns the blocks of a region file in MB, rounded up. */
static int
add_size(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (int)(st.st_blocks / 2048) + 1 :
								   0;
}

static int
spare_path(const char *dir, char path[PATH])
{
	return snprintf(path, PATH, "%s/spare", dir) < PATH ? 0 : -1;
}

/* Returns how many MB the spare must have. */
static uint64_t
spare_mb(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	uint64_t mb = SPARE_MORE_MB;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (is_region(e->d_name))
			mb += (uint64_t)add_size(dirfd(d), e->d_name);
	if (d != NULL)
		(void)closedir(d);
	return mb;
}

void
kv_spare_make(const char *dir, uint64_t least)
{
	char path[PATH];
	uint64_t size;
	int fd;

	if (spare_path(dir, path) != 0 || access(path, F_OK) == 0)
		return;
	size = spare_mb(dir) << 20;
	if (file_disk_free(dir) < size + least)
		return;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
		return;
	if (fallocate(fd, 0, 0, (off_t)size) != 0) /* without fallocate() there is no spare */
		(void)unlink(path);
	file_close(&fd);
}

bool
kv_spare_use(const char *dir)
{
	char path[PATH];

	return file_disk_free(dir) < spare_mb(dir) << 20 && spare_path(dir, path) == 0 &&
	    unlink(path) == 0;
}

const char *
kv_network_fs(const char *dir)
{
	/* f_type values; see statfs(2) */
	static const struct {
		unsigned long type;
		const char *name;
	} bad[] = {
		{ 0x6969, "NFS" },
		{ 0xff534d42, "CIFS" },
		{ 0xfe534d42, "SMB2" },
		{ 0x517b, "SMB" },
		{ 0x65735546, "FUSE" },
		{ 0x564c, "NCP" },
		{ 0x73757245, "Coda" },
		{ 0x5346414f, "AFS" },
		{ 0x00c36400, "Ceph" },
		{ 0x01021997, "9P" },
	};
	struct statfs fs;

	if (statfs(dir, &fs) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == bad[i].type)
			return bad[i].name;
	return NULL;
}
