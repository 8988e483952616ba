/*
 * blob: immutable bytes named by their SHA-256, as files in DIR/media.
 *
 * A blob is on disk before a record that names it is committed. Between
 * putting blobs and committing the record a writer holds blob_shared(); who
 * removes blobs holds blob_exclusive() from the moment it learns that nothing
 * refers to them. So a blob that a writer found present cannot vanish before
 * its record is there. Functions return 0, or -1 with errno set.
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

/* A lock to hold; give it back with file_close(). -1: cannot be had. */
int blob_shared(const struct settings *s) __attribute__((warn_unused_result));
int blob_exclusive(const struct settings *s) __attribute__((warn_unused_result));

/* A nameless file to write a coming blob to. */
int blob_temp(const struct settings *s) __attribute__((warn_unused_result));

/* The folder of blob_temp(), for transcode_start(). */
void blob_temp_dir(const struct settings *s, char *out, size_t size);

/* Makes the bytes of fd (a blob_temp()) the blob sha; on disk when it returns.
 * A blob that is there already stays. */
int blob_put(const struct settings *s, int fd, const char sha[SHA256_HEX])
    __attribute__((warn_unused_result));

/* The same for bytes that have no name yet: sets their SHA-256 and size. */
int blob_store(const struct settings *s, int fd, char sha[SHA256_HEX], uint64_t *size)
    __attribute__((warn_unused_result));

/* Opens a blob for reading. */
int blob_open(const struct settings *s, const char *sha) __attribute__((warn_unused_result));

/* Removes a blob; one that is not there is fine. */
int blob_remove(const struct settings *s, const char *sha);

/* The path of a blob. "" when sha is not 64 hex digits. */
void blob_path(const struct settings *s, const char *sha, char *out, size_t size);

/* Gives the blob to another instance's folder, where one that is there stays. A link
 * to the same file if may_link and that can be had, else a copy, whose bytes are
 * hashed on the way: EBADMSG when they are not what its name says. Not synced; the
 * caller syncs all of it. */
int blob_copy(const struct settings *from, const struct settings *to, const char *sha,
    bool may_link) __attribute__((warn_unused_result));

/* Calls each(ctx, sha, bytes, age in seconds) for every blob; stops when it
 * returns other than 0 and returns that; -1 when the folder cannot be read. */
int blob_each(const struct settings *s,
    int (*each)(void *ctx, const char *sha, uint64_t bytes, int64_t age), void *ctx);

/* The same, but only in the folders that blobs were put in or removed from since then
 * (seconds since 1970 of the clock): a short walk, however many blobs there are. */
int blob_each_new(const struct settings *s, int64_t since,
    int (*each)(void *ctx, const char *sha, uint64_t bytes, int64_t age), void *ctx);

#endif
