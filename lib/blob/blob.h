/*
 * blob: immutable bytes named by their SHA-256, as files in DIR/media.
 *
 * A blob is on disk before the record that names it is committed. A writer
 * holds blob_shared() from putting or finding blobs until it has committed the
 * record. A process that removes blobs holds blob_exclusive() from the moment
 * it learns that nothing refers to them. So a blob that a writer has found
 * cannot vanish before its record exists. Functions return 0, or -1 with errno
 * set, unless their comment says otherwise.
 */
#ifndef SM_BLOB_H
#define SM_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypt.h"

struct settings;

/* Makes DIR/media and DIR/media/tmp. */
int blob_init(const struct settings *s);

/* These wait for a lock, for BLOB_LOCK_US microseconds at most (as for the store,
 * KV_LOCK_WAIT_US), and return its descriptor, or -1 with errno set: EWOULDBLOCK if others hold it
 * for so long, and the caller answers 503. file_close() releases the lock. */
enum { BLOB_LOCK_US = 10 * 1000000 };
int blob_shared(const struct settings *s) __attribute__((warn_unused_result));
int blob_exclusive(const struct settings *s) __attribute__((warn_unused_result));

/* Opens a file without a name in which to write a new blob. Returns its descriptor, which the
 * caller closes, or -1 with errno set. */
int blob_temp(const struct settings *s) __attribute__((warn_unused_result));

/* Writes the folder of blob_temp(), for transcode_start(), to out, which has size bytes. Writes
 * "" when it does not fit. */
void blob_temp_dir(const struct settings *s, char *out, size_t size);

/* Makes the bytes of fd, which blob_temp() opened, the blob sha. They are on disk when it
 * returns. A blob that exists already stays. The caller still closes fd. */
int blob_put(const struct settings *s, int fd, const char sha[SHA256_HEX])
    __attribute__((warn_unused_result));

/* Does the same for bytes whose SHA-256 is not known yet. Sets their SHA-256 and size. */
int blob_store(const struct settings *s, int fd, char sha[SHA256_HEX], uint64_t *size)
    __attribute__((warn_unused_result));

/* Opens a blob for reading. Returns its descriptor, which the caller closes, or -1 with errno
 * set. */
int blob_open(const struct settings *s, const char *sha) __attribute__((warn_unused_result));

/* Removes a blob. A missing blob is no error. */
int blob_remove(const struct settings *s, const char *sha);

/* Writes the path of a blob to out, which has size bytes. Writes "" when sha is not 64 lower-case
 * hex digits. */
void blob_path(const struct settings *s, const char *sha, char *out, size_t size);

/* Puts the blob into another instance's folder. A blob that exists there stays. If may_link is
 * true and a link can be made, it links the same file; else it copies and hashes the bytes. Fails
 * with EBADMSG when they do not match the blob's name. It does not sync; the caller syncs
 * everything at once. */
int blob_copy(const struct settings *from, const struct settings *to, const char *sha,
    bool may_link) __attribute__((warn_unused_result));

/* Calls each(ctx, sha, bytes, age in seconds) for every blob. When each() returns other than 0,
 * stops and returns that. Returns -1 with errno set when the folder cannot be read. */
int blob_each(const struct settings *s,
    int (*each)(void *ctx, const char *sha, uint64_t bytes, int64_t age), void *ctx);

/* Does the same, but only in folders to which blobs were added or from which they were removed
 * since the time since, in seconds since 1970. The walk is short, however many blobs there
 * are. */
int blob_each_new(const struct settings *s, int64_t since,
    int (*each)(void *ctx, const char *sha, uint64_t bytes, int64_t age), void *ctx);

#endif
