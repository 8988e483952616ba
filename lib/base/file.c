/* file: see file.h */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

enum { SLEEP_MIN_US = 50, SLEEP_MAX_US = 2000 }; /* between tries to take a lock */

int
file_write(int fd, const void *p, size_t n)
{
	const char *s = p;

	while (n > 0) {
		ssize_t w = write(fd, s, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		s += w;
		n -= (size_t)w;
	}
	return 0;
}

ssize_t
file_pread(int fd, void *p, size_t n, uint64_t off)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, (char *)p + got, n - got, (off_t)(off + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

int
file_open_regular(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	file_close(&fd);
	errno = EINVAL;
	return -1;
}

char *
file_slurp(struct arena *a, const char *path, size_t cap, size_t *n)
{
	int fd = file_open_regular(path, 0);
	char *text = NULL;
	int64_t size;
	ssize_t got;

	if (fd < 0)
		return NULL;
	size = file_size(fd);
	if (size > (int64_t)cap) {
		errno = EFBIG;
	} else if (size >= 0 && (text = arena_zalloc(a, (size_t)size + 1)) != NULL) {
		got = file_pread(fd, text, (size_t)size, 0);
		if (got < 0)
			text = NULL;
		else if (n != NULL)
			*n = (size_t)got;
	}
	file_close(&fd);
	return text;
}

int
file_mkdirs(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof part) {
		errno = len == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	memcpy(part, path, len + 1);
	for (char *s = part + 1;; s++) {
		char c = *s;

		if (c != '/' && c != '\0')
			continue;
		*s = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return -1;
		if (c == '\0')
			return 0;
		*s = c;
	}
}

int
file_sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	file_close(&fd);
	return rc;
}

/* Makes and opens a file DIR/.tmp-XXXXXX and sets path to its name. */
static int
named_temp(const char *dir, char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/.tmp-XXXXXX", dir) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return mkostemp(path, O_CLOEXEC);
}

int
file_temp(const char *dir)
{
	char path[PATH_MAX];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	if ((fd = named_temp(dir, path)) >= 0)
		(void)unlink(path);
	return fd;
}

/* Sets dir to the folder part of path. */
static int
parent_of(const char *path, char dir[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) : 0;

	if (n == 0 || n >= PATH_MAX) {
		errno = EINVAL;
		return -1;
	}
	memcpy(dir, path, n);
	dir[n] = '\0';
	return 0;
}

static int
copy_all(int from, int to)
{
	char block[65536];
	uint64_t off = 0;
	ssize_t n;

	while ((n = file_pread(from, block, sizeof block, off)) > 0) {
		if (file_write(to, block, (size_t)n) != 0)
			return -1;
		off += (uint64_t)n;
	}
	return n < 0 ? -1 : 0;
}

/* Publishes a copy, on file systems that cannot give a name to a nameless file. */
static int
publish_copy(int fd, const char *path, const char *dir)
{
	char temp[PATH_MAX];
	int to = named_temp(dir, temp), rc = -1;

	if (to < 0)
		return -1;
	if (copy_all(fd, to) == 0 && fsync(to) == 0 && link(temp, path) == 0)
		rc = 0;
	else if (errno == EEXIST)
		rc = 0;
	file_close(&to);
	(void)unlink(temp);
	return rc;
}

int
file_publish(int fd, const char *path)
{
	char dir[PATH_MAX], self[64];

	if (parent_of(path, dir) != 0 || fsync(fd) != 0)
		return -1;
	(void)snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0 && errno != EEXIST) {
		if (errno != ENOENT && errno != EXDEV && errno != EPERM)
			return -1;
		if (publish_copy(fd, path, dir) != 0)
			return -1;
	}
	return file_sync_dir(dir);
}

int
file_replace(const char *path, const void *p, size_t n)
{
	char dir[PATH_MAX], temp[PATH_MAX];
	int fd, rc = -1;

	if (parent_of(path, dir) != 0 || (fd = named_temp(dir, temp)) < 0)
		return -1;
	if (file_write(fd, p, n) == 0 && fsync(fd) == 0 && rename(temp, path) == 0)
		rc = file_sync_dir(dir);
	else
		(void)unlink(temp);
	file_close(&fd);
	return rc;
}

int64_t
file_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (int64_t)st.st_size : -1;
}

uint64_t
file_disk_free(const char *dir)
{
	struct statvfs fs;

	if (statvfs(dir, &fs) != 0)
		return UINT64_MAX;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

void
file_close(int *fd)
{
	int keep = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = keep;
}

int
file_close_from(int first)
{
	long n = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0) == 0)
		return 0;
#endif
	for (long fd = first; fd < n; fd++) /* Linux before 5.9 */
		(void)close((int)fd);
	return n > 0 ? 0 : -1;
}

int
file_room(int fd, int n)
{
	int copies[FILE_ROOM_MAX], made = 0, rc;

	while (
	    made < n && made < FILE_ROOM_MAX && (copies[made] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0)
		made++;
	rc = made == n ? 0 : -1;
	while (made > 0)
		file_close(&copies[--made]);
	return rc;
}

void
file_lock_sleep(long us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL); /* a signal may end the sleep early */
}

int
file_lock_try(int fd, int how)
{
	int rc;

	do
		rc = flock(fd, how | LOCK_NB);
	while (rc != 0 && errno == EINTR);
	return rc;
}

int
file_lock_wait(int fd, int how, int64_t deadline, bool (*done)(void *ctx), void *ctx)
{
	long us = SLEEP_MIN_US;

	while (file_lock_try(fd, how) != 0) {
		if (errno != EWOULDBLOCK)
			return -1;
		if (done != NULL && done(ctx))
			return 1;
		if (clock_mono() >= deadline) {
			errno = EWOULDBLOCK;
			return -1;
		}
		file_lock_sleep(us);
		us = us * 2 < SLEEP_MAX_US ? us * 2 : SLEEP_MAX_US;
	}
	return 0;
}
