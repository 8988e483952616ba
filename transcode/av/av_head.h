/*
 * av_head: finds how large a file was when it was whole.
 */
#ifndef SM_AV_HEAD_H
#define SM_AV_HEAD_H

#include "transcode/av/av_plan.h"

/* Returns the size in bytes that a file of format f declares in its first n bytes; 0 when it
 * declares none. */
uint64_t head_size(enum format f, const unsigned char *head, size_t n);

#endif
