/*
 * transcode_child: what runs inside the process that is forked for one medium.
 *
 * medium_job.c forks this process. When image_run() or av_run() is called, it leads its own
 * session and process group (the parent kills the whole group at the deadline or when the job is
 * cancelled), is no longer root, has the limits CPU, CORE and NOFILE of the request, and is caged.
 *
 * av_run() runs in CAGE_DECODE with its memory limit; it opens and starts nothing. image_run()
 * runs in CAGE_SUPERVISE: it may run programs from /usr, but it can read nothing else and can make
 * neither files nor sockets. Its memory (RLIMIT_AS) is not limited yet, because each decoder sets
 * its own limit with a tighter cage. The only files at hand are the given descriptors; temporary
 * bytes go into memory files (child_memfile()).
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

/*
 * Make the renditions of the medium of job *j, which they do not change. The source is open for
 * reading. out[i] is the empty file of target i, open for writing; it may belong to another user,
 * so it can be written but not opened again. The caller has checked req: version, format, counts,
 * and budgets that do not fall.
 *
 * The caller passes res zeroed, with version set and out[i].same_as = i; the function sets status,
 * the facts of the source, out[] and why. It returns 0 when res is to be sent as the final answer;
 * any other value means that the process must exit without an answer. While they run, the
 * functions send only TS_PROGRESS messages to answer (child_progress()).
 */
int image_run(const struct job_request *j, struct transcode_result *res);
int av_run(const struct job_request *j, struct transcode_result *res);

/* Runs a session that draws personal images (personal/render_session.h). It answers on the socket
 * answer until the other end closes the socket or the session reaches its limits. board is the file
 * that holds the texts and the images. Returns the exit status of the process; 0 means that nothing
 * needs an explanation. */
int render_run(const struct transcode_request *req, int background, int board, int answer);

/* Lets the cage read the fonts and the configuration of fontconfig. Returns false when the cage has
 * no room for more rules. */
bool render_allow_fonts(struct cage *c) __attribute__((warn_unused_result));

/* Sends a TS_PROGRESS message. The message is lost when the socket is full or its reader is
 * gone. */
void child_progress(int answer, unsigned permille, unsigned left_ms);

/* Sets status and why (printf-like) and returns 0, so that a failing step can end with "return
 * child_fail(...)". */
int child_fail(struct transcode_result *res, enum transcode_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Creates an empty close-on-exec file in memory. Returns its descriptor, which the caller closes,
 * or -1 with errno. A program that gets it as descriptor N can open it through /proc/self/fd/N. */
int child_memfile(const char *name) __attribute__((warn_unused_result));

/* Copies the whole file from, starting at offset 0, to the current position of to. Returns the
 * number of bytes, or -1 with errno. */
int64_t child_copy(int from, int to) __attribute__((warn_unused_result));

/* Forks a process in this group that runs work(ctx) and exits with the value it returns. work()
 * first enters a tighter cage. Waits for the process and returns its wait status, or -1 with
 * errno. */
int child_part(int (*work)(void *ctx), void *ctx) __attribute__((warn_unused_result));

/* Tells whose fault it is that this signal ended a process. A crash or the process's own limit is
 * the fault of its input: TS_LIMIT. Signals that only come from outside give TS_BROKEN: SIGKILL
 * from a kernel short of memory (the CPU limit sends SIGXCPU first: cage.c), SIGTERM from a service
 * manager that stops every process, or any signal that a person sent. */
enum transcode_status child_killed(int sig);

/* One run of an outside program. */
struct program {
	const char *const *argv; /* argv[0] is the full path */
	const int *fds;          /* becomes 0, 1, 2, ... of the program; -1: /dev/null */
	size_t nfds;             /* at least 3 */
	const struct cage *cage; /* entered when the descriptors have the program's numbers; its
	                            rules by descriptor name those */
};

/* Starts a program in its cage and in this process group, with a minimal environment (PATH,
 * LANG=C.UTF-8, MALLOC_ARENA_MAX=2). Returns its process id, for which the caller waits with
 * proc_wait(), or -1 with errno when the program cannot be started. */
pid_t program_start(const struct program *p) __attribute__((warn_unused_result));

/* Starts a program as program_start() does and waits for it. Returns its wait status, or -1 with
 * errno. */
int program_run(const struct program *p) __attribute__((warn_unused_result));

#endif
