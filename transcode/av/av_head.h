/*
 * av_head: finds how large a file was when it was whole.
 */
#ifndef SM_AV_HEAD_H
#define SM_AV_HEAD_H

#include "transcode/av/av_plan.h"

/* Returns the size in bytes that a file of format f declares in its first n bytes; 0 when it
 * declares none. */
uint64_t head_size(enum format f, const unsigned char *head, size_t n);

/* Returns how many bytes are missing at the end of the MP4, MOV or 3GP file of size bytes at fd, if
 * what was cut is nothing but names, places and other facts behind the tracks in its index (moov;
 * ISO 14496-12, 8.2), which phones and cameras write last, and at most 64 KB; else 0. Zeros in
 * their place are good enough for libavformat, which refuses some files that lack them. */
int64_t tail_missing(int fd, int64_t size);

/* Returns the size of the AMR file of size bytes at fd without the zeros at its end, which some
 * transfers leave in place of a frame or behind the last. A frame may end in some, so that fewer
 * than the largest frame (RFC 4867, 5.3) has are left where they are. */
int64_t size_before_zeros(int fd, int64_t size);

#endif
