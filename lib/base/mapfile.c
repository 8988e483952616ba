/* mapfile: see mapfile.h */
#include "base/mapfile.h"

#include <sys/file.h>
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"

enum { LOCK_US = 10 * 1000000 }; /* as for the store, KV_LOCK_WAIT_US */

static int
grow(int fd, int64_t size)
{
	int64_t now;
	int rc = 0;

	if (file_lock_wait(fd, LOCK_EX, clock_mono() + LOCK_US, NULL, NULL) != 0)
		return -1;
	if ((now = file_size(fd)) >= 0 && now < size)
		rc = posix_fallocate(fd, now, size - now);
	(void)flock(fd, LOCK_UN);
	errno = rc;
	return now < 0 || rc != 0 ? -1 : 0;
}

void *
mapfile(int fd, uint64_t at, size_t n)
{
	int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
	void *p;

	if (fd >= 0 && grow(fd, (int64_t)(at + n)) != 0)
		return NULL;
	p = mmap(NULL, n, PROT_READ | PROT_WRITE, flags, fd, fd < 0 ? 0 : (off_t)at);
	return p == MAP_FAILED ? NULL : p;
}
