/* blob_upload: see blob_upload.h. Two uploads at the same moment may both be refused, when only one
 * has room; they are never both taken. */
#include "blob/blob_upload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/crypt.h"
#include "base/file.h"
#include "blob/blob.h"
#include "model/settings.h"

enum {
	LEAST = 4096, /* what a file takes on disk at least */
	TRIES = 10,
	NUMBER = 24 /* an account's id as a text */
};

static void
number_of(uint64_t account, char out[NUMBER])
{
	(void)snprintf(out, NUMBER, "%" PRIu64, account);
}

static void
folder_of(const struct settings *s, uint64_t account, char out[INSTANCE_PATH])
{
	char name[64];

	(void)snprintf(name, sizeof name, "media/upload/%" PRIu64, account);
	settings_path(s, name, out, INSTANCE_PATH);
}

/* Writes the path of a note, or "" when sha is no name of a blob. */
static void
note_of(const struct settings *s, uint64_t account, const char *sha, char out[INSTANCE_PATH])
{
	char name[64 + SHA256_HEX];

	out[0] = '\0';
	if (!crypt_is_sha256_hex(sha))
		return;
	(void)snprintf(name, sizeof name, "media/upload/%" PRIu64 "/%s", account, sha);
	settings_path(s, name, out, INSTANCE_PATH);
}

/* --- the note found by its blob --------------------------------------------------------------- */

/* Writes the path of the folder by/SHA, or with an account that of its file there. sha is the name
 * of a blob. */
static void
by_of(const struct settings *s, const char *sha, const char *account, char out[INSTANCE_PATH])
{
	char name[128 + SHA256_HEX];

	(void)snprintf(name, sizeof name, "media/upload/by/%s%s%s", sha,
	    account[0] != '\0' ? "/" : "", account);
	settings_path(s, name, out, INSTANCE_PATH);
}

/* Makes the account's file. Another account that forgets its own may remove the folder before it is
 * made. */
static int
add_by(const struct settings *s, const char *sha, const char *account)
{
	char dir[INSTANCE_PATH], path[INSTANCE_PATH];
	int fd = -1;

	by_of(s, sha, "", dir);
	by_of(s, sha, account, path);
	for (int i = 0; fd < 0 && i < TRIES; i++) {
		if (file_mkdirs(dir) != 0)
			return -1;
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 && errno != ENOENT)
			return -1;
	}
	if (fd < 0)
		return -1;
	file_close(&fd);
	return 0;
}

/* Removes the account's file, and the folder unless it has another one. It comes before the note
 * goes, so that a process that dies leaves a note, which expires, and nothing else. */
static void
remove_by(const struct settings *s, const char *sha, const char *account)
{
	char path[INSTANCE_PATH];

	by_of(s, sha, account, path);
	(void)unlink(path);
	by_of(s, sha, "", path);
	(void)rmdir(path);
}

/* --- the notes of an account ------------------------------------------------------------------ */

/* Calls each(ctx, folder, name) for what is in the folder. Returns 0, or -1 with errno set. */
static int
each_entry(const char *path, void (*each)(void *ctx, int dir, const char *name), void *ctx)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		return -1;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			each(ctx, dirfd(d), e->d_name);
	(void)closedir(d);
	return 0;
}

static void
add_size(void *ctx, int dir, const char *name)
{
	uint64_t *sum = ctx;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		*sum += st.st_size > LEAST ? (uint64_t)st.st_size : LEAST;
}

int
blob_upload_note(const struct settings *s, uint64_t account, const char *sha, uint64_t bytes,
    uint64_t most)
{
	char dir[INSTANCE_PATH], path[INSTANCE_PATH], number[NUMBER];
	uint64_t sum = 0;
	int fd, rc, keep;

	number_of(account, number);
	folder_of(s, account, dir);
	note_of(s, account, sha, path);
	if (file_mkdirs(dir) != 0)
		return -1;
	if (utimensat(AT_FDCWD, path, NULL, 0) == 0)
		return add_by(s, sha, number); /* which a process that died may have left out */
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) < 0)
		return -1;
	rc = ftruncate(fd, (off_t)bytes);
	file_close(&fd);
	if (rc == 0)
		rc = each_entry(dir, add_size, &sum);
	if (rc == 0 && sum > most) {
		errno = EDQUOT;
		rc = -1;
	}
	if (rc == 0)
		rc = add_by(s, sha, number);
	if (rc == 0)
		return 0;
	keep = errno;
	remove_by(s, sha, number);
	(void)unlink(path);
	errno = keep;
	return -1;
}

void
blob_upload_use(const struct settings *s, uint64_t account, const char *sha)
{
	char path[INSTANCE_PATH];

	note_of(s, account, sha, path);
	if (utimensat(AT_FDCWD, path, NULL, 0) != 0)
		return;
	blob_path(s, sha, path, sizeof path);
	(void)utimensat(AT_FDCWD, path, NULL, 0); /* it was opened a moment ago */
}

void
blob_upload_forget(const struct settings *s, uint64_t account, const char *sha)
{
	char path[INSTANCE_PATH], number[NUMBER];

	note_of(s, account, sha, path);
	if (path[0] == '\0')
		return;
	number_of(account, number);
	remove_by(s, sha, number);
	(void)unlink(path); /* a note that stays expires */
}

int
blob_upload_noted(const struct settings *s, const char *sha)
{
	char path[INSTANCE_PATH];
	struct stat st;

	if (!crypt_is_sha256_hex(sha))
		return 0;
	by_of(s, sha, "", path);
	if (stat(path, &st) == 0)
		return 1;
	return errno == ENOENT ? 0 : -1;
}

struct expiry {
	int64_t before; /* seconds since 1970 */
	void (*each)(void *ctx, const char *sha, uint64_t bytes);
	void *ctx;
	const struct settings *s;
	const char *top, *account;
};

static void
expire_note(void *ctx, int dir, const char *name)
{
	const struct expiry *e = ctx;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || (int64_t)st.st_mtime > e->before)
		return;
	if (crypt_is_sha256_hex(name))
		remove_by(e->s, name, e->account);
	if (unlinkat(dir, name, 0) == 0 && crypt_is_sha256_hex(name))
		e->each(e->ctx, name, (uint64_t)st.st_size);
}

static void
expire_account(void *ctx, int dir, const char *name)
{
	struct expiry *e = ctx;
	char path[INSTANCE_PATH];

	(void)dir;
	e->account = name;
	if (ascii_only(name, ASCII_DIGITS) &&
	    snprintf(path, sizeof path, "%s/%s", e->top, name) < (int)sizeof path)
		(void)each_entry(path, expire_note, e);
}

int
blob_upload_expire(const struct settings *s, int64_t seconds,
    void (*each)(void *ctx, const char *sha, uint64_t bytes), void *ctx)
{
	struct expiry e = { clock_now() / 1000000 - seconds, each, ctx, s, NULL, "" };
	char top[INSTANCE_PATH];

	settings_path(s, "media/upload", top, sizeof top);
	e.top = top;
	return each_entry(top, expire_account, &e) == 0 || errno == ENOENT ? 0 : -1;
}
