/*
 * classify: tells what a medium really is from its bytes (savemms-api(7), Media types).
 */
#ifndef SM_CLASSIFY_H
#define SM_CLASSIFY_H

#include <stdbool.h>

#include "model/media.h"

/* Sets *found to the format of the file open for reading at fd, FORMAT_NONE when it is not one
 * we know; the file's offset is neither used nor moved. media_magic_fd() is asked first and its
 * answer stands; libmagic is asked about what that does not know. Returns false, with *found
 * FORMAT_NONE, when the file could not be examined: it cannot be read, libmagic cannot be
 * started, or memory is short (logged). That is no fault of the file. Any thread may call; each
 * keeps a libmagic handle of its own until it ends. */
bool classify_fd(int fd, enum format *found) __attribute__((warn_unused_result));

/* Tells whether this thread has libmagic with its file; if not, the log says why. */
bool classify_ready(void);

/* Returns the format that a MIME type from libmagic stands for: one of media.def's names or of
 * libmagic's other ones, in any case. Returns FORMAT_NONE for all others. */
enum format classify_mime(const char *mime);

#endif
