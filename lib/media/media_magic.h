/*
 * media_magic: what a medium's first bytes say it is.
 *
 * Knows every format of media.def and nothing else: what is not certain is
 * FORMAT_NONE, and whether a file is whole is the decoder's to say. Rules and
 * their sources: MEDIA.md 2.6 (objects), 3.3 (media), 5.3 (the MPEG kinds).
 */
#ifndef SM_MEDIA_MAGIC_H
#define SM_MEDIA_MAGIC_H

#include <stddef.h>
#include <stdint.h>

#include "model/media.h"

enum { SNIFF_HEAD = 4096 }; /* as many bytes as media_magic() ever has a use for but for ID3v2 */

/* The format of a file of size bytes that starts with the n bytes at head.
 * An MP3 file whose ID3v2 tag reaches beyond head, or a QuickTime file whose
 * first atom does, may be FORMAT_NONE or less certain: media_magic_fd() is not so. */
enum format media_magic(const unsigned char *head, size_t n, uint64_t size);

/* The format of the file open for reading at fd; its offset is neither used
 * nor moved. Reads the head and, behind tags or atoms, a few pieces more. A
 * file that cannot be read is FORMAT_NONE. */
enum format media_magic_fd(int fd);

#endif
