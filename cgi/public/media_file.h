/*
 * media_file: serves renditions by URL, /media/<sha256>.<ext>.
 */
#ifndef SM_MEDIA_FILE_H
#define SM_MEDIA_FILE_H

#include "cgi/app.h"

/* Turns the answer into the blob sha of format f, with headers under which nothing in the blob
 * can run and objects are downloaded. name is the file name for saving; it must be ASCII and
 * chosen by this program. Returns false with errno set, and leaves the answer unchanged, when the
 * blob cannot be opened: ENOENT stands for a blob that is gone, anything else is our fault. */
bool answer_medium(struct answer *answer, const struct settings *s, const char *sha, enum format f,
    const char *name);

/* Sets the same headers for a body that is not a blob; etag identifies the body. */
void answer_medium_headers(struct answer *answer, enum format f, const char *etag,
    const char *name);

#endif
