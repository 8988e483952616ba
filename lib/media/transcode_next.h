/*
 * transcode_next: waits for what the transcoder says.
 */
#ifndef SM_TRANSCODE_NEXT_H
#define SM_TRANSCODE_NEXT_H

#include <stdint.h>
#include <sys/types.h>

#include "media/transcode.h"

/* Waits for the next message, at most until the deadline (clock_mono()), and reads it into *res.
 * Returns its length, 0 at the end of the socket or when that fails, -1 when time is up. */
ssize_t transcode_next(int fd, int64_t until, struct transcode_result *res);

#endif
