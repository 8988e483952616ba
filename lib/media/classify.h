/*
 * classify: what a medium really is (SPEC 3.3: "the bytes are of that kind").
 */
#ifndef SM_CLASSIFY_H
#define SM_CLASSIFY_H

#include <stdbool.h>

#include "model/media.h"

/* Sets *found to the format of the file open for reading at fd; its offset is neither used nor
 * moved. Our own sniffer is asked first and its word stands; libmagic is asked about what it does
 * not know. FORMAT_NONE for all else. False, with *found FORMAT_NONE, when nobody could look: the
 * file cannot be read, libmagic cannot be started, memory is short (logged). That is no fault of
 * the file. Any thread may call; each keeps a libmagic handle of its own until it ends. */
bool classify_fd(int fd, enum format *found) __attribute__((warn_unused_result));

/* The format that a MIME type as libmagic names it stands for: media.def's
 * names and libmagic's other ones. Case does not matter. FORMAT_NONE for the
 * rest. */
enum format classify_mime(const char *mime);

#endif
