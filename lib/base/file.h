/*
 * file: files and folders, written so that what is named is whole.
 *
 * Functions return 0 or a value >= 0 when done and -1 with errno set when not.
 */
#ifndef SM_FILE_H
#define SM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

/* Writes all n bytes, going on after EINTR and short writes. */
int file_write(int fd, const void *p, size_t n) __attribute__((warn_unused_result));

/* Reads at most n bytes at offset off, less only at the end of the file. */
ssize_t file_pread(int fd, void *p, size_t n, uint64_t off) __attribute__((warn_unused_result));

/* The whole file as text in the arena, at most cap bytes (EFBIG above). NULL
 * when it cannot be read. *n, if not NULL, gets its length. */
char *file_slurp(struct arena *a, const char *path, size_t cap, size_t *n)
    __attribute__((warn_unused_result));

/* Makes the folder and those above it, mode 0700. Existing ones are fine. */
int file_mkdirs(const char *path) __attribute__((warn_unused_result));

/* fsync of a folder, so that names made in it survive a power cut. */
int file_sync_dir(const char *path) __attribute__((warn_unused_result));

/* A nameless file in folder dir, open for reading and writing, mode 0600, that
 * vanishes with its last descriptor; file_publish() can give it a name. On a
 * file system without O_TMPFILE a named one is made and unlinked at once, and
 * file_publish() copies. */
int file_temp(const char *dir) __attribute__((warn_unused_result));

/* Gives the bytes behind fd (made by file_temp(), all written) the name path,
 * mode 0600: fsync, link, fsync of the folder. An existing path is success and
 * stays as it is: names here stand for content. */
int file_publish(int fd, const char *path) __attribute__((warn_unused_result));

/* Replaces path with n bytes at p, whole or not at all: temporary name beside
 * it, fsync, rename, fsync of the folder. */
int file_replace(const char *path, const void *p, size_t n) __attribute__((warn_unused_result));

/* The size in bytes of the open file. */
int64_t file_size(int fd) __attribute__((warn_unused_result));

/* How many bytes an ordinary user may still write in dir; UINT64_MAX if unknown. */
uint64_t file_disk_free(const char *dir) __attribute__((warn_unused_result));

/* Closes every descriptor from first on. Allocates nothing: fit for the time
 * between fork and exec. */
int file_close_from(int first) __attribute__((warn_unused_result));

/* Closes *fd if it is open and sets it to -1; keeps errno. */
void file_close(int *fd);

#endif
