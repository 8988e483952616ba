/*
 * transcode_child: inside the process that is forked for one medium.
 *
 * transcode/main.c forks it. When image_run() or av_run() is called it is the
 * leader of its own session and process group (the parent kills the whole group
 * at the deadline or when the job is cancelled), is not root any more, has
 * the limits CPU, CORE and NOFILE of the request, and is caged. av_run() is in
 * CAGE_DECODE with its limit of memory: it opens nothing and starts nothing.
 * image_run() is in CAGE_SUPERVISE: it may run programs from /usr, reads nothing
 * else, makes no files and no sockets; memory (RLIMIT_AS) is not limited yet, as
 * each decoder sets its own with a tighter cage. Files at hand are the given
 * descriptors only; temporary bytes go into memory files (child_memfile()).
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

/* The most bytes of a rendition of audio or video, far over any budget: the child's RLIMIT_FSIZE,
 * and what a rendition may grow to in memory. */
enum { AV_FILE_MOST = 64 << 20 };

/*
 * Make the renditions of the medium of job *j, which is not changed. source is open
 * for reading; out[i] is the empty file of target i, open for writing (only write to
 * it: it may belong to another user and then cannot be opened again). req has been
 * checked by the caller: version, format, counts, budgets that do not fall. res
 * arrives zeroed with version set and out[i].same_as = i; the function sets status,
 * the source's facts, out[] and why. Return 0 when res is to be sent as the final
 * answer; anything else means that the process is to die without one. answer takes
 * TS_PROGRESS messages only (child_progress()).
 */
int image_run(const struct job_request *j, struct transcode_result *res);
int av_run(const struct job_request *j, struct transcode_result *res);

/* A session that draws pictures (personal/render_session.h): answers on the socket answer until the
 * other end closes it or its limits are reached. board is the file that texts and pictures
 * lie in. The exit status of the process; 0 when there is nothing to explain. */
int render_run(const struct transcode_request *req, int background, int board, int answer);

/* Adds to a cage the reading of what fontconfig and the fonts are in. */
bool render_allow_fonts(struct cage *c) __attribute__((warn_unused_result));

/* Sends a TS_PROGRESS message; a full socket or a gone reader is ignored. */
void child_progress(int answer, unsigned permille, unsigned left_ms);

/* Sets status and why, printf-like, and returns 0, so that a failing step can
 * end with "return child_fail(...)". */
int child_fail(struct transcode_result *res, enum transcode_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* An empty file in memory, close-on-exec, -1 with errno on failure. A program
 * can open it through /proc/self/fd/N when it is handed over as descriptor N. */
int child_memfile(const char *name) __attribute__((warn_unused_result));

/* Copies all of from (read from offset 0) to to (written at its position).
 * The number of bytes, or -1 with errno. */
int64_t child_copy(int from, int to) __attribute__((warn_unused_result));

/* Forks a process of this group that runs work(ctx) and exits with what it
 * returns. Its wait status, or -1 with errno. work() enters a tighter cage first. */
int child_part(int (*work)(void *ctx), void *ctx) __attribute__((warn_unused_result));

/* Whose fault it is that a process was ended by this signal: TS_LIMIT, its input's, for a crash
 * or a limit of its own; TS_BROKEN for all that only come from outside: SIGKILL of the kernel
 * short of memory (the CPU limit sends SIGXCPU first: cage.c), SIGTERM of a service manager that
 * stops every process there is, any of a person. */
enum transcode_status child_killed(int sig);

/* One run of an outside program. */
struct program {
	const char *const *argv; /* argv[0] is the full path */
	const int *fds;          /* becomes 0, 1, 2, ... of the program; -1: /dev/null */
	size_t nfds;             /* at least 3 */
	const struct cage *cage; /* entered when the descriptors have the program's numbers:
	                          * its rules by descriptor name those, not the caller's */
};

/* Starts a program in its cage, in this process group, with a minimal
 * environment (PATH, LANG=C.UTF-8, MALLOC_ARENA_MAX=2). -1 with errno when it
 * could not be started. The caller waits with proc_wait(). */
pid_t program_start(const struct program *p) __attribute__((warn_unused_result));

/* Starts it and waits: its wait status, or -1 with errno. */
int program_run(const struct program *p) __attribute__((warn_unused_result));

#endif
