/* tree: see tree.h */
#include "admin/backup/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { OPEN_FOLDERS = 16 };

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)what;
	(void)ftw;
	return remove(path);
}

int
tree_remove(const char *path)
{
	if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 ||
	    errno == ENOENT)
		return 0;
	return -1;
}

static int
copy_bytes(int from, int to, char sha[SHA256_HEX], uint64_t *bytes)
{
	unsigned char block[65536];
	uint64_t most = *bytes;
	struct sha256 h;
	ssize_t n;

	crypt_sha256_start(&h);
	for (*bytes = 0; (n = file_pread(from, block, sizeof block, *bytes)) > 0;
	     *bytes += (uint64_t)n) {
		if ((uint64_t)n > most - *bytes) {
			errno = EFBIG;
			return -1;
		}
		crypt_sha256_add(&h, block, (size_t)n);
		if (file_write(to, block, (size_t)n) != 0)
			return -1;
	}
	crypt_sha256_end(&h, sha);
	return n < 0 ? -1 : 0;
}

int
tree_copy(const char *from, const char *to, char sha[SHA256_HEX], uint64_t *bytes)
{
	int in = file_open_regular(from, O_NOFOLLOW), out, rc, keep;

	if (in < 0)
		return -1;
	if ((out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0) {
		file_close(&in);
		return -1;
	}
	rc = copy_bytes(in, out, sha, bytes);
	file_close(&in);
	file_close(&out);
	if (rc != 0) {
		keep = errno;
		(void)unlink(to);
		errno = keep;
	}
	return rc;
}

int
tree_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return -1;
	rc = syncfs(fd);
	file_close(&fd);
	return rc;
}

int
tree_each(const char *path, int (*each)(void *ctx, const char *name), void *ctx)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int rc = 0, keep;

	if (d == NULL)
		return -1;
	for (errno = 0; rc == 0 && (e = readdir(d)) != NULL; errno = 0)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = each(ctx, e->d_name);
	if (rc == 0 && errno != 0)
		rc = -1;
	keep = errno;
	(void)closedir(d);
	errno = keep;
	return rc;
}
