/* disk: see disk.h */
#include "base/disk.h"

#include <sys/statvfs.h>

bool
disk_of(const char *path, struct disk *out)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0)
		return false;
	out->free = (uint64_t)fs.f_bavail * fs.f_frsize;
	out->size = (uint64_t)fs.f_blocks * fs.f_frsize;
	return true;
}
