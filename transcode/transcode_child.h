/*
 * transcode_child: what runs inside the process that is forked for one medium.
 *
 * medium_job.c forks this process. When image_run(), av_run() or identify_run() is called, it leads
 * its own session and process group (the parent kills the whole group at the deadline or when the
 * job is cancelled), is no longer root, has the limits CPU, CORE and NOFILE of the request, and is
 * caged.
 *
 * av_run() and identify_run() run in CAGE_DECODE with their memory limit; they open and start
 * nothing. image_run() runs in CAGE_SUPERVISE: it may run programs from /usr, but it can read
 * nothing else and can make neither files nor sockets. Its memory (RLIMIT_AS) is not limited yet,
 * because each decoder sets its own limit with a tighter cage. The only files at hand are the given
 * descriptors; temporary bytes go into memory files (child_memfile()).
 */
#ifndef SM_TRANSCODE_CHILD_H
#define SM_TRANSCODE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "media/transcode.h"
#include "transcode/cage/cage.h"
#include "transcode/medium_job.h"

/* The largest rendition of audio or video in bytes, far above any budget. It is the child's
 * RLIMIT_FSIZE and the limit to which a rendition may grow in memory. */
enum { AV_FILE_MOST = 64 << 20 };

/* One run of an outside program. */
struct program {
	const char *const *argv; /* argv[0] is the full path */
	const int *fds;          /* becomes 0, 1, 2, ... of the program; -1: /dev/null */
	size_t nfds;             /* at least 3 */
	const struct cage *cage; /* entered when the descriptors have the program's numbers; its
	                            rules by descriptor name those */
};

#endif
