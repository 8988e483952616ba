/*
 * classify: what a medium really is (SPEC 3.3: "the bytes are of that kind").
 */
#ifndef SM_CLASSIFY_H
#define SM_CLASSIFY_H

#include "media.h"

/* The format of the file open for reading at fd; its offset is neither used nor
 * moved. Our own sniffer is asked first and its word stands; libmagic is asked
 * about what it does not know. FORMAT_NONE for all else, for a file that cannot
 * be read, and when libmagic cannot be started (logged). Any thread may call;
 * each keeps a libmagic handle of its own until it ends. */
enum format classify_fd(int fd);

/* The format that a MIME type as libmagic names it stands for: media.def's
 * names and libmagic's other ones. Case does not matter. FORMAT_NONE for the
 * rest. */
enum format classify_mime(const char *mime);

#endif
