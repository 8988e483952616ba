/*
 * file: files and folders, written so that a file with a name is always whole.
 *
 * Functions that return a number return 0 or more on success, and -1 with errno set on failure.
 */
#ifndef SM_FILE_H
#define SM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

/* Writes all n bytes, and continues after EINTR and short writes. */
int file_write(int fd, const void *p, size_t n) __attribute__((warn_unused_result));

/* Reads n bytes at offset off, fewer only at the end of the file. Returns how many it read. */
ssize_t file_pread(int fd, void *p, size_t n, uint64_t off) __attribute__((warn_unused_result));

/* Opens a regular file for reading. flags may be O_NOFOLLOW. Never waits for the writer of a FIFO.
 * Returns the descriptor; fails with EINVAL for anything but a regular file. */
int file_open_regular(const char *path, int flags) __attribute__((warn_unused_result));

/* Reads a whole regular file of at most cap bytes into the arena and adds a NUL. Sets *n to its
 * length if n is not NULL. Returns NULL when it cannot be read or memory is short; errno is
 * EFBIG for a larger file. */
char *file_slurp(struct arena *a, const char *path, size_t cap, size_t *n)
    __attribute__((warn_unused_result));

/* Makes the folder and the missing ones above it, with mode 0700. A folder that exists is no
 * error. */
int file_mkdirs(const char *path) __attribute__((warn_unused_result));

/* Calls fsync() on a folder, so that names made in it survive a power cut. */
int file_sync_dir(const char *path) __attribute__((warn_unused_result));

/* Opens a file without a name in folder dir for reading and writing, with mode 0600. It
 * vanishes with its last descriptor unless file_publish() gives it a name. On a file system
 * without O_TMPFILE this function makes a named file and unlinks it at once, and
 * file_publish() copies it. The caller closes the descriptor. */
int file_temp(const char *dir) __attribute__((warn_unused_result));

/* Gives the file fd, which file_temp() made and which is fully written, the name path with
 * mode 0600: fsync, link, fsync of the folder. A path that exists stays as it is, and the
 * call succeeds: names here stand for content. The caller still closes fd. */
int file_publish(int fd, const char *path) __attribute__((warn_unused_result));

/* Replaces the file path with n bytes at p, whole or not at all: it writes a temporary file
 * beside it, then fsync, rename, and fsync of the folder. */
int file_replace(const char *path, const void *p, size_t n) __attribute__((warn_unused_result));

/* Returns the size of an open file in bytes. */
int64_t file_size(int fd) __attribute__((warn_unused_result));

/* Returns how many bytes an ordinary user may still write in dir, or UINT64_MAX if that is
 * unknown. */
uint64_t file_disk_free(const char *dir) __attribute__((warn_unused_result));

/* Closes every descriptor from first on. It allocates nothing, so it may run between fork
 * and exec. */
int file_close_from(int first) __attribute__((warn_unused_result));

enum { FILE_ROOM_MAX = 64 };
/* Checks by copies of fd, an open descriptor, that n more, up to FILE_ROOM_MAX, can be open at a
 * time (ulimit -n). Returns 0, or -1 with errno. */
int file_room(int fd, int n) __attribute__((warn_unused_result));

/* Closes *fd if it is open and sets it to -1. It keeps errno. */
void file_close(int *fd);

/* --- locks: flock(2) with a deadline. A blocking one ends only when the holder lets go, and a
 * holder that is stopped never does; so these poll, with short sleeps. --- */

/* Takes the lock (how: LOCK_SH or LOCK_EX) if nobody keeps it from us. Returns 0, or -1 with errno
 * set, which is EWOULDBLOCK if somebody does. */
int file_lock_try(int fd, int how) __attribute__((warn_unused_result));

/* Takes the lock, trying again until the deadline (clock_mono()), and calls done(ctx), if done is
 * not NULL, between tries. Returns 0 when it has the lock, 1 when done() returned true, and -1
 * with errno set, which is EWOULDBLOCK when the deadline has passed. */
int file_lock_wait(int fd, int how, int64_t deadline, bool (*done)(void *ctx), void *ctx)
    __attribute__((warn_unused_result));

/* Sleeps for us microseconds, or less if a signal arrives. */
void file_lock_sleep(long us);

#endif
