/*
 * child: functions that image and audio/video decoding share inside a job's process.
 */
#ifndef SM_CHILD_H
#define SM_CHILD_H

#include "transcode/transcode_child.h"

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
 * the fault of its input: TS_LIMIT. Signals that only come from outside give TS_KILLED: SIGKILL
 * from a kernel short of memory (the CPU limit sends SIGXCPU first: cage.c), SIGTERM from a service
 * manager that stops every process, or any signal that a person sent. */
enum transcode_status child_killed(int sig);

/* Starts a program in its cage and in this process group, with a minimal environment (PATH,
 * LANG=C.UTF-8, MALLOC_ARENA_MAX=2). Returns its process id, for which the caller waits with
 * proc_wait(), or -1 with errno when the program cannot be started. */
pid_t program_start(const struct program *p) __attribute__((warn_unused_result));

/* Starts a program as program_start() does and waits for it. Returns its wait status, or -1 with
 * errno. */
int program_run(const struct program *p) __attribute__((warn_unused_result));

#endif
