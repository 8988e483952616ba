/*
 * media_magic: tells the format of a medium from its first bytes.
 *
 * It knows every format of media.def and no other. What is not certain is FORMAT_NONE; whether a
 * file is whole is for the decoder to find out. savemms-media(7) has the rules under Objects,
 * Formats (media) and Nested files (the MPEG kinds).
 */
#ifndef SM_MEDIA_MAGIC_H
#define SM_MEDIA_MAGIC_H

#include <stddef.h>
#include <stdint.h>

#include "model/media.h"

enum { SNIFF_HEAD = 4096 }; /* the most bytes that media_magic() can use, ID3v2 tags aside */

/* Returns the format of a file of size bytes that starts with the n bytes at head. For an MP3
 * file whose ID3v2 tag reaches beyond head, or a QuickTime file whose first atom does, the
 * answer may be FORMAT_NONE or less certain; that of media_magic_fd() is not. */
enum format media_magic(const unsigned char *head, size_t n, uint64_t size);

/* Returns the format of the file open for reading at fd; the file's offset is neither used nor
 * moved. Reads the head and, behind tags or atoms, a few more pieces. Returns FORMAT_NONE for a
 * file that cannot be read. */
enum format media_magic_fd(int fd);

#endif
