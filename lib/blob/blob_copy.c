/*
 * blob_copy: copies a blob to another folder of blobs; see blob.h. It hashes the bytes
 * while it copies, so a blob whose bytes have changed on disk is not passed on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "blob/blob.h"
#include "model/settings.h"

static int
copy_bytes(int from, int to, const char *sha, uint64_t most)
{
	unsigned char block[65536];
	char hex[SHA256_HEX];
	struct sha256 h;
	uint64_t off = 0;
	ssize_t n;

	crypt_sha256_start(&h);
	while ((n = file_pread(from, block, sizeof block, off)) > 0) {
		if ((uint64_t)n > most - off) {
			errno = EBADMSG;
			return -1;
		}
		crypt_sha256_add(&h, block, (size_t)n);
		if (file_write(to, block, (size_t)n) != 0)
			return -1;
		off += (uint64_t)n;
	}
	if (n < 0)
		return -1;
	crypt_sha256_end(&h, hex);
	if (strcmp(hex, sha) != 0) {
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

static int
copy(const struct settings *from, const char *sha, uint64_t most, const char *path)
{
	int in = blob_open(from, sha), out, rc = -1;

	if (in < 0)
		return -1;
	if ((out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) >= 0) {
		rc = copy_bytes(in, out, sha, most);
		if (rc != 0) {
			int keep = errno;

			(void)unlink(path);
			errno = keep;
		}
	}
	file_close(&out);
	file_close(&in);
	return rc;
}

int
blob_copy(const struct settings *from, const struct settings *to, const char *sha, uint64_t most,
    bool may_link)
{
	char source[INSTANCE_PATH], path[INSTANCE_PATH], dir[INSTANCE_PATH];

	blob_path(from, sha, source, sizeof source);
	blob_path(to, sha, path, sizeof path);
	if (source[0] == '\0' || path[0] == '\0') {
		errno = EINVAL;
		return -1;
	}
	(void)snprintf(dir, sizeof dir, "%.*s", (int)(strlen(path) - SHA256_HEX), path);
	if (access(path, F_OK) == 0)
		return 0;
	if (file_mkdirs(dir) != 0)
		return -1;
	/* If a link cannot be made, for whatever reason, a copy may still work. */
	if (may_link && link(source, path) == 0)
		return 0;
	return copy(from, sha, most, path);
}
