/*
 * proc: starts another program with exactly what it may have.
 *
 * A program gets only the listed descriptors and the listed environment,
 * default signal handling and no blocked signals. No shell is involved. A
 * process with threads may call these functions.
 */
#ifndef SM_PROC_H
#define SM_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PROC_FDS = 16 }; /* most descriptors handed over */

struct proc {
	const char *const *argv; /* argv[0] is the path, used as it is; NULL ends it */
	const char *const *envp; /* "NAME=value"; NULL ends it */
	const int *fds;          /* fds[i] becomes descriptor i; -1: /dev/null */
	size_t nfds;             /* at least 3, at most PROC_FDS */
	int program;             /* descriptor of the program; 0: what argv[0] leads to */
	bool session;            /* a session and process group of its own */
	bool detach;             /* start a grandchild, which nobody has to wait for */
	/* Runs last in the new process, right before the program. A result other than 0 is
	 * an errno and stops the start. NULL: none. If the parent has threads, it must be
	 * async-signal-safe. */
	int (*prepare)(void *ctx);
	void *ctx;
};

/* Starts a program. Returns its process id, or 0 when it is detached, or -1 with errno set
 * when it could not be started. This includes a failure of execve() or prepare(), which leaves
 * no child behind. The caller waits for a child that is not detached. The given descriptors
 * stay open in the caller. */
pid_t proc_start(const struct proc *p) __attribute__((warn_unused_result));

/* Runs fn(ctx) in a child process and returns its wait status: the child exits with what fn()
 * returned. Nothing that it changes in memory is seen here, except in shared memory. Returns -1
 * with errno set when no child can be made. For a process without threads. */
int proc_call(int (*fn)(void *ctx), void *ctx) __attribute__((warn_unused_result));

/* Waits for a child, and continues after EINTR. Returns its wait status, or -1 with errno
 * set. */
int proc_wait(pid_t pid);

/* Returns true if the child has ended; its exit status is then lost. Also returns true if pid
 * is not a child of this process. It never waits. */
bool proc_ended(pid_t pid);

#endif
