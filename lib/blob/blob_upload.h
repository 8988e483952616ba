/*
 * blob_upload: remembers which account has uploaded a blob that nothing refers to yet.
 *
 * Each upload has a note, the file media/upload/ACCOUNT/SHA, whose size is that of the blob (it is
 * sparse, so it takes no room) and whose time is that of the last use. The sum of an account's
 * notes is what counts against its quota; the notes expire, and then the blob may go. A note is
 * also found by its blob: the folder media/upload/by/SHA exists as long as any account has one, and
 * holds an empty file for each of them.
 */
#ifndef SM_BLOB_UPLOAD_H
#define SM_BLOB_UPLOAD_H

#include <stdint.h>

struct settings;

/* Notes an upload of the account before the blob is stored. Noting it again only renews the note.
 * Returns 0, or -1 with errno set: EDQUOT when the account would then have more than most bytes, of
 * which each upload counts 4096 at least; nothing is noted then. */
int blob_upload_note(const struct settings *s, uint64_t account, const char *sha, uint64_t bytes,
    uint64_t most) __attribute__((warn_unused_result));

/* Renews the note, if there is one, and the blob's time: it is in use. */
void blob_upload_use(const struct settings *s, uint64_t account, const char *sha);

/* Removes the note: something refers to the blob, or nobody needs it any more. */
void blob_upload_forget(const struct settings *s, uint64_t account, const char *sha);

/* Tells whether any account has a note of this blob, by one look, however many accounts there are.
 * Returns 1 or 0, or -1 with errno set when that cannot be told. */
int blob_upload_noted(const struct settings *s, const char *sha)
    __attribute__((warn_unused_result));

/* Removes the notes that were not used for some seconds, and calls each(ctx, sha, bytes) for each
 * of them. Returns 0, or -1 with errno set when the folder cannot be read. */
int blob_upload_expire(const struct settings *s, int64_t seconds,
    void (*each)(void *ctx, const char *sha, uint64_t bytes), void *ctx);

#endif
