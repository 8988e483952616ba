/*
 * blob: see blob.h. A blob is the file DIR/media/ab/cd/<64 hex digits>. The two
 * levels of folders keep every folder small at ten million blobs. A crash leaves
 * a blob whole or absent.
 */
#include "blob/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/crypt.h"
#include "base/file.h"
#include "model/settings.h"

/* ROUND_US: how long one that waits for the exclusive lock keeps the door closed; PAUSE_US: how
 * long it then leaves it open */
enum { ROUND_US = 2 * 1000000, PAUSE_US = 50000 };

void
blob_temp_dir(const struct settings *s, char *out, size_t size)
{
	settings_path(s, "media/tmp", out, size);
}

int
blob_init(const struct settings *s)
{
	char path[INSTANCE_PATH];

	blob_temp_dir(s, path, sizeof path);
	if (file_mkdirs(path) != 0)
		return -1;
	settings_path(s, "media", path, sizeof path);
	return file_sync_dir(path);
}

/* Takes a lock before the deadline. A flock belongs to the open file, and every call opens its
 * own, so threads exclude each other as processes do. Returns the descriptor, or -1 with errno
 * set. */
static int
lock_file(const struct settings *s, const char *name, int how, int64_t deadline)
{
	char path[INSTANCE_PATH];
	int fd;

	settings_path(s, name, path, sizeof path);
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) >= 0 &&
	    file_lock_wait(fd, how, deadline, NULL, NULL) != 0)
		file_close(&fd);
	return fd;
}

/* Takes media/lock, while it holds media/door, for us microseconds at most. A process that waits
 * for the exclusive lock thus keeps others from taking the shared one; otherwise a stream of
 * sharers would never let it in. */
static int
lock(const struct settings *s, int how, int64_t deadline, int64_t us)
{
	int door = lock_file(s, "media/door", LOCK_EX, deadline), fd = -1;
	int64_t until = clock_mono() + us;

	if (door >= 0)
		fd = lock_file(s, "media/lock", how, until < deadline ? until : deadline);
	file_close(&door);
	return fd;
}

int
blob_shared(const struct settings *s)
{
	return lock(s, LOCK_SH, clock_mono() + BLOB_LOCK_US, BLOB_LOCK_US);
}

/* Opens the door to the sharers now and then: one of those inside may be stopped, and that must
 * not keep out all others until the deadline. */
int
blob_exclusive(const struct settings *s)
{
	int64_t deadline = clock_mono() + BLOB_LOCK_US;
	int fd;

	while ((fd = lock(s, LOCK_EX, deadline, ROUND_US)) < 0 && errno == EWOULDBLOCK &&
	    clock_mono() < deadline)
		file_lock_sleep(PAUSE_US);
	return fd;
}

int
blob_temp(const struct settings *s)
{
	char path[INSTANCE_PATH];

	blob_temp_dir(s, path, sizeof path);
	return file_temp(path);
}

void
blob_path(const struct settings *s, const char *sha, char *out, size_t size)
{
	char name[128];

	out[0] = '\0';
	if (!crypt_is_sha256_hex(sha))
		return;
	(void)snprintf(name, sizeof name, "media/%.2s/%.2s/%s", sha, sha + 2, sha);
	settings_path(s, name, out, size);
}

/* One bit for each folder of DIR/media whose name is known to be on disk: 256 folders, and 256 in
 * each of them. Folders are never removed. */
static _Atomic unsigned char on_disk[(256 + 65536) / 8];

static bool
known_on_disk(unsigned n)
{
	return (atomic_load(&on_disk[n / 8]) & 1u << n % 8) != 0;
}

/* Makes a folder whose name survives a power cut. If the folder exists, another process may have
 * made it a moment ago without syncing its name yet, so this function syncs it too. */
static int
make_dir(const char *path, const char *parent, unsigned n)
{
	bool made = mkdir(path, 0700) == 0;

	if (!made && errno != EEXIST)
		return -1;
	if (!made && known_on_disk(n))
		return 0;
	if (file_sync_dir(parent) != 0)
		return -1;
	(void)atomic_fetch_or(&on_disk[n / 8], (unsigned char)(1u << n % 8));
	return 0;
}

static int
make_dirs(const struct settings *s, const char *sha)
{
	char top[INSTANCE_PATH], one[INSTANCE_PATH], two[INSTANCE_PATH], name[32];
	unsigned n = 0;

	(void)sscanf(sha, "%4x", &n);
	settings_path(s, "media", top, sizeof top);
	(void)snprintf(name, sizeof name, "media/%.2s", sha);
	settings_path(s, name, one, sizeof one);
	(void)snprintf(name, sizeof name, "media/%.2s/%.2s", sha, sha + 2);
	settings_path(s, name, two, sizeof two);
	return make_dir(one, top, n >> 8) == 0 ? make_dir(two, one, 256 + n) : -1;
}

int
blob_put(const struct settings *s, int fd, const char sha[SHA256_HEX])
{
	char path[INSTANCE_PATH];

	blob_path(s, sha, path, sizeof path);
	if (path[0] == '\0') {
		errno = EINVAL;
		return -1;
	}
	/* Do this for an existing blob too: its writer may not have synced yet. */
	if (make_dirs(s, sha) != 0)
		return -1;
	return file_publish(fd, path);
}

int
blob_open(const struct settings *s, const char *sha)
{
	char path[INSTANCE_PATH];

	blob_path(s, sha, path, sizeof path);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

int
blob_remove(const struct settings *s, const char *sha)
{
	char path[INSTANCE_PATH];

	blob_path(s, sha, path, sizeof path);
	return unlink(path) == 0 || errno == ENOENT ? 0 : -1;
}

int
blob_store(const struct settings *s, int fd, char sha[SHA256_HEX], uint64_t *size)
{
	return crypt_sha256_file(fd, sha, size) == 0 && blob_put(s, fd, sha) == 0 ? 0 : -1;
}

struct walk {
	int (*each)(void *ctx, const char *sha, uint64_t bytes, int64_t age);
	void *ctx;
	int64_t now;   /* seconds */
	int64_t since; /* seconds; older folders are left out */
};

static int
visit_file(struct walk *w, int dir, const char *name)
{
	struct stat st;

	if (!crypt_is_sha256_hex(name) || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	return w->each(w->ctx, name, (uint64_t)st.st_size, w->now - (int64_t)st.st_mtime);
}

/* Walks the folder name in parent, which is depth levels above the folders of files. Returns what
 * each() returned last, or -1 with errno set. */
static int
visit_dir(struct walk *w, int parent, const char *name, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), rc = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	struct stat st;

	if (d == NULL) {
		file_close(&fd);
		return -1;
	}
	if (depth == 0 && w->since > 0 && fstat(dirfd(d), &st) == 0 &&
	    (int64_t)st.st_mtime < w->since) {
		(void)closedir(d);
		return 0;
	}
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (depth == 0)
			rc = visit_file(w, dirfd(d), e->d_name);
		else if (strlen(e->d_name) == 2 && ascii_only(e->d_name, ASCII_HEX_LOWER))
			rc = visit_dir(w, dirfd(d), e->d_name, depth - 1);
	}
	(void)closedir(d);
	return rc;
}

int
blob_each(const struct settings *s,
    int (*each)(void *ctx, const char *sha, uint64_t bytes, int64_t age), void *ctx)
{
	return blob_each_new(s, 0, each, ctx);
}

int
blob_each_new(const struct settings *s, int64_t since,
    int (*each)(void *ctx, const char *sha, uint64_t bytes, int64_t age), void *ctx)
{
	struct walk w = { each, ctx, clock_now() / 1000000, since };
	char path[INSTANCE_PATH];

	settings_path(s, "media", path, sizeof path);
	return visit_dir(&w, AT_FDCWD, path, 2);
}
